"""What earlier runs found out on their tables, as plain data: the engine is handed it and knows no place for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.events import CandidateFinished, DataPrepared, Event, TableDescribed, of_kind
from engine.families import BASELINE
from engine.progress import baseline_of
from engine.search.table_features import TableFeatures
from engine.tasks.metric import metric_named


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A configuration that was tried on a table. `loss`: better when smaller; `seconds`: what it took there."""

    family: str
    parameters: Mapping[str, Any]
    loss: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Experience:
    """What a run found out. `name`: what people call it; `outcomes`: the best first."""

    name: str
    features: TableFeatures
    metric: str
    baseline_loss: float
    outcomes: tuple[Outcome, ...]

    @property
    def gain(self) -> float:
        """The share of the baseline's loss that the best configuration took away."""
        return 1 - self.outcomes[0].loss / self.baseline_loss if self.outcomes and self.baseline_loss else 0.0


def experience_of(name: str, events: Sequence[Event]) -> Experience | None:
    """Return what the events of a run teach; None when its table was not described or nothing came to its end."""
    described, prepared = of_kind(events, TableDescribed), of_kind(events, DataPrepared)
    if not described or not prepared:
        return None
    metric, finished = metric_named(prepared[-1].metric), of_kind(events, CandidateFinished)
    outcomes = [
        Outcome(
            family=event.family,
            parameters=event.parameters,
            loss=metric.loss(event.score),
            seconds=event.train_seconds,
        )
        for event in finished
        if event.family != BASELINE and not event.pruned
    ]
    if not outcomes:
        return None
    return Experience(
        name=name,
        features=described[-1].features,
        metric=metric.key,
        baseline_loss=metric.loss(baseline_of(prepared[-1], finished)),
        outcomes=tuple(sorted(outcomes, key=lambda outcome: outcome.loss)),
    )


def of_other_tables(experience: Iterable[Experience], features: TableFeatures) -> list[Experience]:
    """Leave out what comes from the same table: a table must not stand in its own prior.

    The rows that are set aside today may have been trained on then, and the configurations chosen by them.
    """
    return [each for each in experience if not each.features.is_same_table(features)]
