"""Labelled columns, as the SortingHat benchmark of ML-Data-Prep-Zoo (Apache-2.0) writes them: a row for each column."""

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.columns.kind_classes import CLASSES
from engine.table.columns.kind_facts import N_SAMPLES, ColumnFacts, first_samples
from engine.table.columns.kind_features import describe
from engine.table.columns.kind_names import hashed
from engine.table.columns.kinds import find_column
from engine.table.schema import Kind

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_STATISTICS = {"mean": "mean", "std": "std_dev", "minimum": "min_val", "maximum": "max_val"}
_MOST_ROWS = 400


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Columns with their classes. `files`: the source file of each; columns of one file must never be parted."""

    facts: tuple[ColumnFacts, ...]
    classes: NDArray[np.int64]
    files: NDArray[np.int64]

    def features(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the measures and the counted terms of all columns."""
        return np.stack([describe(f) for f in self.facts]), np.stack([hashed(f) for f in self.facts])


def read_labelled(path: Path) -> Labelled:
    """Read labelled columns."""
    samples = [f"sample_{i + 1}" for i in range(N_SAMPLES)]
    rows = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(samples, "str"))
    return Labelled(
        facts=tuple(_facts(row, [row[s] for s in samples]) for row in rows.to_dict("records")),
        classes=np.array([CLASSES.index(name) for name in rows["y_act"]]),
        files=rows["Record_id"].to_numpy(np.int64),
    )


def _facts(row: Mapping[str, Any], cells: Sequence[object]) -> ColumnFacts:
    samples = first_samples([cell for cell in cells if isinstance(cell, str)])
    measured = any(row[name] != 0 for name in _STATISTICS.values())
    zeros = bool(samples) and row["num_of_dist_val"] <= 1
    is_number = (measured or zeros) and all(_PLAIN.fullmatch(s) for s in samples)
    name = row["Attribute_name"]
    return ColumnFacts(
        name=name if isinstance(name, str) else "",
        n_rows=int(row["total_vals"]),
        n_missing=int(row["num_nans"]),
        n_distinct=int(row["num_of_dist_val"]),
        samples=samples,
        **{ours: float(row[theirs]) if is_number else math.nan for ours, theirs in _STATISTICS.items()},
    )


def rebuilt(facts: ColumnFacts) -> pd.Series:
    """Make a column of cells with these facts, as well as they allow, for the rules to judge.

    Numbers are spread evenly between their ends. Words and codes beyond the samples are the samples with their letters
    and digits exchanged; dates, links, lists and numbers with signs are known whether they repeat or not, and repeat
    here. Counts are brought down to a few hundred rows.
    """
    chance = random.Random(len(facts.name))
    shrink = min(_MOST_ROWS / max(facts.n_filled, 1), 1.0)
    n_filled = max(round(facts.n_filled * shrink), 1)
    few = facts.n_distinct <= _MOST_ROWS // 4
    n_distinct = min(facts.n_distinct if few else round(facts.n_distinct * shrink), n_filled)
    values = list(facts.samples)
    if facts.is_number:
        values += _numbers(facts, n_distinct - len(values))
    makes_more = bool(facts.samples) and not facts.is_number and _repeats_matter(facts)
    while makes_more and len(values) < n_distinct:
        values.append("".join(_other(c, chance) for c in chance.choice(facts.samples)))
    cells = [values[i % len(values)] for i in range(n_filled)] if values else []
    n_missing = max(round(facts.n_missing * shrink), int(facts.n_missing > 0))
    return pd.Series([*cells, *([None] * n_missing)], name=facts.name or "c1", dtype="str")


def _repeats_matter(facts: ColumnFacts) -> bool:
    alone = find_column(pd.Series(list(facts.samples) * 2, name=facts.name or "c1", dtype="str"))
    return alone.kind in {Kind.CATEGORY, Kind.TEXT, Kind.ID}


def _numbers(facts: ColumnFacts, n: int) -> list[str]:
    whole = all(float(value).is_integer() for value in (facts.minimum, facts.maximum, *map(float, facts.samples)))
    spread = np.linspace(facts.minimum, facts.maximum, max(n, 2))
    return [f"{round(value)}" if whole else repr(float(value)) for value in spread]


def _other(sign: str, chance: random.Random) -> str:
    if sign in "12" or not sign.isalnum() or not sign.isascii():
        return sign
    if sign.isdigit():
        return str(chance.randrange(10)) if sign != "0" else "0"
    letter = chance.choice("etaoinshrdlu")
    return letter.upper() if sign.isupper() else letter
