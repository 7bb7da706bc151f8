"""What the model must keep to, whatever it costs in accuracy."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.messages import Message, phrase
from engine.registry import Skip
from engine.table.schema import UNKNOWN_COLUMN, Role, TableSchema

if TYPE_CHECKING:
    from engine.families.family import Family

LARGEST_FILE_MB = 30.0
SLOWEST_ROW_MS, USUAL_COLUMNS = 1.0, 40
BEARABLE = 1.5  # of a time that nobody asked for, before members would have to go for it

NOT_INTERPRETABLE = phrase("skip_not_interpretable", "Only models that a person can follow were asked for.")
NOT_MONOTONE = phrase(
    "skip_not_monotone", "It cannot promise that the prediction never falls or rises with a column, as was asked for."
)
BAD_FILE_LIMIT = phrase(
    "limits_file", "The largest file is {megabytes} MB.", "Give a number of MB above 0, such as 30."
)
BAD_ROW_LIMIT = phrase(
    "limits_row", "The slowest row is {milliseconds} ms.", "Give a number of milliseconds above 0, such as 1."
)
BAD_DIRECTION = phrase(
    "limits_direction",
    "The direction of the column {column} is {direction}.",
    "Give +1 where the prediction must never fall when the column rises, or -1 where it must never rise.",
)
DIRECTION_OF_NO_NUMBER = phrase(
    "limits_direction_of_no_number",
    "The column {column} holds {kind} values, which do not rise or fall.",
    "Give directions to columns of numbers only.",
)
DIRECTION_OF_NO_FEATURE = phrase(
    "limits_direction_of_no_feature",
    "The column {column} has the role {role}: nothing is predicted from it, so it can have no direction.",
    "Take the direction back, or give the column the role feature.",
)

NO_FAMILY_LEFT = phrase(
    "limits_no_family_left",
    "None of these families can keep the limits of the model: {families}.",
    "Choose others, or take the limit back: a model that can be followed, or directions that it keeps.",
)


@dataclass(frozen=True, kw_only=True)
class ModelLimits:
    """Limits of the file.

    `slowest_row_ms`: the time that a quarter of the calls of the slowest timed row stay below, on one thread; None: a
    millisecond, more for more than 40 columns, and a model is refused only where it is far exceeded. `interpretable`:
    only families that a person can follow. `monotone`: 1 or -1 for columns with which the prediction must never fall
    or rise.
    """

    largest_file_mb: float = LARGEST_FILE_MB
    slowest_row_ms: float | None = None
    interpretable: bool = False
    monotone: Mapping[str, int] = field(default_factory=dict)

    @property
    def largest_file_bytes(self) -> int:
        """The largest file, in bytes."""
        return int(self.largest_file_mb * 1e6)

    def row_ms(self, n_columns: int) -> float:
        """Return the time that a row of so many columns may take.

        >>> ModelLimits().row_ms(20), ModelLimits().row_ms(400), ModelLimits(slowest_row_ms=0.5).row_ms(400)
        (1.0, 10.0, 0.5)
        """
        usual = SLOWEST_ROW_MS * max(1.0, n_columns / USUAL_COLUMNS)
        return usual if self.slowest_row_ms is None else self.slowest_row_ms


def refusal(family: "Family", limits: ModelLimits) -> Skip | None:
    """Return why models of a family cannot be followed or keep directions, as far as that is asked for."""
    if limits.interpretable and not family.interpretable:
        return Skip(NOT_INTERPRETABLE())
    if limits.monotone and not family.monotone:
        return Skip(NOT_MONOTONE())
    return None


def limit_problems(limits: ModelLimits, schema: TableSchema) -> Iterator[Message]:
    """Yield everything that is wrong with the limits; `schema`: with the person's changes and the target applied."""
    if not 0 < limits.largest_file_mb < math.inf:
        yield BAD_FILE_LIMIT(megabytes=limits.largest_file_mb)
    if limits.slowest_row_ms is not None and not 0 < limits.slowest_row_ms < math.inf:
        yield BAD_ROW_LIMIT(milliseconds=limits.slowest_row_ms)
    for name, direction in limits.monotone.items():
        if name not in schema:
            yield UNKNOWN_COLUMN(column=name, choices=", ".join(schema.names[:20]))
            continue
        if direction not in {-1, 1}:
            yield BAD_DIRECTION(column=name, direction=direction)
        column = schema[name]
        if column.role is not Role.FEATURE:
            yield DIRECTION_OF_NO_FEATURE(column=name, role=str(column.role))
        elif not column.kind.is_number:
            yield DIRECTION_OF_NO_NUMBER(column=name, kind=str(column.kind))
