"""A new file as a model sees it: cells, what it says of them, and the true answers where they stand in the file."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.features.numbers import numbers_of
from engine.messages import Message
from engine.model import Model
from engine.new_rows.cells import fitted
from engine.new_rows.fit import Fit
from engine.new_rows.matching import matched
from engine.run.question import is_answered
from engine.table.dataset import Dataset
from engine.table.group_codes import group_codes
from engine.table.options import ReadingOptions
from engine.table.rules import as_text, canonical_cells, present
from engine.table.schema import Role, TableSchema
from engine.tasks.detection import encode_target
from engine.tasks.task import Task

N_EXAMPLES = 3
_LONGEST_EXAMPLE = 40


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """The true answers in a file.

    `y`: as `encode_target`: positions of classes with -1 for none, or numbers with NaN for none. `cells`: canonical
    ones. `n_empty`: rows without an outcome; `n_unknown`: with one that is no class of the model, or no number, such as
    `examples`. `weight`: how much each row counts; None where all count the same, or the file does not say. `groups`:
    which rows belong together; None likewise. `given`: rows with anything in this column but a word for "no value".
    """

    y: NDArray[np.generic]
    cells: pd.Series
    n_empty: int
    n_unknown: int
    examples: tuple[str, ...]
    weight: NDArray[np.float64] | None
    given: NDArray[np.bool_]
    groups: NDArray[np.int64] | None = None


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A file that was read for a model.

    `raw`: its cells; `cells`: those of the model's columns, canonical; `said`: what the model says of each row, and how
    sure it is. `outcomes`: None where the file has no such column. `done`: what reading
    changed; `fit`: how far the file fits the model.
    """

    name: str
    raw: pd.DataFrame
    cells: pd.DataFrame
    said: pd.DataFrame
    outcomes: Outcomes | None
    done: tuple[Message, ...]
    fit: Fit

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.raw)

    def answered(self, task: Task) -> NDArray[np.bool_]:
        """Mark the rows whose outcome is known."""
        if self.outcomes is None:
            return np.zeros(self.n_rows, dtype=bool)
        return is_answered(self.outcomes.y, task)


def arrived(model: Model, schema: TableSchema, path: Path, name: str, options: ReadingOptions) -> Arrived:
    """Read a file for a model. `schema`: of the table of the training, which says what outcomes look like.

    Raises ModelError, naming the columns, when some are missing.
    """
    asked = replace(options, keep_all_rows=True)  # each row counts, whatever it looks like
    read = model.read(path, asked)
    raw = read.frame.reset_index(drop=True)
    cells, fit = model.cells_of(raw, asked)
    return Arrived(
        name=name,
        raw=raw,
        cells=cells,
        said=model.predict_cells(cells, doubt=True),
        outcomes=_outcomes(raw, schema, model.task, asked),
        done=read.done,
        fit=fit,
    )


def _outcomes(raw: pd.DataFrame, schema: TableSchema, task: Task, options: ReadingOptions) -> Outcomes | None:
    target = schema[task.target]
    name = matched(raw.columns, schema.columns).get(target.name)
    if name is None:
        return None
    cells, fit = fitted(raw, (target,), dict, options)
    only = cells[target.name]
    alone = Dataset(frame=cells, schema=TableSchema((target,)), name="", fingerprint="")
    y = encode_target(alone, task)
    unknown = only.notna().to_numpy(bool) & ~is_answered(y, task)
    n_unknown = int(unknown.sum()) + fit.columns[0].n_unread
    examples = [*dict.fromkeys(only[unknown].astype(str)), *fit.columns[0].unread_examples]
    return Outcomes(
        y=y,
        cells=only,
        n_empty=int((~is_answered(y, task)).sum()) - n_unknown,
        n_unknown=n_unknown,
        examples=tuple(text[:_LONGEST_EXAMPLE] for text in examples[:N_EXAMPLES]),
        weight=_weight(raw, schema, options),
        given=present(as_text(raw[name]), target.rules.missing).notna().to_numpy(bool),
        groups=_groups(raw, schema),
    )


def _groups(raw: pd.DataFrame, schema: TableSchema) -> NDArray[np.int64] | None:
    """Return the group of each row; None where the file does not say."""
    columns = schema.with_role(Role.GROUP)[:1]
    name = matched(raw.columns, schema.columns).get(columns[0].name) if columns else None
    if name is None:
        return None
    return group_codes(canonical_cells(raw[name], columns[0]))


def _weight(raw: pd.DataFrame, schema: TableSchema, options: ReadingOptions) -> NDArray[np.float64] | None:
    columns = schema.with_role(Role.WEIGHT)[:1]
    if not columns or columns[0].name not in matched(raw.columns, schema.columns):
        return None
    cells, _fit = fitted(raw, columns, dict, options)
    values = numbers_of(cells, columns)[:, 0]
    return np.where(values > 0, values, 0.0)
