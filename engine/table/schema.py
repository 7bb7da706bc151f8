"""What is known about a table's columns, as plain values that survive a round trip through JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from engine.errors import ConfigError
from engine.messages import Message, phrase

UNKNOWN_COLUMN = phrase("column_unknown", "The table has no column called {column}.", "Choose one of: {choices}.")


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    YES_NO = "yes/no"
    DATE = "date"
    TEXT = "text"
    ID = "id"
    CONSTANT = "constant"


class Role(StrEnum):
    """What a column is used for."""

    FEATURE = "feature"
    TARGET = "target"
    WEIGHT = "weight"
    GROUP = "group"
    TIME = "time"
    STRATIFY = "stratify"
    IGNORED = "ignored"


class Cells(StrEnum):
    """How a column's canonical cells are handed to the graph."""

    NUMBER = "number"  # float64, missing is NaN: the training cells were plain numbers, exact in double
    TEXT = "text"  # strings, missing is the empty string: everything else


@dataclass(frozen=True, kw_only=True)
class ReadingRules:
    """How raw cells of one column become canonical cells. Pure data; carried in the model file.

    `missing`: texts that mean "no value" (compared after trimming, ignoring case).
    `decimal`, `thousands`: signs inside numbers; `thousands` is empty when there is none.
    `prefixes`, `suffixes`: texts cut off numbers (currency, percent, unit).
    `parentheses_negative`: "(12)" means -12. `ranges`: "10 - 20" means its middle, 15.
    `same`: pairs (text as written, level it means), for columns that write one level in several ways.
    Number rules are applied only when `number` is true.
    """

    missing: tuple[str, ...] = ()
    number: bool = False
    decimal: str = "."
    thousands: str = ""
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    parentheses_negative: bool = False
    ranges: bool = False
    same: tuple[tuple[str, str], ...] = ()


def _lists(value: Any) -> Any:
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


@dataclass(frozen=True, kw_only=True)
class ColumnSchema:
    """One column.

    `name` is unique and not empty; `original_name` and `position` (from 0) say where it was in the file.
    `reason` says in one sentence why it has its kind; `probability` is how sure that is.
    `date_formats` holds at most three strptime formats. `n_missing` and `n_distinct` count table rows.
    """

    name: str
    original_name: str
    position: int
    kind: Kind
    role: Role = Role.FEATURE
    cells: Cells
    reason: Message
    probability: float = 1.0
    rules: ReadingRules = field(default_factory=ReadingRules)
    date_formats: tuple[str, ...] = ()
    n_missing: int = 0
    n_distinct: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this column."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        data["reason"] = self.reason.to_json()
        data["rules"] = {name: _lists(value) for name, value in vars(self.rules).items()}
        data["date_formats"] = list(self.date_formats)
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in data.items()}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ColumnSchema":
        """Rebuild a stored column."""
        rules: dict[str, Any] = {name: _tuples(value) for name, value in data["rules"].items()}
        return ColumnSchema(
            **{
                **data,
                "kind": Kind(data["kind"]),
                "role": Role(data["role"]),
                "cells": Cells(data["cells"]),
                "reason": Message.from_json(data["reason"]),
                "rules": ReadingRules(**rules),
                "date_formats": tuple(data["date_formats"]),
            }
        )


@dataclass(frozen=True)
class TableSchema:
    """All columns of a table, in the order of the file."""

    columns: tuple[ColumnSchema, ...]

    def __getitem__(self, name: str) -> ColumnSchema:
        """Return the column of this name; raises ConfigError, naming the columns that exist, if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ConfigError(UNKNOWN_COLUMN(column=name, choices=", ".join(self.names[:20])))

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in the order of the file."""
        return tuple(column.name for column in self.columns)

    def with_role(self, role: Role) -> tuple[ColumnSchema, ...]:
        """Return the columns that play this role."""
        return tuple(column for column in self.columns if column.role == role)

    @property
    def features(self) -> tuple[ColumnSchema, ...]:
        """The columns that a model may look at."""
        return self.with_role(Role.FEATURE)

    def replacing(self, columns: Iterable[ColumnSchema]) -> "TableSchema":
        """Return this schema with the columns of the same names replaced."""
        by_name = {column.name: column for column in columns}
        return TableSchema(tuple(by_name.get(column.name, column) for column in self.columns))

    def with_target(self, target: str) -> "TableSchema":
        """Return this schema with `target` as the only target; the target before becomes a feature."""
        chosen = replace(self[target], role=Role.TARGET)
        others = (replace(c, role=Role.FEATURE) for c in self.with_role(Role.TARGET) if c.name != target)
        return self.replacing([*others, chosen])

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain data that `from_json` turns back into this schema."""
        return [column.to_json() for column in self.columns]

    @staticmethod
    def from_json(data: Iterable[Mapping[str, Any]]) -> "TableSchema":
        """Rebuild a stored schema."""
        return TableSchema(tuple(ColumnSchema.from_json(column) for column in data))
