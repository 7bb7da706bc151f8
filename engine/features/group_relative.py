"""Numbers beside others of their kind: how far from the average of their level, in its standard deviations.

Only pairs of a category and a number that tell what trees on all numbers and categories leave unexplained; and only if
trees that see them are better on rows that had no part in choosing them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.levels import frequent_levels, level_positions
from engine.features.numbers import LARGEST, numbers_of
from engine.features.numbers_scaled import filled, smooth_clip
from engine.features.quick_trees import grow
from engine.features.statistics import inner_folds, some_rows
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader, Vocabulary
from engine.graph.looked_up import looked_up
from engine.table.schema import ColumnSchema, Kind

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

SLICE_ROWS, LEAST_ROWS = 20_000, 10_000
MOST_NUMBERS, MOST_CATEGORIES = 10, 6  # the most telling ones, of which all pairs are looked at
LEAST_COUNT, MOST_LEVELS = 10, 1_000
SMOOTHING = 10.0
N_BINS = 12
SURE = 3.0  # standard errors


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A number and a category; centre and spread of the number per level, the last for levels that are unknown."""

    number: str
    category: str
    centre: Floats
    spread: Floats


@dataclass(frozen=True, kw_only=True)
class RelativeState:
    """The pairs, and the levels of their categories."""

    pairs: tuple[Pair, ...]
    vocabularies: Mapping[str, Vocabulary]


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, answers: Answers
) -> RelativeState | None:
    numbers = tuple(column for column in columns if column.kind.is_number)
    vocabularies = {
        column.name: levels
        for column in columns
        if not column.kind.is_number
        and len(levels := frequent_levels(frame[column.name], column.cells, min_count=LEAST_COUNT)) > 1
        and len(levels) <= MOST_LEVELS
    }
    if not numbers or not vocabularies or len(np.unique(answers.y)) < 2:
        return None
    cells = {column.name: column.cells for column in columns}
    values = np.clip(numbers_of(frame, numbers), -LARGEST, LARGEST)  # so that squares can be added up
    codes = np.column_stack([level_positions(frame[name], cells[name], own) for name, own in vocabularies.items()])
    names = tuple(column.name for column in numbers), tuple(vocabularies)
    sizes = tuple(len(levels) + 1 for levels in vocabularies.values())
    rows = some_rows(answers, SLICE_ROWS)
    chosen = _chosen(values[rows], codes[rows], sizes, answers.take(rows), parameters.get("n_most", 10))
    pairs = tuple(
        Pair(
            number=names[0][number],
            category=names[1][category],
            **_usual(values[:, number], codes[:, category], sizes[category]),
        )
        for number, category in chosen
    )
    used = {pair.category: vocabularies[pair.category] for pair in pairs}
    return RelativeState(pairs=pairs, vocabularies=used) if pairs else None


def _chosen(
    values: Floats, codes: Codes, sizes: tuple[int, ...], answers: Answers, n_most: int
) -> list[tuple[int, int]]:
    """Return the pairs that are worth it: trees learn on half of the rows, a quarter chooses, a quarter confirms."""
    part = np.arange(len(values)) % 4 if answers.groups is None else inner_folds(answers, 4)
    learn, choose, confirm = np.flatnonzero(part < 2), np.flatnonzero(part == 2), np.flatnonzero(part == 3)
    if not (len(learn) and len(choose) and len(confirm)):
        return []  # there are too few groups of rows that belong together
    both, levels = np.column_stack([values, codes]), tuple(range(values.shape[1], values.shape[1] + codes.shape[1]))
    trees = grow(both[learn], answers.take(learn), codes=levels)
    gains = trees.gains
    numbers = np.sort(np.argsort(-gains[: values.shape[1]], kind="stable")[:MOST_NUMBERS])
    categories = np.sort(np.argsort(-gains[values.shape[1] :], kind="stable")[:MOST_CATEGORIES])
    candidates = [(int(number), int(category)) for number in numbers for category in categories]
    made = np.column_stack(
        [
            _relative(
                values[:, number], codes[:, category], **_usual(values[:, number], codes[:, category], sizes[category])
            )
            for number, category in candidates
        ]
    )
    unexplained = trees.unexplained(both[choose], answers.take(choose))
    sure = np.array([_errors(column, unexplained) for column in made[choose].T])
    listed = [int(i) for i in np.argsort(-sure, kind="stable")[:n_most] if sure[i] > SURE]
    if not listed:
        return []
    more = np.column_stack([both, made[:, listed]])
    better = grow(more[learn], answers.take(learn), codes=levels)
    left = better.unexplained(more[confirm], answers.take(confirm))
    before = trees.unexplained(both[confirm], answers.take(confirm))
    return [candidates[i] for i in sorted(listed)] if (left**2).sum() < (before**2).sum() else []


def _usual(numbers: Floats, codes: Codes, n_codes: int) -> dict[str, Floats]:
    """Return the average and standard deviation per level; extreme numbers are cut off.

    Averages are drawn to that of all rows, the more the less levels differ (empirical Bayes); spreads to the usual one
    within a level, of unknown levels to that of all rows.
    """
    known = ~np.isnan(numbers)
    if not known.any():
        return {"centre": np.zeros(n_codes), "spread": np.ones(n_codes)}
    cells, own = np.clip(numbers[known], *np.quantile(numbers[known], (0.001, 0.999))), codes[known]
    counts, overall = np.bincount(own, minlength=n_codes), float(cells.var())
    means = np.bincount(own, cells, n_codes) / np.maximum(counts, 1)
    within = float(((cells - means[own]) ** 2).mean())
    drawn = float(np.clip(within / max(overall - within, 1e-300), 1e-3, 100.0))
    centre = (counts * means + drawn * cells.mean()) / (counts + drawn)
    pooled = np.append(np.full(n_codes - 1, within), overall)
    squares = np.bincount(own, (cells - centre[own]) ** 2, n_codes)
    spread = np.sqrt((squares + SMOOTHING * pooled) / (counts + SMOOTHING))
    return {"centre": centre, "spread": np.where(spread > 0, spread, 1.0)}


def _relative(numbers: Floats, codes: Codes, centre: Floats, spread: Floats) -> Floats:
    return np.asarray(np.nan_to_num((numbers - centre[codes]) / spread[codes], nan=0.0))


def _errors(made: Floats, unexplained: Floats) -> float:
    """Return by how many standard errors the means of equal parts differ more than by chance."""
    edges = np.unique(np.quantile(made, np.arange(1, N_BINS) / N_BINS))
    parts = np.searchsorted(edges, made)
    counts = np.bincount(parts, minlength=len(edges) + 1)
    total = 0.0
    for left in unexplained.T:
        centred = left - left.mean()
        sums = np.bincount(parts, centred, len(edges) + 1)
        total += float((sums**2 / np.maximum(counts, 1)).sum() / max(float(centred.var()), 1e-30))
    expected = max(1, len(edges)) * unexplained.shape[1]
    return float((total - expected) / np.sqrt(2 * expected))


def _outputs(state: RelativeState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(f"{pair.number} against its {pair.category}", (pair.number, pair.category))
        for pair in state.pairs
    )


def _graph(state: RelativeState, reader: ColumnReader) -> Var:
    codes = reader.codes(state.vocabularies)
    categories, numbers = tuple(state.vocabularies), tuple(dict.fromkeys(pair.number for pair in state.pairs))
    which = op.const(np.array([numbers.index(pair.number) for pair in state.pairs]))
    level = op.gather(codes, op.const(np.array([categories.index(pair.category) for pair in state.pairs])), axis=1)
    centre = looked_up(level, [pair.centre[:, None] for pair in state.pairs])
    spread = looked_up(level, [pair.spread[:, None] for pair in state.pairs])
    distance = op.div(op.sub(op.gather(reader.numbers(numbers), which, axis=1), centre), spread)
    return smooth_clip(filled(op.cast(distance, to=np.float32)))


GROUP_RELATIVE = FeatureStep(
    key="group_relative",
    complete=True,
    title="Numbers against the average of their level",
    kinds=frozenset({Kind.CATEGORY, Kind.YES_NO, Kind.NUMBER, Kind.NUMBER_WITH_UNIT}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=lambda state: state.vocabularies,
    offers={"5": {"n_most": 5}, "10": {"n_most": 10}},
    offered=lambda shape: shape.n_rows >= LEAST_ROWS and shape.n_numbers > 0 and shape.n_categories > 0,
)
