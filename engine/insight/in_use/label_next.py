"""Which unlabelled rows to find out the answer of first: where the model wavers, or has seen nothing like them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import InputError
from engine.figures import about
from engine.figures import chance as percent
from engine.insight.in_use.spread import Room, best_first, spread_out, usual_distance, usual_widths
from engine.insight.quality.shares import of_100
from engine.messages import Message, listed, phrase
from engine.tasks.task import PREDICTION, UNLIKE, Task

if TYPE_CHECKING:  # the server reads what was kept, and must not load what reads files
    from engine.insight.in_use.arrived import Arrived
    from engine.insight.in_use.trained import Trained
    from engine.model import Model

NO_ROWS = phrase(
    "label_no_rows",
    "Every row of the file has an outcome already, so there is none to find out.",
    "Give a file with rows whose outcome is not known yet.",
)
BAD_COUNT = phrase("label_bad_count", "{n} is no number of rows to list.", "Give a whole number from 1 to {most}.")
WAVERS = phrase("label_wavers", "It wavers between {first} ({chance}) and {second} ({other}).")
LEANS = phrase("label_leans", "It leans to {first} ({chance}), but {second} may be true ({other}).")
COSTLY = phrase(
    "label_costly",
    "By what mistakes cost it stands between {first} ({chance}) and {second} ({other}).",
)
SURE = phrase("label_sure", "It is sure of {first} ({chance}), but this row differs from the others of the list.")
WIDE = phrase(
    "label_wide",
    "Its answer may lie anywhere from {low} to {high}: a wider range than that of {share} of 100 other rows.",
)
OTHERWISE = phrase(
    "label_otherwise",
    "Its answer {prediction} is no less sure than others, but this row differs from the others of the list.",
)
STRANGE = phrase("label_strange", "It learnt from no row like this one in {columns}, or from only one.")
COPIES = phrase("label_copies", "{n} more rows are equal to it: one answer serves them all.")
ONE_COPY = phrase("label_one_copy", "1 more row is equal to it: one answer serves both.")
FEWER = phrase("label_fewer", "Only {n} of the rows without an outcome differ from each other.")
KNOWN_LEFT_OUT = phrase("label_known", "Rows that have an outcome already are not listed: {n}.")

MOST_LISTED = 2_000
MOST_LOOKED_AT = 3_000
MOST_COMPARED = 1_000
_LEAST_LOOKED_AT = 500
_TIMES = 10
BONUS = 0.5  # for a row that is unlike those learnt from: as much as half of the greatest doubt
WAVERING = 0.25  # the most probable answer is ahead by less
LEANING = 0.8
N_NAMED = 4


@dataclass(frozen=True, kw_only=True)
class ToLabel:
    """One row. `row`: its number in the file, from 1. `doubt`: 0 sure to 1; `n_copies`: rows that are equal to it."""

    row: int
    prediction: str
    doubt: float
    unlike: tuple[str, ...]
    n_copies: int
    reasons: tuple[Message, ...]

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ToLabel":
        """Rebuild what was stored."""
        reasons = tuple(map(Message.from_json, data["reasons"]))
        return ToLabel(**{**data, "unlike": tuple(data["unlike"]), "reasons": reasons})


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The rows to label next, the most useful first. `n_open`: rows without an outcome; `said`: what else to know."""

    rows: tuple[ToLabel, ...]
    n_open: int
    said: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Labels":
        """Rebuild what was stored."""
        rows = tuple(map(ToLabel.from_json, data["rows"]))
        return Labels(rows=rows, n_open=data["n_open"], said=tuple(map(Message.from_json, data["said"])))


def label_next(model: "Model", trained: "Trained", file: "Arrived", n_most: int) -> Labels:
    """Rank the rows of a file that have no outcome.

    Raises InputError when there are none, and for a number of rows that is none.
    """
    if not 1 <= n_most <= MOST_LISTED:
        raise InputError(BAD_COUNT(n=n_most, most=MOST_LISTED))
    known = _known(model.task, file)
    open_rows = np.flatnonzero(~known)
    if not len(open_rows):
        raise InputError(NO_ROWS())
    cells, said = (part.iloc[open_rows].reset_index(drop=True) for part in (file.cells, file.said))
    first, n_alike = _distinct(cells)
    doubt = doubts(said, model)
    unlike = _unlike(said, [column.name for column in model.columns])
    worth = doubt + BONUS * np.array([bool(each) for each in unlike])
    looked = first[best_first(worth[first], min(MOST_LOOKED_AT, max(_LEAST_LOOKED_AT, _TIMES * n_most)))]
    # What is near and what is far, the table of the training says: a file may hold a single crowd.
    some = trained.cells.sample(min(len(trained.cells), MOST_COMPARED), random_state=0)
    widths = usual_widths(some, model.columns)
    usual = usual_distance(Room(some, model.columns, trained.shares, widths), len(some))
    places = spread_out(Room(cells.iloc[looked], model.columns, trained.shares, widths), worth[looked], n_most, usual)
    chosen = [int(looked[place]) for place in places]
    wider = _ranks(doubt)
    rows = [
        ToLabel(
            row=int(open_rows[place]) + 1,
            prediction=_prediction(said, place, model.task),
            doubt=float(doubt[place]),
            unlike=unlike[place],
            n_copies=int(n_alike[place]) - 1,
            reasons=tuple(
                _reasons(
                    _of_classes(said, place, model.task, doubt[place])
                    if model.task.classes
                    else _of_number(said, place, model.task, wider[place]),
                    unlike[place],
                    int(n_alike[place]) - 1,
                )
            ),
        )
        for place in chosen
    ]
    return Labels(rows=tuple(rows), n_open=len(open_rows), said=tuple(_told(rows, n_most, int(known.sum()))))


def doubts(said: pd.DataFrame, model: "Model") -> NDArray[np.float64]:
    """Return how unsure each answer is, 0 to 1.

    Of classes: how close the second best answer is, by what mistakes cost where that was said; of a number: how wide
    its range is, against the widest.
    """
    task = model.task
    if task.classes:
        chances = said[[f"probability_{label}" for label in task.classes]].to_numpy(np.float64)
        costs = np.array(json.loads(model.metadata.get("tablewright.decision", "{}")).get("costs") or [])
        costs = costs if costs.size else 1.0 - np.eye(len(task.classes))
        expected = np.sort(chances @ costs / max(float(costs.max()), 1e-12), axis=1)
        return np.asarray(np.clip(1.0 - (expected[:, 1] - expected[:, 0]), 0.0, 1.0))
    if not {"low", "high"} <= set(said.columns):
        return np.zeros(len(said))
    widths = (said["high"] - said["low"]).to_numpy(np.float64)
    most = float(np.nanmax(widths, initial=0.0))
    return np.nan_to_num(widths / most) if most > 0 else np.zeros(len(said))


def _known(task: Task, file: "Arrived") -> NDArray[np.bool_]:
    """Mark the rows with any outcome, one that the model does not know included: it is an answer too."""
    if file.outcomes is None:
        return np.zeros(file.n_rows, dtype=bool)
    return np.asarray(file.answered(task) | file.outcomes.given)


def _distinct(cells: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first row of each kind, and for every row how many are equal to it."""
    keys = np.asarray(pd.util.hash_pandas_object(cells, index=False), np.uint64)
    _distinct_keys, first, kind, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    return np.sort(first), counts[kind]


def _unlike(said: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the columns that each row's sentence lists; names may hold commas themselves."""
    if UNLIKE not in said:
        return [()] * len(said)
    name = re.compile("(" + "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True)) + ")(?:, |$)")
    return [tuple(name.findall(listed)) for listed in said[UNLIKE].astype(str)]


def _ranks(doubt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each value the share of values below it."""
    return np.asarray(np.searchsorted(np.sort(doubt), doubt, "left") / max(len(doubt), 1))


def _prediction(said: pd.DataFrame, place: int, task: Task) -> str:
    cell = said[PREDICTION].iloc[place]
    return str(cell) if task.classes else about(float(cell), _width(said))


def _width(said: pd.DataFrame) -> float:
    values = said[PREDICTION].to_numpy(np.float64)
    return float(np.nanmax(values) - np.nanmin(values)) or float(np.nanmax(np.abs(values))) or 1.0


def _reasons(reason: Message, unlike: tuple[str, ...], n_copies: int) -> Iterator[Message]:
    if not unlike or reason.code not in {SURE.code, OTHERWISE.code}:
        yield reason
    if unlike:
        yield STRANGE(columns=listed(unlike, N_NAMED))
    if n_copies:
        yield ONE_COPY() if n_copies == 1 else COPIES(n=n_copies)


def _of_classes(said: pd.DataFrame, place: int, task: Task, doubt: float) -> Message:
    chances = np.array([float(said[f"probability_{label}"].iloc[place]) for label in task.classes])
    first, second = np.argsort(-chances, kind="stable")[:2]
    facts = {"first": str(task.classes[first]), "chance": percent(float(chances[first]))}
    other = {"second": str(task.classes[second]), "other": percent(float(chances[second]))}
    if chances[first] - chances[second] < WAVERING:
        return WAVERS(**facts, **other)
    if doubt > 1 - WAVERING:
        return COSTLY(**facts, **other)
    return LEANS(**facts, **other) if chances[first] < LEANING else SURE(**facts)


def _of_number(said: pd.DataFrame, place: int, task: Task, wider: float) -> Message:
    if "low" not in said or wider < 0.5:
        return OTHERWISE(prediction=_prediction(said, place, task))
    width = _width(said)
    ends = {name: about(float(said[name].iloc[place]), width) for name in ("low", "high")}
    return WIDE(**ends, share=of_100(wider))


def _told(rows: list[ToLabel], n_most: int, n_known: int) -> Iterator[Message]:
    if n_known:
        yield KNOWN_LEFT_OUT(n=n_known)
    if len(rows) < n_most:
        yield FEWER(n=len(rows))
