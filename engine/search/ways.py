"""How the whole space is divided for the search: one study for everything, or one for each family.

The three ways of VolcanoML (Li et al., VLDB 2021): joint, conditioning on the family, and alternating between the
features and the hyper-parameters of a family. Studies live in memory: writing each trial to a database would cost as
much as a short fit.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from engine.search.samplers.sampler import Sampler
from engine.search.settings import WayKey
from engine.search.space import Prefixed, SearchSpace, is_around

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import Trial

FAMILY = "family"
TURN = 5  # candidates of a family before the other block's turn


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A point that a way proposes. `trial`: belongs to the study that proposed it."""

    family: str
    parameters: Mapping[str, Any]
    trial: "Trial"


class Way(Protocol):
    """One way of proposing points."""

    def ask(self, family: str, banned: frozenset[str] = frozenset()) -> Asked:
        """Propose a point, of this family unless the way chooses by itself; then of none that is banned."""
        ...

    def tell(self, asked: Asked, loss: float | None) -> None:
        """Learn how a proposed point did; None when it failed."""
        ...

    def teach(self, family: str, parameters: Mapping[str, Any], loss: float) -> None:
        """Learn how a point did that this way did not propose."""
        ...


class Joint:
    """One study for everything; the family is one choice, on which the others depend."""

    def __init__(self, space: SearchSpace, sampler: Sampler, *, seed: int) -> None:
        self._space = space
        self._families = tuple(family.key for family in space.families)
        self._study = _study(sampler, seed, {})
        self._free = self._study.sampler

    def ask(self, family: str, banned: frozenset[str] = frozenset()) -> Asked:
        """Propose a point of the family that the study chooses; where it chooses a banned one, of this one instead."""
        with _quiet():
            trial = self._study.ask()
            chosen = str(trial.suggest_categorical(FAMILY, self._families))
            if chosen in banned:
                trial, chosen = self._of(family, trial), family
            parameters = self._space.propose(Prefixed(trial, chosen), chosen)
        return Asked(family=chosen, parameters=parameters, trial=trial)

    def _of(self, family: str, instead: "Trial") -> "Trial":
        """Return a trial of this family, in place of one that cannot be used."""
        from optuna.samplers import PartialFixedSampler

        _tell(self._study, instead, None)
        self._study.sampler = PartialFixedSampler({FAMILY: family}, self._free)
        trial = self._study.ask()
        trial.suggest_categorical(FAMILY, self._families)
        self._study.sampler = self._free
        return trial

    def tell(self, asked: Asked, loss: float | None) -> None:
        """Learn how a proposed point did."""
        _tell(self._study, asked.trial, loss)

    def teach(self, family: str, parameters: Mapping[str, Any], loss: float) -> None:
        """Learn from a point that was tried anyhow."""
        from optuna.distributions import CategoricalDistribution

        if family not in self._families:
            return
        chosen, dimensions = self._space.known(family, parameters)
        _add(
            self._study,
            {FAMILY: family, **{f"{family}:{name}": value for name, value in chosen.items()}},
            {
                FAMILY: CategoricalDistribution(self._families),
                **{f"{family}:{name}": dimension for name, dimension in dimensions.items()},
            },
            loss,
        )


class Conditioning:
    """One study for each family; who asks says which family is next."""

    def __init__(self, space: SearchSpace, sampler: Sampler, *, seed: int) -> None:
        self._space = space
        self._sampler = sampler
        self._seed = seed
        self._studies: dict[str, Study] = {}

    def ask(self, family: str, banned: frozenset[str] = frozenset()) -> Asked:  # noqa: ARG002
        """Propose a point of this family."""
        with _quiet():
            trial = self.study(family).ask()
            parameters = self._space.propose(trial, family)
        return Asked(family=family, parameters=parameters, trial=trial)

    def tell(self, asked: Asked, loss: float | None) -> None:
        """Learn how a proposed point did."""
        _tell(self.study(asked.family), asked.trial, loss)

    def teach(self, family: str, parameters: Mapping[str, Any], loss: float) -> None:
        """Learn from a point that was tried anyhow, as far as the sampler can use it."""
        chosen, dimensions = self._space.known(family, parameters)
        # Starting points do not name every parameter, and most samplers model only those that all known points name.
        if self._sampler.conditional or chosen.keys() >= self._space.dimensions(family).keys():
            _add(self.study(family), chosen, dimensions, loss)

    def study(self, family: str) -> "Study":
        """Return the study of a family."""
        if family not in self._studies:
            # A seed of its own for each family, whatever the order in which they are asked.
            place = next(i for i, each in enumerate(self._space.families) if each.key == family)
            self._studies[family] = _study(self._sampler, self._seed + place, self._space.dimensions(family))
        return self._studies[family]


class Alternating(Conditioning):
    """One study for each family; in turn its features and its hyper-parameters stay as in the best point so far."""

    def __init__(self, space: SearchSpace, sampler: Sampler, *, seed: int) -> None:
        super().__init__(space, sampler, seed=seed)
        self._full: dict[str, BaseSampler] = {}
        self._n_asked: dict[str, int] = {}

    def ask(self, family: str, banned: frozenset[str] = frozenset()) -> Asked:
        """Propose a point of this family, in which one block is as in the best so far."""
        from optuna.samplers import PartialFixedSampler

        study = self.study(family)
        full = self._full.setdefault(family, study.sampler)
        n_asked = self._n_asked.get(family, 0)
        self._n_asked[family] = n_asked + 1
        features_turn = (n_asked // TURN) % 2 == 1
        fixed = {name: value for name, value in _best_point(study).items() if is_around(name) is not features_turn}
        free = [name for name in self._space.dimensions(family) if name not in fixed]
        with _quiet():
            study.sampler = PartialFixedSampler(fixed, full) if fixed and free else full
        return super().ask(family, banned)

    def tell(self, asked: Asked, loss: float | None) -> None:
        """Learn how a proposed point did; where a block has nothing new to offer, it is the other's turn."""
        super().tell(asked, loss)
        if loss is None:
            self._n_asked[asked.family] = (self._n_asked[asked.family] // TURN + 1) * TURN


def make_way(key: str, space: SearchSpace, sampler: Sampler, *, seed: int) -> Way:
    """Return the way with this key, ready to be asked."""
    ways: Mapping[WayKey, type[Joint | Conditioning]] = {
        WayKey.JOINT: Joint,
        WayKey.CONDITIONING: Conditioning,
        WayKey.ALTERNATING: Alternating,
    }
    return ways[WayKey(key)](space, sampler, seed=seed)


def _study(sampler: Sampler, seed: int, dimensions: Mapping[str, Any]) -> "Study":
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with _quiet():
        return optuna.create_study(sampler=sampler.make(seed, dimensions), direction="minimize")


def _tell(study: "Study", trial: "Trial", loss: float | None) -> None:
    from optuna.trial import TrialState

    state = TrialState.COMPLETE if loss is not None else TrialState.FAIL
    with _quiet():
        study.tell(trial, loss, state=state)


def _add(study: "Study", params: Mapping[str, Any], dimensions: Mapping[str, Any], loss: float) -> None:
    from optuna.trial import create_trial

    study.add_trial(create_trial(params=dict(params), distributions=dict(dimensions), value=loss))


def _best_point(study: "Study") -> dict[str, Any]:
    from optuna.trial import TrialState

    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    best = min(done, key=lambda trial: (trial.value, trial.number), default=None)
    return {} if best is None else dict(best.params)


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna warns that parts are new; they are pinned here, and a person could do nothing about it."""
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield
