"""Brings new rows to the table of an earlier run: what of them fits, what is new, what is set aside for a fair test."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.graph.known_levels import known_levels
from engine.messages import Message, listed, phrase
from engine.model import Model
from engine.new_rows.cells import fitted
from engine.new_rows.fit import MISSING_COLUMNS
from engine.new_rows.matching import matched
from engine.run.dividing import divide_rows
from engine.run.question import settle_question
from engine.table.copies import later_copies
from engine.table.dataset import Dataset
from engine.table.files.raw import RawTable
from engine.table.fingerprint import fingerprint, row_hashes
from engine.table.options import ReadingOptions
from engine.table.schema import ColumnSchema, Role, TableSchema
from engine.tasks.detection import encode_target
from engine.tasks.task import Task

Rows = NDArray[np.int64]
MOST_NAMED = 8

NO_ANSWERS = phrase(
    "again_no_answers",
    "The file has no column {target}: without the answers there is nothing to learn from.",
    "Give a file that holds what really came, in a column of this name.",
)
NOTHING_KNOWN = phrase(
    "again_nothing_known",
    "No new row of the file has a value in {target}: without the answers there is nothing to learn from.",
    "Fill in what really came, in some rows at least.",
)
NO_ROLE = phrase(
    "again_no_role",
    "The file has no column {column}, which says the {role} of each row.",
    "Add the column, or train a new run without it.",
)
NEW_ANSWERS = phrase(
    "again_new_answers",
    "The file holds answers that the earlier model does not know: {answers}.",
    "That is another question: train a new run on the file.",
)
NOTHING_NEW = phrase(
    "again_nothing_new",
    "No row of the file is new: all of them are in the table that the earlier run learnt from.",
    "Give a file with new rows, or change a rule or leave out a column instead.",
)
NOT_USED_ABSENT = phrase(
    "again_absent", "The file lacks columns that the earlier model did not use; nothing is lost by it: {columns}."
)
NOT_USED_EXTRA = phrase(
    "again_extra",
    "The file has columns that the earlier table did not have: {columns}.",
    "They are not used, since the recipe stays the same. To use them, train a new run.",
)
ROWS_FOUND = phrase(
    "again_rows", "{n_new} of the file's {n_rows} rows are new; the earlier run knows the others already."
)
ROWS_ALL_NEW = phrase("again_rows_all", "All {n_rows} rows of the file are new.")
NONE_HELD = phrase(
    "again_none_held",
    "No new rows were set aside for the test, because by themselves they cannot be divided. All of them are learnt "
    "from; the test is made on earlier rows alone, if some were set aside then.",
)

LATEST_HELD = phrase(
    "again_latest_held",
    "The test is made on the latest rows, as what is to come; {n} rows that were set aside before are learnt from now.",
)
KNOWN_GROUPS = phrase(
    "again_known_groups",
    "New rows of a group that was learnt from are learnt from ({n_learnt}), those of a group that was set aside are "
    "set aside ({n_held}): no group is on both sides.",
)


@dataclass(frozen=True, kw_only=True)
class RowsAgain:
    """The table to learn from now. Its last `n_held` rows are set aside, of which the last `n_new_held` are new.

    `n_new`: new rows in it, those included. `told`: what is different in the file, in words.
    """

    dataset: Dataset
    n_held: int
    n_new: int
    n_new_held: int
    told: tuple[Message, ...]


def with_new_rows(
    old: Dataset,
    config: ExperimentConfig,
    task: Task,
    held: Rows,
    raw: RawTable,
    model: Model,
    *,
    name: str,
    options: ReadingOptions,
    alone: bool = False,
) -> RowsAgain:
    """Join the table of a run with the rows of a file that are new, set some of these aside, and put them last.

    `config`: of the run now asked for. `held`: places of the rows that the earlier run had set aside, in its table as
    it was learnt from. `model`: its file. `alone`: learn from the new rows and forget the old ones, but for those set
    aside. Raises InputError where the file cannot be learnt from.
    """
    chosen = chosen_dataset(old, replace(config, drop_copies=False, drop_alike=()))
    told = _differences(raw, chosen, config, task, model, options)
    new = _read(raw.frame, old, options)
    unknown = _unknown(old.frame, new, _shared(raw.frame, old))
    said = ROWS_ALL_NEW(n_rows=len(new)) if unknown.all() else ROWS_FOUND(n_new=int(unknown.sum()), n_rows=len(new))
    if not unknown.any():
        raise InputError(NOTHING_NEW())
    new = new[unknown]
    if new[task.target].isna().all():
        raise InputError(NOTHING_KNOWN(target=old.schema[task.target].original_name))
    _refuse_new_answers(new, old, config, task)
    first = _without_copies(old.frame, old, config)
    kept = _without_copies(pd.concat([first, new], ignore_index=True), old, config)
    new = kept.iloc[len(first) :]
    are_held = np.zeros(len(first), bool)
    are_held[held[held < len(first)]] = True
    schema = config.apply(old.schema)
    if schema.with_role(Role.TIME) and not schema.with_role(Role.GROUP):
        are_held, new_held, reasons = _latest(first, are_held, new, old, config)
    else:
        learnt_from, set_aside = _sides(first, are_held, new, schema)
        open_to_both = ~(learnt_from | set_aside)
        new_held, reasons = set_aside.copy(), (*_sides_told(learnt_from, set_aside),)
        if open_to_both.any():
            drawn, why = _set_aside(_made(new[open_to_both].reset_index(drop=True), old, name), config)
            new_held[open_to_both] = drawn
            reasons += () if new_held.any() else why
    parts = [
        *([] if alone else [first[~are_held]]),
        new[~new_held],
        first[are_held],
        new[new_held],
    ]
    joined = _made(pd.concat(parts, ignore_index=True), old, name)
    return RowsAgain(
        dataset=replace(joined, done_to_the_file=raw.done, left_out=raw.left_out, read_as=raw.read_as),
        n_held=int(are_held.sum() + new_held.sum()),
        n_new=len(new),
        n_new_held=int(new_held.sum()),
        told=(*told, said, *reasons),
    )


def _differences(
    raw: RawTable, chosen: Dataset, config: ExperimentConfig, task: Task, model: Model, options: ReadingOptions
) -> tuple[Message, ...]:
    """Say where the file differs from the earlier table; raises InputError where it lacks what is needed."""
    present = matched(raw.frame.columns, chosen.schema.columns)
    absent = [column for column in chosen.schema.columns if column.name not in present]
    for column in absent:
        if column.name == task.target:
            raise InputError(NO_ANSWERS(target=column.original_name))
        if column.role in {Role.WEIGHT, Role.GROUP, Role.TIME, Role.STRATIFY}:
            raise InputError(NO_ROLE(column=column.original_name, role=str(column.role)))
    dropped = {name for name, choice in (config.columns or {}).items() if choice.role is Role.IGNORED}
    needed = tuple(column for column in model.columns if column.name not in dropped)
    lacking = [column.original_name for column in needed if column.name not in present]
    if lacking:
        raise InputError(MISSING_COLUMNS(columns=", ".join(lacking)))
    answer = tuple(column for column in chosen.schema.columns if column.name == task.target)
    levels = {**known_levels(model.path), task.target: tuple(map(str, task.classes))}
    _cells, fit = fitted(raw.frame, (*needed, *answer), lambda: levels, options)
    extra = [str(name) for name in raw.frame.columns if name not in present.values()]
    told = [
        message for column in fit.columns for message in column.told if column.name != task.target or column.n_unread
    ]
    if absent:
        told.append(NOT_USED_ABSENT(columns=listed([column.original_name for column in absent], MOST_NAMED)))
    if extra:
        told.append(NOT_USED_EXTRA(columns=listed(extra, MOST_NAMED)))
    return tuple(told)


def _shared(frame: pd.DataFrame, old: Dataset) -> list[str]:
    """Return the columns of the earlier table that the file has too."""
    return [column.name for column in _present(frame, old)]


def _present(frame: pd.DataFrame, old: Dataset) -> list[ColumnSchema]:
    names = matched(frame.columns, old.schema.columns)
    return [column for column in old.schema.columns if column.name in names]


def _read(frame: pd.DataFrame, old: Dataset, options: ReadingOptions) -> pd.DataFrame:
    """Read the cells as those of the earlier table were; what the file lacks is empty."""
    cells, _fit = fitted(frame, _present(frame, old), dict, options)
    columns = {
        name: cells[name] if name in cells else pd.Series(np.nan, index=cells.index, dtype=old.frame[name].dtype)
        for name in old.schema.names
    }
    return pd.DataFrame(columns)


def _unknown(old: pd.DataFrame, new: pd.DataFrame, names: list[str]) -> NDArray[np.bool_]:
    """Mark the rows that are not in the earlier table; of equal ones as many are known as there were."""
    before = pd.Series(row_hashes(old[names])).value_counts()
    hashes = pd.Series(row_hashes(new[names].astype(dict(old[names].dtypes))))
    times = hashes.groupby(hashes).cumcount()
    return np.asarray(times >= hashes.map(before).fillna(0))


def _refuse_new_answers(new: pd.DataFrame, old: Dataset, config: ExperimentConfig, task: Task) -> None:
    if not task.classes:
        return
    cells = chosen_dataset(_made(new, old, ""), replace(config, drop_copies=False, drop_alike=()))
    y, answers = encode_target(cells, task), cells.frame[task.target]
    strange = answers[(y.astype(np.int64) < 0) & answers.notna().to_numpy()].astype(str).unique().tolist()
    if strange:
        raise InputError(NEW_ANSWERS(answers=listed(sorted(strange), MOST_NAMED)))


def _without_copies(frame: pd.DataFrame, old: Dataset, config: ExperimentConfig) -> pd.DataFrame:
    """Leave out later copies where the run does: then none are left, in whatever order the rows are put."""
    if not config.drop_copies and not config.drop_alike:
        return frame
    chosen = chosen_dataset(_made(frame, old, ""), replace(config, drop_copies=False, drop_alike=()))
    compared = [name for name in config.drop_alike if name in chosen.schema]
    return frame[~later_copies(chosen.frame[compared] if compared else chosen.frame)].reset_index(drop=True)


def _sides(
    first: pd.DataFrame, are_held: NDArray[np.bool_], new: pd.DataFrame, schema: TableSchema
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the new rows of a group that was learnt from, and those of a group that was set aside: each stays there."""
    groups = schema.with_role(Role.GROUP)
    if not groups:
        return np.zeros(len(new), bool), np.zeros(len(new), bool)
    before, now = first[groups[0].name], new[groups[0].name]
    learnt, held = (now.isin(before[rows].dropna()).to_numpy(bool) for rows in (~are_held, are_held))
    return learnt, held & ~learnt


def _latest(
    first: pd.DataFrame, are_held: NDArray[np.bool_], new: pd.DataFrame, old: Dataset, config: ExperimentConfig
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], tuple[Message, ...]]:
    """Choose the latest rows that no model knows for the test, old and new ones: the others lie before what is asked.

    Rows set aside before would otherwise be asked of a model that knows what came after them.
    """
    unknown = pd.concat([first[are_held], new], ignore_index=True)
    drawn, why = _set_aside(_made(unknown, old, ""), config)
    if not drawn.any():
        return are_held, np.zeros(len(new), bool), why
    n_before = int(are_held.sum())
    still_held = are_held.copy()
    still_held[are_held] = drawn[:n_before]
    n_learnt = n_before - int(still_held.sum())
    return still_held, drawn[n_before:], (LATEST_HELD(n=n_learnt),) if n_learnt else ()


def _sides_told(learnt_from: NDArray[np.bool_], set_aside: NDArray[np.bool_]) -> Iterator[Message]:
    n_learnt, n_held = int(learnt_from.sum()), int(set_aside.sum())
    if n_learnt or n_held:
        yield KNOWN_GROUPS(n_learnt=n_learnt, n_held=n_held)


def _set_aside(new: Dataset, config: ExperimentConfig) -> tuple[NDArray[np.bool_], tuple[Message, ...]]:
    """Choose new rows for the test, as a run on them alone would; where that cannot be, none, and why."""
    held = np.zeros(new.n_rows, bool)
    plain = replace(config, again=None, drop_copies=False, drop_alike=(), holdout=config.holdout or None)
    try:
        data, _plan = divide_rows(settle_question(new, plain), plain)
    except InputError as refused:
        return held, (NONE_HELD(), refused.message)
    assert data.holdout.places is not None
    held[np.asarray(data.holdout.places)] = True
    return held, ()


def _made(frame: pd.DataFrame, old: Dataset, name: str) -> Dataset:
    frame = frame.astype(dict(old.frame.dtypes))
    columns = (
        replace(column, n_missing=int(frame[column.name].isna().sum()), n_distinct=int(frame[column.name].nunique()))
        for column in old.schema.columns
    )
    return Dataset(frame=frame, schema=old.schema.replacing(columns), name=name, fingerprint=fingerprint(frame))
