"""Whether the world has moved away from the training table: column by column, as one light, with reasons.

What has changed counts as much as the column matters to the model; chances are corrected for how many are looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from engine.figures import chance as percent
from engine.insight.in_use.distance import holm
from engine.insight.in_use.shift import Shift, Size, shift_of
from engine.messages import Message, listed, phrase
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import PREDICTION, Task, TaskKind

if TYPE_CHECKING:  # the server reads what was kept, and must not load what reads files
    from engine.insight.in_use.arrived import Arrived
    from engine.insight.in_use.trained import Trained
    from engine.model import Model

CERTAIN = 0.01  # the chance of a single false alarm among all columns
RED = 0.25  # of all movement of the prediction: from so much on it is no longer the model's world
AMBER = 0.05
FEW_ROWS = 50
MOST_ROWS = 100_000
N_NAMED = 5

CALM_ALL = phrase("drift_calm", "No column that the model looks at has changed more than chance explains.")
CALM_ENOUGH = phrase(
    "drift_calm_enough",
    "What has changed hardly matters to the model: {columns} ({share} of what moves the prediction).",
)
CHANGED_SOME = phrase(
    "drift_changed_some",
    "Columns have changed that make up {share} of what moves the prediction: {columns}.",
    "Score it on rows with known outcomes as soon as there are some.",
    "Its score was measured on rows that are not quite like these.",
)
CHANGED_MUCH = phrase(
    "drift_changed_much",
    "Columns have changed that make up {share} of what moves the prediction: {columns}.",
    "Check that they are still measured and written in the same way. If they are, train again with newer rows; until "
    "then trust its predictions less than its score says.",
    "The score was measured on rows unlike these, and need not hold for them.",
)
PREDICTIONS_CHANGED = phrase(
    "drift_predictions",
    "What the model answers is no longer spread as before.",
    "Look whether these rows were chosen in another way than those of the training table.",
)
OUTCOME_CHANGED = phrase(
    "drift_outcome",
    "The outcome itself, {target}, is no longer spread as in the training table.",
    "Train again with these rows: the model still expects outcomes as before.",
)
EQUAL_SHARES = phrase(
    "drift_equal_shares", "How much each column matters is not known for this model, so all columns count the same."
)
TEXTS_COMPARED = phrase(
    "drift_texts_compared",
    "Of the texts in {columns} it compares how long they are, how many are missing, which words are frequent and how "
    "many words are new. What they mean is not looked at.",
)
TOO_FEW = phrase(
    "drift_few_rows",
    "The file has only {n} rows: small changes cannot be told from chance.",
    "Ask again with more rows.",
)


class Light(StrEnum):
    """How alarming it is."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


TITLES = {
    Light.GREEN: phrase("drift_green_title", "Nothing that matters has changed"),
    Light.AMBER: phrase("drift_amber_title", "Some of what matters has changed"),
    Light.RED: phrase("drift_red_title", "Much of what matters has changed"),
}
FEW_AND_GREEN = phrase("drift_green_few_title", "Nothing that {n} rows can show has changed")


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A file against the training table.

    `moved`: the share of all movement of the prediction that is due to changed columns. `columns`: those of the model,
    the weightiest change first. `predictions`: what the model answers, against rows it had not learnt from; None where
    none were kept. `outcome`: the true answers; None where the file has none.
    """

    light: Light
    moved: float
    columns: tuple[Shift, ...]
    predictions: Shift | None
    outcome: Shift | None
    said: tuple[Message, ...]
    n_rows: int
    n_before: int

    @property
    def title(self) -> Message:
        """The light in words."""
        few = self.light is Light.GREEN and self.n_rows < FEW_ROWS
        return FEW_AND_GREEN(n=self.n_rows) if few else TITLES[self.light]()

    @property
    def changed(self) -> tuple[Shift, ...]:
        """The columns that have changed."""
        return tuple(each for each in self.columns if each.size is not Size.NONE)

    @property
    def told(self) -> tuple[Message, ...]:
        """What has changed and how, one by one."""
        others = [each for each in (self.predictions, self.outcome) if each is not None]
        return tuple(message for each in (*self.columns, *others) for message in each.said)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Drift":
        """Rebuild what was stored."""
        alone = {name: Shift.from_json(data[name]) if data[name] else None for name in ("predictions", "outcome")}
        return Drift(
            **{
                **data,
                **alone,
                "light": Light(data["light"]),
                "columns": tuple(map(Shift.from_json, data["columns"])),
                "said": tuple(map(Message.from_json, data["said"])),
            }
        )


def find_drift(model: "Model", trained: "Trained", file: "Arrived") -> Drift:
    """Compare a file with the training table, column by column."""
    chosen = np.sort(np.random.default_rng(0).permutation(file.n_rows)[:MOST_ROWS])
    now = file.cells.iloc[chosen]
    found = [
        shift_of(trained.cells[column.name], now[column.name], column, trained.shares[column.name])
        for column in model.columns
    ]
    answers = _predictions(model.task, trained.said, file.said.iloc[chosen])
    outcome = _outcome(model.task, trained, file)
    every = [*found, *(each for each in (answers, outcome) if each is not None)]
    corrected = holm([each.chance for each in every])
    judged = [each.judged(chance, CERTAIN) for each, chance in zip(every, corrected, strict=True)]
    columns = sorted(judged[: len(found)], key=lambda each: (-each.weight, -(each.share or 0.0)))
    rest = judged[len(found) :]
    return _lit(
        columns,
        [column.name for column in model.columns if column.kind.is_words],
        rest.pop(0) if answers is not None else None,
        rest.pop(0) if outcome is not None else None,
        trained,
        file.n_rows,
    )


def _lit(
    columns: Sequence[Shift],
    texts: Sequence[str],
    answers: Shift | None,
    outcome: Shift | None,
    trained: "Trained",
    n: int,
) -> Drift:
    moved = sum(each.weight for each in columns)
    light = Light.RED if moved >= RED else Light.AMBER if moved >= AMBER else Light.GREEN
    other = max((each.size for each in (answers, outcome) if each is not None), key=list(Size).index, default=Size.NONE)
    if other is Size.MUCH and light is Light.AMBER:
        light = Light.RED
    elif other is not Size.NONE and light is Light.GREEN:
        light = Light.AMBER
    return Drift(
        light=light,
        moved=moved,
        columns=tuple(columns),
        predictions=answers,
        outcome=outcome,
        said=(*_reasons(light, columns, answers, outcome, trained, n), *_of_texts(texts)),
        n_rows=n,
        n_before=len(trained.cells),
    )


def _reasons(
    light: Light, columns: Sequence[Shift], answers: Shift | None, outcome: Shift | None, trained: "Trained", n: int
) -> list[Message]:
    changed = [each for each in columns if each.size is not Size.NONE]
    moved = sum(each.weight for each in changed)
    reasons = []
    if changed:
        say = CHANGED_MUCH if light is Light.RED else CHANGED_SOME if moved >= AMBER else CALM_ENOUGH
        share = sum(each.share or 0.0 for each in changed)
        reasons.append(say(columns=listed([each.column for each in changed], N_NAMED), share=percent(share)))
    else:
        reasons.append(CALM_ALL())
    if answers is not None and answers.size is not Size.NONE:
        reasons.append(PREDICTIONS_CHANGED())
    if outcome is not None and outcome.size is not Size.NONE:
        reasons.append(OUTCOME_CHANGED(target=trained.task.target))
    if not trained.is_explained:
        reasons.append(EQUAL_SHARES())
    if n < FEW_ROWS:
        reasons.append(TOO_FEW(n=n))
    return reasons


def _of_texts(names: Sequence[str]) -> tuple[Message, ...]:
    return (TEXTS_COMPARED(columns=listed(names, N_NAMED)),) if names else ()


def _predictions(task: Task, before: pd.DataFrame, now: pd.DataFrame) -> Shift | None:
    if before.empty:
        return None
    name = f"probability_{task.classes[1]}" if task.kind is TaskKind.BINARY else PREDICTION
    is_number = task.kind is not TaskKind.MULTICLASS
    cells = [part[name].astype("float64" if is_number else "str").reset_index(drop=True) for part in (before, now)]
    column = ColumnSchema(
        name=name,
        original_name=name,
        position=0,
        kind=Kind.NUMBER if is_number else Kind.CATEGORY,
        cells=Cells.NUMBER if is_number else Cells.TEXT,
        reason=CALM_ALL(),
    )
    return shift_of(cells[0], cells[1], column, None)


def _outcome(task: Task, trained: "Trained", file: "Arrived") -> Shift | None:
    answered = file.answered(task)
    if file.outcomes is None:
        return None
    strange = file.outcomes.cells[~answered].dropna().astype("str") if task.classes else pd.Series([], dtype="str")
    if not answered.any() and strange.empty:
        return None
    column = trained.schema[task.target]
    if not task.classes:
        before, now = pd.Series(trained.y.astype(np.float64)), pd.Series(file.outcomes.y[answered].astype(np.float64))
        kind, cells = Kind.NUMBER, Cells.NUMBER
    else:
        labels = np.array([str(label) for label in task.classes], dtype=object)
        before, known = (pd.Series(labels[y.astype(np.int64)]) for y in (trained.y, file.outcomes.y[answered]))
        now = pd.concat([known, strange], ignore_index=True)  # what no row of the training was called counts, too
        kind, cells = Kind.CATEGORY, Cells.TEXT
    alone = ColumnSchema(
        name=column.name, original_name=column.name, position=0, kind=kind, cells=cells, reason=column.reason
    )
    return shift_of(before, now, alone, None)
