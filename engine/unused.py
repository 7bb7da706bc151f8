"""Which columns of the table a model does not look at, and why: what the contract of the model remembers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.table.schema import ColumnSchema, Kind, Known, Role, TableSchema

LEFT_OUT = "tablewright.left_out"  # the key in the metadata of the file: a JSON list of {name, reason}


class Reason(StrEnum):
    """Why a column is no input of the model."""

    KNOWN_AFTER = "known only after the outcome"
    LEAK = "gives the answer away, and nobody has confirmed that it is known in time"
    CHOICE = "left out by choice"
    ID = "only identifies rows"
    CONSTANT = "has a single value"
    WEIGHT = "says how much a row counts"
    GROUP = "says which rows belong together"
    TIME = "says in which order the rows came about"
    UNFIT = "no model can use values of its kind"


@dataclass(frozen=True, kw_only=True)
class UnusedColumn:
    """A column of the table, by its name in the schema, that is neither an input nor the target."""

    name: str
    reason: Reason

    def to_json(self) -> dict[str, str]:
        """Return plain data that `from_json` turns back into this column."""
        return {"name": self.name, "reason": str(self.reason)}

    @staticmethod
    def from_json(data: Mapping[str, str]) -> "UnusedColumn":
        """Rebuild a stored column."""
        return UnusedColumn(name=data["name"], reason=Reason(data["reason"]))


def unused_columns(
    schema: TableSchema, config: ExperimentConfig, *, inputs: Collection[str], leaks: Collection[str]
) -> tuple[UnusedColumn, ...]:
    """Return the columns of a schema that are not among the inputs. `leaks`: those that were left out by themselves."""
    choices = config.columns or {}
    return tuple(
        UnusedColumn(name=column.name, reason=_reason(column, choices.get(column.name, ColumnChoice()), leaks))
        for column in schema.columns
        if column.role is not Role.TARGET and column.name not in inputs
    )


def _reason(column: ColumnSchema, choice: ColumnChoice, leaks: Collection[str]) -> Reason:
    roles = {Role.WEIGHT: Reason.WEIGHT, Role.GROUP: Reason.GROUP, Role.TIME: Reason.TIME}
    if column.known is Known.AFTER:
        return Reason.KNOWN_AFTER
    if column.name in leaks:
        return Reason.LEAK
    if column.role in roles:
        return roles[column.role]
    if choice.role is Role.IGNORED:
        return Reason.CHOICE
    kinds = {Kind.ID: Reason.ID, Kind.CONSTANT: Reason.CONSTANT}
    return kinds.get(column.kind, Reason.UNFIT)
