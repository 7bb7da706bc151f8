"""The candidates of runs as studies of Optuna, for its pages: real names, real values, the scores of every fold.

A run is one study of all its candidates, in which the settings of a family carry its name, and one more for each family
that has several. The searches themselves keep theirs in memory, see `ways.py`.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.events import CandidateFailed, CandidateFinished
from engine.messages import sentence
from engine.progress import ACTIVE, Progress
from engine.search.option import Option

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.storages import InMemoryStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial

FAMILY = "family"
LONGEST_NAME = 80

Candidate = CandidateFinished | CandidateFailed


class Studies:
    """Studies of runs, in one storage. A run is shown again and again while it goes on; what is new is added."""

    def __init__(self) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.storage: InMemoryStorage = optuna.storages.InMemoryStorage()
        self._shown: dict[str, set[int]] = {}  # candidates, by run
        self._whole: set[str] = set()

    def is_whole(self, run_id: str) -> bool:
        """Whether nothing can come that is not shown."""
        return run_id in self._whole

    def show(self, run_id: str, name: str, began: datetime, now: Progress) -> None:
        """Add the candidates of a run that came to an end since it was last shown; `began`: when it was created."""
        shown = self._shown.setdefault(run_id, set())
        if now.prepared is not None:
            ended: tuple[Candidate, ...] = (*now.finished, *now.failed)
            new = [each for each in ended if each.number not in shown]
            for each in sorted(new, key=lambda candidate: (candidate.seconds, candidate.number)):
                self._add(f"{name[:LONGEST_NAME]} ({run_id[:6]})", each, began, now)
                shown.add(each.number)
        if now.status not in ACTIVE:
            self._whole.add(run_id)

    def _add(self, title: str, candidate: Candidate, began: datetime, now: Progress) -> None:
        assert now.prepared is not None
        options = now.opened.options if now.opened is not None else {}
        values = dimensions_of(candidate, options.get(candidate.family, ()))
        families = {FAMILY: (candidate.family, _choice(tuple(dict.fromkeys((*options, candidate.family)))))}
        if not options:  # a run from before this was kept: only this family is known, so nothing can be compared
            families = {}
        prefixed = {f"{candidate.family}: {key}": value for key, value in values.items()}
        better = now.prepared.greater_is_better
        for study, dimensions in ((title, {**families, **prefixed}), (f"{title} {candidate.family}", values)):
            if study == title or dimensions:
                self._study(study, greater_is_better=better).add_trial(trial_of(candidate, dimensions, began))

    def _study(self, name: str, *, greater_is_better: bool) -> "Study":
        import optuna

        direction = optuna.study.StudyDirection.MAXIMIZE if greater_is_better else optuna.study.StudyDirection.MINIMIZE
        return optuna.create_study(storage=self.storage, study_name=name, direction=direction, load_if_exists=True)


Dimensions = Mapping[str, tuple[Any, "BaseDistribution"]]


def dimensions_of(candidate: Candidate, options: tuple[Option, ...]) -> dict[str, tuple[Any, "BaseDistribution"]]:
    """Return the settings of a candidate that can be compared with those of others, each with what could be chosen."""
    from optuna.distributions import FloatDistribution, IntDistribution

    found: dict[str, tuple[Any, BaseDistribution]] = {}
    for option in options:
        value = candidate.parameters.get(option.name)
        if option.choices:
            if option.wrong(value) is None:
                found[option.name] = (value, _choice(option.choices))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            low, high = min(option.low, value), max(option.high, value)
            log = option.log and low > 0
            if option.whole and float(value).is_integer():
                found[option.name] = (int(value), IntDistribution(int(low), int(high), log=log))
            elif not option.whole:
                found[option.name] = (float(value), FloatDistribution(low, high, log=log))
    return found


def trial_of(candidate: Candidate, dimensions: Dimensions, began: datetime) -> "FrozenTrial":
    """Return a candidate as a trial: its score, those of its folds, and when it was tried."""
    from optuna.trial import TrialState, create_trial

    finished = isinstance(candidate, CandidateFinished) and math.isfinite(candidate.score)
    pruned = finished and isinstance(candidate, CandidateFinished) and candidate.pruned
    state = TrialState.PRUNED if pruned else TrialState.COMPLETE if finished else TrialState.FAIL
    others = {name: value for name, value in candidate.parameters.items() if name not in dimensions}
    told: dict[str, Any] = {
        "candidate": candidate.number,
        "family": candidate.family,
        "seconds": candidate.train_seconds,
    }
    if isinstance(candidate, CandidateFailed):
        told["cause"] = sentence(candidate.cause)
    folds = candidate.fold_scores if isinstance(candidate, CandidateFinished) else ()
    trial = create_trial(
        state=state,
        value=candidate.score if isinstance(candidate, CandidateFinished) and finished else None,
        params={name: value for name, (value, _dimension) in dimensions.items()},
        distributions={name: dimension for name, (_value, dimension) in dimensions.items()},
        user_attrs={**told, **others},
        intermediate_values={fold: score for fold, score in enumerate(folds) if math.isfinite(score)},
    )
    trial.datetime_complete = began + timedelta(seconds=candidate.seconds)
    trial.datetime_start = trial.datetime_complete - timedelta(seconds=candidate.train_seconds)
    return trial


def _choice(choices: tuple[Any, ...]) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution

    return CategoricalDistribution(choices)
