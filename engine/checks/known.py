"""When the value of a column is known: the question, and what the person has answered."""

from collections.abc import Sequence

from engine.checks.check import Case, leave_out
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.messages import listed, phrase
from engine.table.schema import Known, Role

KNOWN_IN_TIME = phrase("remedy_known_before", "Known before: keep {columns}")
KNOWN_WITH_IT = phrase("remedy_known_same_time", "Known at the same time: keep {columns}")
KNOWN_AFTER = phrase("remedy_known_after", "Known only afterwards: never use {columns}")

_MOST_SINGLE = 4


def known_as(names: Sequence[str], known: Known) -> Remedy:
    """Return the remedy that says when columns are known."""
    title = {Known.BEFORE: KNOWN_IN_TIME, Known.SAME_TIME: KNOWN_WITH_IT, Known.AFTER: KNOWN_AFTER}[known]
    columns = {name: ColumnChoice(known=known) for name in names}
    return Remedy(title=title(columns=listed(list(names))), columns=columns)


def until_confirmed(names: Sequence[str]) -> tuple[Remedy, ...]:
    """Return the remedies of columns that are left out: that, known in time after all, known only afterwards."""
    return (leave_out(names), known_as(names, Known.BEFORE), known_as(names, Known.AFTER))


def when_known(names: Sequence[str]) -> tuple[Remedy, ...]:
    """Return the answers to the question when columns are known; of a few, each can also be left out by itself."""
    together = tuple(known_as(names, known) for known in Known)
    each = tuple(known_as([name], Known.AFTER) for name in names) if 1 < len(names) <= _MOST_SINGLE else ()
    return (*together, *each)


def is_confirmed(case: Case, name: str) -> bool:
    """Whether the person has said that a column is known in time, or has made it a feature in so many words."""
    chosen = (case.config.columns or {}).get(name, ColumnChoice()).role
    return chosen is Role.FEATURE or case.dataset.schema[name].known in {Known.BEFORE, Known.SAME_TIME}
