"""The size of a training task, as far as the parts need it to judge whether they apply."""

from dataclasses import dataclass

from engine.tasks.task import TaskKind


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a training task is.

    `n_columns`: features. `n_numbers`: those that hold numbers; `n_categories`: those with levels; `n_levels`: the most
    levels that one of them has. `n_dates`, `n_texts`: those with dates, those made of words. `n_classes`: 0 for a
    regression.
    """

    n_rows: int
    n_columns: int
    n_classes: int
    kind: TaskKind
    n_numbers: int = 0
    n_categories: int = 0
    n_levels: int = 0
    n_dates: int = 0
    n_texts: int = 0
