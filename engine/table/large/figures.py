"""The figures of the columns of a large table, over all of its rows, of which a block at a time is in memory."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.table.dataset import Dataset
from engine.table.large.blocks import blocks
from engine.table.large.sketches import Distinct, Floats, Often, Ranks, level_hashes, number_hashes
from engine.table.large.whole import Group, Whole
from engine.table.profile import N_BINS, N_LEVELS, ColumnProfile, date_seconds, moment_text, numbers_in, profile, shown
from engine.table.schema import Cells, ColumnSchema, Kind

N_EDGES, N_ENDS = 2_000, 100  # in all, and at either end, where numbers lie far apart
MOST_WORKERS = 4


@dataclass(kw_only=True)
class _Figures:
    """What is known of a column so far."""

    column: ColumnSchema
    edges: Floats
    n_missing: int = 0
    distinct: Distinct = field(default_factory=Distinct)
    often: Often = field(default_factory=Often)
    ranks: Ranks = field(init=False)

    def __post_init__(self) -> None:
        self.ranks = Ranks(edges=self.edges)

    def add(self, cells: pd.Series) -> None:
        filled = cells.dropna()
        self.n_missing += len(cells) - len(filled)
        if self.column.cells is Cells.NUMBER:
            ordered = np.sort(filled.to_numpy(np.float64))
            self.distinct.add(
                number_hashes(ordered[np.concatenate([[True], np.diff(ordered) != 0])] if len(ordered) else ordered)
            )
            if self.column.kind.is_number:
                self.ranks.add(ordered)
            else:
                self.often.add(pa.array(ordered))
            return
        texts = pa.array(filled.array, pa.large_string())
        texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        self.distinct.add(level_hashes(texts))
        if self.column.kind.is_number or self.column.kind is Kind.DATE:
            self.ranks.add(np.sort(_measured(filled, self.column)))
        elif not self.column.kind.is_words:
            self.often.add(texts)

    def add_other(self, other: "_Figures") -> None:
        self.n_missing += other.n_missing
        self.distinct.add(other.distinct.hashes)
        self.ranks.add_other(other.ranks)
        self.often.add_counts(other.often.counts)

    def described(self, sample: ColumnProfile, n_rows: int) -> ColumnProfile:
        """Return the profile; examples are those of the sample."""
        found: dict[str, Any] = {"top": tuple((shown(level), n) for level, n in self.often.top(N_LEVELS))}
        if self.ranks.n:
            ends = (self.ranks.least, self.ranks.median, self.ranks.most)
            if self.column.kind is Kind.DATE:
                has_time = len(str(sample.minimum)) > len("2000-01-01")
                ends = tuple(moment_text(each, self.column, has_time=has_time) for each in ends)  # type: ignore[assignment]
            found |= dict(zip(("minimum", "median", "maximum"), ends, strict=True))
            found["histogram"] = self.ranks.histogram(N_BINS)
        return ColumnProfile(
            name=self.column.name,
            n_missing=self.n_missing,
            missing_share=self.n_missing / max(n_rows, 1),
            n_distinct=self.distinct.estimate,
            examples=sample.examples,
            **found,
        )


def profile_all(dataset: Dataset, config: ExperimentConfig) -> tuple[ColumnProfile, ...]:
    """Describe every column of a large table in the light of what the person has chosen, in the order of the table.

    What was found out before about columns that nobody has changed since is not worked out anew.
    """
    whole = dataset.whole
    assert whole is not None
    chosen = chosen_dataset(dataset, config)
    of_sample = {each.name: each for each in profile(chosen)}
    known = {each.name: each for each in dataset.figures}
    changed = [c for c in chosen.schema.columns if c.name not in known or not _alike(c, dataset.schema[c.name])]
    if changed:
        whole.refuse_changes()
        made = _through_all(dataset, chosen, config, changed)
        known |= {each.column.name: each.described(of_sample[each.column.name], whole.n_rows) for each in made}
    return tuple(known[column.name] for column in chosen.schema.columns)


def _alike(one: ColumnSchema, other: ColumnSchema) -> bool:
    return (one.kind, one.cells, one.rules, one.date_formats) == (
        other.kind,
        other.cells,
        other.rules,
        other.date_formats,
    )


def _through_all(
    dataset: Dataset, chosen: Dataset, config: ExperimentConfig, columns: Sequence[ColumnSchema]
) -> list[_Figures]:
    whole = dataset.whole
    assert whole is not None
    edges = {column.name: _edges(chosen.frame[column.name], column) for column in columns}

    def of_group(group: Group) -> list[_Figures]:
        found = [_Figures(column=column, edges=edges[column.name]) for column in columns]
        for cells in chosen_cells(whole, dataset, config, [column.name for column in columns], [group]):
            for each in found:
                each.add(cells[each.column.name])
        return found

    total = [_Figures(column=column, edges=edges[column.name]) for column in columns]
    with ThreadPoolExecutor(min(MOST_WORKERS, os.cpu_count() or 1)) as workers:
        for found in workers.map(of_group, whole.groups()):
            for all_of_it, each in zip(total, found, strict=True):
                all_of_it.add_other(each)
    return total


def chosen_cells(
    whole: Whole, dataset: Dataset, config: ExperimentConfig, names: Sequence[str], groups: Sequence[Group]
) -> Iterable[pd.DataFrame]:
    """Go through blocks of rows as they are after the person's changes."""
    for block in blocks(whole, dataset.schema, names, groups):
        yield changed_cells(block.cells(), dataset, config)


def changed_cells(cells: pd.DataFrame, dataset: Dataset, config: ExperimentConfig) -> pd.DataFrame:
    """Return canonical cells of some columns with the person's changes to what they mean."""
    schema = type(dataset.schema)(tuple(column for column in dataset.schema.columns if column.name in cells))
    own = {name: choice for name, choice in (config.columns or {}).items() if name in cells}
    if not own:
        return cells
    bare = Dataset(frame=cells, schema=schema, name=dataset.name, fingerprint="")
    return chosen_dataset(bare, ExperimentConfig(columns=own)).frame


def _edges(cells: pd.Series, column: ColumnSchema) -> Floats:
    """Return numbers between which the sample has equally many."""
    if not (column.kind.is_number or column.kind is Kind.DATE):
        return np.zeros(0)
    numbers = np.sort(_measured(cells.dropna(), column))
    if not len(numbers):
        return numbers
    evenly = numbers[np.linspace(0, len(numbers) - 1, N_EDGES).astype(np.int64)]
    return np.unique(np.concatenate([numbers[:N_ENDS], evenly, numbers[-N_ENDS:]]))


def _measured(filled: pd.Series, column: ColumnSchema) -> Floats:
    if column.kind is Kind.DATE:
        return date_seconds(filled, column.date_formats)
    numbers = numbers_in(filled)
    return numbers[np.isfinite(numbers)]
