"""What a model bears: how much worse it gets when a column is empty, shifted or noisy, asked of the file itself.

On rows that it has not learnt from, where some were set aside. This is what happens when a sensor fails, a unit changes
or a form is filled in carelessly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.views import views_of
from engine.checks.cells import ordered_values
from engine.figures import about, figure
from engine.figures import chance as percent
from engine.insight.asking import Asked, sample
from engine.insight.intervals import baseline_prediction
from engine.insight.positions import with_cell, with_cells
from engine.messages import Message, phrase
from engine.table.schema import ColumnSchema, Kind, Subkind
from engine.tasks.metric import Metric

Floats = NDArray[np.float64]

VERSION = 2
MOST_COLUMNS = 20
MOST_ROWS = 600
MOST_ASKED = 30_000  # rows in all
FEWEST_ROWS = 50
N_PARTS = 5
STEP = 0.25  # of the usual width of a column: how far it is shifted, and how far noise reaches
LEAST_VALUES = 3  # two are a yes and a no, whatever they are written as
SWAPPED = 0.2  # of the cells that have no order: so many get the value of another row
FRAGILE = 0.25  # of what it is better than the same answer for every row
_CLEAR = 2.5  # standard errors
_USUAL = (0.05, 0.95)

LEANS = phrase(
    "bearing_leans",
    "It leans on {column}: with all its cells empty, {metric} gets worse from {before} to {after}, and {part} of its "
    "lead over giving the same answer for every row is gone.",
    "Make sure that it is always filled in; look at the empty cells of each file before you trust the answers.",
)
SHIFTS = phrase(
    "bearing_shifts",
    "It does not withstand a shift of {column}: with every value {amount} higher, {metric} gets worse from {before} to "
    "{after}, and {part} of its lead over giving the same answer for every row is gone.",
    "Make sure that it is always measured in the same way and unit.",
)
LATER = phrase(
    "bearing_later",
    "It does not withstand a shift of {column}: with every date {amount} days later, {metric} gets worse from {before} "
    "to {after}, and {part} of its lead over giving the same answer for every row is gone.",
    "Expect worse answers as time goes on; train again in time.",
)
NOISY = phrase(
    "bearing_noisy",
    "It does not withstand noise in {column}: with values off by about {amount}, {metric} gets worse from {before} to "
    "{after}, and {part} of its lead over giving the same answer for every row is gone.",
    "Make sure that it is measured exactly.",
)
INEXACT = phrase(
    "bearing_inexact",
    "It does not withstand noise in {column}: with dates off by about {amount} days, {metric} gets worse from {before} "
    "to {after}, and {part} of its lead over giving the same answer for every row is gone.",
    "Make sure that its dates are exact.",
)
SWAPPED_TOLD = phrase(
    "bearing_swapped",
    "It does not withstand slips in {column}: with one cell in five taken from another row, {metric} gets worse from "
    "{before} to {after}, and {part} of its lead over giving the same answer for every row is gone.",
    "Make sure that it is filled in with care.",
)
STURDY = phrase(
    "bearing_sturdy",
    "It withstands the loss of any single column: {metric} is {before}, and {after} where {column} is empty, which "
    "costs most.",
)
UNMOVED = phrase(
    "bearing_unmoved", "Whichever single column is empty, the score is not worse than chance alone would make it."
)
POOR = phrase(
    "bearing_poor",
    "On these rows it is no better than the same answer for every row, so there is nothing that a column could cost.",
)
SEEN = phrase("bearing_seen", "No rows were set aside, so this was measured on rows that the model has learnt from.")


@dataclass(frozen=True, kw_only=True)
class Loss:
    """The score under a disturbance. `loss`: how much worse, above 0; `spread`: its standard error.

    `part`: of what the model is better than the same answer for every row.
    """

    score: float
    loss: float
    spread: float
    part: float

    @property
    def is_felt(self) -> bool:
        """Whether the loss stands out from noise."""
        return self.loss > _CLEAR * self.spread and self.loss > 0

    @property
    def is_fragile(self) -> bool:
        """Whether the loss takes much of what the model is worth."""
        return self.is_felt and self.part >= FRAGILE


@dataclass(frozen=True, kw_only=True)
class Borne:
    """One column. `amount`: how far it is shifted, in its own unit, and how far noise reaches; empty without an order.

    `in_days`: it holds dates. `shifted`: None where values have no order.
    """

    column: str
    in_days: bool
    amount: str
    missing: Loss
    shifted: Loss | None
    noisy: Loss

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Borne":
        """Rebuild what was stored."""
        losses = {name: Loss(**data[name]) if data[name] else None for name in ("missing", "shifted", "noisy")}
        return Borne(**{**data, **losses})


@dataclass(frozen=True, kw_only=True)
class Bearing:
    """How much a model bears, the most fragile column first.

    `score`: undisturbed; `baseline`: of the same answer for every row.
    """

    metric: str
    score: float
    baseline: float
    n_rows: int
    columns: tuple[Borne, ...]
    said: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return {**asdict(self), "version": VERSION}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Bearing | None":
        """Rebuild what was kept; None for what another version kept."""
        if data.get("version") != VERSION:
            return None
        kept = {name: value for name, value in data.items() if name != "version"}
        columns = tuple(map(Borne.from_json, data["columns"]))
        return Bearing(**{**kept, "columns": columns, "said": tuple(map(Message.from_json, data["said"]))})


def bearing(
    asked: Asked,
    rows: pd.DataFrame,
    y: NDArray[np.generic],
    metric: Metric,
    names: Sequence[str],
    *,
    held_out: bool,
    seed: int = 0,
) -> Bearing | None:
    """Disturb one column after another. `y`: as the metric takes it; None where the score is not defined on these rows.

    `names`: the most important columns first; at most 20 of them and 30,000 rows are asked.
    """
    looked = [asked.column(name) for name in names[:MOST_COLUMNS]]
    n_rows = max(FEWEST_ROWS, min(MOST_ROWS, MOST_ASKED // (3 * max(1, len(looked)))))
    chosen = np.random.default_rng(seed).permutation(sample(rows, n_rows, seed))
    seen, truth = rows.iloc[chosen].reset_index(drop=True), np.asarray(y)[chosen]
    if seen.empty or not looked:
        return None
    (said,) = asked.said([seen])
    scale = _Scale(metric, truth, views_of(said, asked.task).of(metric), asked)
    if not np.isfinite(scale.score) or not np.isfinite(scale.baseline):
        return None
    random = np.random.default_rng(seed)
    found = [_borne(asked, seen, column, scale, random) for column in looked]
    found = sorted(found, key=lambda each: -max(loss.loss for loss in _losses(each)))
    return Bearing(
        metric=metric.key,
        score=scale.score,
        baseline=scale.baseline,
        n_rows=len(seen),
        columns=tuple(found),
        said=tuple(_told(found, scale, metric, held_out=held_out)),
    )


class _Scale:
    """Rows with their answers, and what the undisturbed model scores on them, as a whole and in parts."""

    def __init__(self, metric: Metric, truth: NDArray[np.generic], before: Floats, asked: Asked) -> None:
        self.metric, self.truth = metric, truth
        constant = baseline_prediction(truth, asked.task, len(truth))
        self.score = float(metric.score(truth, before, None))
        self.baseline = float(metric.score(truth, constant, None))
        self.parts = np.array_split(np.arange(len(truth)), N_PARTS)
        self.before = self.losses(before)

    @property
    def lead(self) -> float:
        """How much better the model is than the same answer for every row; 0 where it is not."""
        return max(0.0, self.metric.loss(self.baseline) - self.metric.loss(self.score))

    def losses(self, predicted: Floats) -> Floats:
        """Return the losses in each part of the rows; NaN where the metric is not defined there."""
        return np.array(
            [self.metric.loss(float(self.metric.score(self.truth[p], predicted[p], None))) for p in self.parts]
        )

    def against(self, predicted: Floats) -> Loss:
        """Return what a disturbance costs."""
        score = float(self.metric.score(self.truth, predicted, None))
        loss = self.metric.loss(score) - self.metric.loss(self.score)
        apart = self.losses(predicted) - self.before
        apart = apart[np.isfinite(apart)]
        spread = float(apart.std(ddof=1) / np.sqrt(len(apart))) if len(apart) > 1 else float("inf")
        return Loss(score=score, loss=loss, spread=spread, part=loss / self.lead if self.lead > 0 else 0.0)


def _borne(asked: Asked, seen: pd.DataFrame, column: ColumnSchema, scale: _Scale, random: np.random.Generator) -> Borne:
    values = ordered_values(seen[column.name], column)
    step = 0.0 if values is None else _step(values)
    frames = [with_cell(seen, column, None)]
    if values is not None and step > 0:
        frames.append(with_cells(seen, column, _cells(values + step, column)))
        noise = random.normal(0.0, step, len(values))
        frames.append(
            with_cells(seen, column, _cells(values + (np.round(noise) if _is_whole(values) else noise), column))
        )
    else:
        frames.append(with_cells(seen, column, _swapped(seen[column.name], random)))
    losses = [scale.against(views_of(said, asked.task).of(scale.metric)) for said in asked.said(frames)]
    return Borne(
        column=column.name,
        in_days=column.tells_days,
        amount=_amount(step, values, column),
        missing=losses[0],
        shifted=losses[1] if len(losses) > 2 else None,
        noisy=losses[-1],
    )


def _step(values: Floats) -> float:
    known = values[np.isfinite(values)]
    if len(np.unique(known)) < LEAST_VALUES:
        return 0.0
    low, high = np.quantile(known, _USUAL)
    width = float(high - low) or float(np.ptp(known))
    return max(1.0, round(STEP * width)) if width and _is_whole(values) else STEP * width


def _is_whole(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known)) and bool((known == np.round(known)).all())


def _amount(step: float, values: Floats | None, column: ColumnSchema) -> str:
    if values is None or step <= 0:
        return ""
    width = min(float(np.ptp(values[np.isfinite(values)])), 10 * step)  # of a long tail any step would be 0
    return f"{about(24 * step, 24 * width)} h" if column.subkind is Subkind.TIME else about(step, width)


def _cells(values: Floats, column: ColumnSchema) -> NDArray[np.object_]:
    """Write values as cells of the column; no value stays none."""
    if column.kind is Kind.DATE:
        moments = pd.Series(pd.to_datetime(values if column.tells_days else values % 1, unit="D"))
        texts = moments.dt.strftime(column.date_formats[0]).astype(object)
        return np.array(texts.where(moments.notna(), None).tolist(), dtype=object)
    return np.array([None if np.isnan(value) else float(value) for value in values], dtype=object)


def _swapped(cells: pd.Series, random: np.random.Generator) -> NDArray[np.object_]:
    """Give some cells the value of another row."""
    made: NDArray[np.object_] = np.array(cells.to_numpy(dtype=object))
    places = np.flatnonzero(random.random(len(made)) < SWAPPED)
    made[places] = made[random.integers(0, len(made), len(places))]
    return made


def _losses(each: Borne) -> list[Loss]:
    return [loss for loss in (each.missing, each.shifted, each.noisy) if loss is not None]


def _told(found: Sequence[Borne], scale: _Scale, metric: Metric, *, held_out: bool) -> list[Message]:
    told: list[Message] = []
    for each in found if scale.lead > 0 else ():
        facts = {"column": each.column, "metric": metric.title, "before": figure(scale.score)}
        if each.missing.is_fragile:
            told.append(LEANS(**facts, **_after(each.missing)))
        if each.shifted is not None and each.shifted.is_fragile:
            say = LATER if each.in_days else SHIFTS
            told.append(say(**facts, **_after(each.shifted), amount=each.amount))
        if each.noisy.is_fragile:
            if each.amount:
                say = INEXACT if each.in_days else NOISY
                told.append(say(**facts, **_after(each.noisy), amount=each.amount))
            else:
                told.append(SWAPPED_TOLD(**facts, **_after(each.noisy)))
    if scale.lead <= 0:
        told.append(POOR())
    elif not any(each.missing.is_fragile for each in found):
        most = max(found, key=lambda each: each.missing.loss)
        facts = {"column": most.column, "metric": metric.title, "before": figure(scale.score)}
        told.append(STURDY(**facts, after=figure(most.missing.score)) if most.missing.is_felt else UNMOVED())
    if not held_out:
        told.append(SEEN())
    return told


def _after(loss: Loss) -> dict[str, str]:
    return {"after": figure(loss.score), "part": percent(min(1.0, loss.part))}
