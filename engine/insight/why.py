"""Everything that is said about why a model predicts what it predicts, as one value that is kept with its run.

Screens, terminal and report read the same value, so they cannot disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.insight.asking import Asked
from engine.insight.effect_sentences import HARDLY, ON_AVERAGE
from engine.insight.effect_sentences import told as effect_told
from engine.insight.effects import Effect, effects
from engine.insight.interactions import Interaction, interactions
from engine.insight.interactions import told as interactions_told
from engine.insight.shuffling import LITTLE, Shuffled, disagreements, shuffled
from engine.insight.surrogate import Surrogate, surrogate
from engine.insight.terms import Term, terms
from engine.messages import Message, phrase
from engine.outcomes import Importance
from engine.tasks.metric import metric_named
from engine.tasks.task import Task

VERSION = 2
N_EFFECTS = 12
N_SHUFFLED = 25

NOT_CAUSES = phrase(
    "why_not_causes",
    "These are associations that the model uses, not causes: to change a value in the world may do something else.",
)
LEARNT_FROM = phrase(
    "why_learnt_from",
    "No rows were set aside, so the scores with shuffled columns come from rows that the model has learnt from.",
)


@dataclass(frozen=True, kw_only=True)
class Why:
    """What was found out by showing rows to the model's file.

    `importances`: of SHAP, the strongest first, empty where there is no explanation; `lost`: of shuffling, by the
    metric. `n_rows`: rows there were to choose from; `held_out`: whether the model has never seen them.
    """

    metric: str
    n_rows: int
    held_out: bool
    importances: tuple[Importance, ...]
    lost: tuple[Shuffled, ...]
    effects: tuple[Effect, ...]
    interactions: tuple[Interaction, ...]
    surrogate: Surrogate | None
    terms: tuple[Term, ...]

    def effect_sentences(self) -> tuple[Message, ...]:
        """Say each of the effects, in their order."""
        return tuple(self._told(effect) for effect in self.effects)

    def _told(self, effect: Effect) -> Message:
        """Call nothing idle that moves single predictions, though up and down alike."""
        said = effect_told(effect)
        moves = any(each.column == effect.column and each.share >= LITTLE for each in self.importances)
        works = any(effect.column in {each.first, each.second} for each in self.interactions)
        return ON_AVERAGE(column=effect.column) if said.code == HARDLY.code and (moves or works) else said

    def interaction_sentences(self) -> tuple[Message, ...]:
        """Say which pairs of columns work together."""
        return interactions_told(self.interactions)

    def doubts(self) -> tuple[Message, ...]:
        """Say where the two ways of measuring importance disagree, and on which rows the second one was measured."""
        unlike = disagreements(self.importances, self.lost)
        return unlike if self.held_out or not self.lost else (*unlike, LEARNT_FROM())

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        rules = self.surrogate.to_json() if self.surrogate else None
        return {**asdict(self), "surrogate": rules, "version": VERSION}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Why | None":
        """Rebuild what was kept; None for what another version kept."""
        if data.get("version") != VERSION:
            return None
        kept = {name: value for name, value in data.items() if name != "version"}
        return Why(
            **{
                **kept,
                "importances": tuple(Importance(**each) for each in data["importances"]),
                "lost": tuple(Shuffled.from_json(each) for each in data["lost"]),
                "effects": tuple(Effect.from_json(each) for each in data["effects"]),
                "interactions": tuple(Interaction.from_json(each) for each in data["interactions"]),
                "surrogate": Surrogate.from_json(data["surrogate"]) if data["surrogate"] else None,
                "terms": tuple(Term.from_json(each) for each in data["terms"]),
            }
        )


def find_out_why(
    asked: Asked,
    rows: pd.DataFrame,
    truth: pd.Series,
    metric: str,
    importances: Sequence[Importance],
    *,
    held_out: bool,
    seed: int = 0,
) -> Why:
    """Show rows to a model and put together what it does. `truth`: the answers of the rows, labels or numbers."""
    strongest = sorted(importances, key=lambda each: -each.share)
    named = [each.column for each in strongest] or [column.name for column in asked.columns]
    y = as_positions(truth, asked.task)
    return Why(
        metric=metric,
        n_rows=len(rows),
        held_out=held_out,
        importances=tuple(strongest),
        lost=shuffled(asked, rows, y, metric_named(metric), named[:N_SHUFFLED], seed=seed),
        effects=effects(asked, rows, named[:N_EFFECTS], seed=seed),
        interactions=interactions(asked, rows, named, seed=seed),
        surrogate=surrogate(asked, rows, seed=seed),
        terms=terms(asked, rows),
    )


def as_positions(truth: pd.Series, task: Task) -> NDArray[np.generic]:
    """Return answers as metrics take them: positions of classes, or numbers.

    >>> from engine.tasks.task import TaskKind
    >>> task = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
    >>> as_positions(pd.Series(["yes", "no"]), task).tolist()
    [1, 0]
    """
    if not task.classes:
        return np.asarray(truth.to_numpy(dtype=np.float64))
    place = {str(label): position for position, label in enumerate(task.classes)}
    return np.array([place[str(label)] for label in truth], dtype=np.int64)
