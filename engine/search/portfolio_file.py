"""The shipped file of what configurations did on public tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.search.table_features import TableFeatures

Floats = NDArray[np.float64]

FILE = Path(__file__).parent / "portfolio.json"
UNIT = 1e-4  # of the products of errors in the file, which holds whole numbers


@dataclass(frozen=True, kw_only=True)
class KnownTable:
    """A table of the shipped file.

    `errors`: mean products of the errors of configurations [C, C], the baseline's being 1; NaN where one was not tried.
    `seconds`: what each took [C], the first LightGBM's being 1.
    """

    name: str
    features: TableFeatures
    errors: Floats
    seconds: Floats


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Configurations, as (family, point), and the tables on which they were tried."""

    configurations: tuple[tuple[str, Mapping[str, Any]], ...]
    tables: tuple[KnownTable, ...]


@cache
def shipped_portfolio() -> Portfolio:
    """Read the file that comes with the application."""
    return portfolio_from_json(json.loads(FILE.read_text(encoding="utf-8")))


def best_families() -> dict[str, str]:
    """Return the family of the best single configuration on each table of the shipped file, by name."""
    shipped = shipped_portfolio()
    return {table.name: shipped.configurations[int(np.nanargmin(np.diag(table.errors)))][0] for table in shipped.tables}


def portfolio_from_json(data: Mapping[str, Any]) -> Portfolio:
    """Rebuild a portfolio; of the products of errors the file holds the lower half, in 1/10,000."""
    configurations = tuple((family, point) for family, point in data["configurations"])
    lower = np.tril_indices(len(configurations))
    tables = []
    for table in data["tables"]:
        half = np.array([np.nan if value is None else value * UNIT for value in table["errors"]])
        errors = np.empty((len(configurations), len(configurations)))
        errors[lower] = half
        errors.T[lower] = half
        tables.append(
            KnownTable(
                name=table["name"],
                features=TableFeatures.from_json(table["features"]),
                errors=errors,
                seconds=np.array([np.nan if value is None else value for value in table["seconds"]]),
            )
        )
    return Portfolio(configurations=configurations, tables=tuple(tables))


def portfolio_to_json(portfolio: Portfolio) -> dict[str, Any]:
    """Return plain data that `portfolio_from_json` turns back into this portfolio."""
    lower = np.tril_indices(len(portfolio.configurations))
    tables = [
        {
            "name": table.name,
            "features": _short(table.features),
            "seconds": [None if np.isnan(value) else round(float(value), 2) for value in table.seconds],
            "errors": [None if np.isnan(value) else round(float(value) / UNIT) for value in table.errors[lower]],
        }
        for table in portfolio.tables
    ]
    return {"configurations": [[family, dict(point)] for family, point in portfolio.configurations], "tables": tables}


def _short(features: TableFeatures) -> dict[str, Any]:
    data = features.to_json()
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in data.items()}
