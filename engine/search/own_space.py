"""A person's own search space, written as JSON: `_type` and `_value` for each parameter, as NNI writes them.

`{"lightgbm": {"num_leaves": {"_type": "randint", "_value": [4, 64]}}, "features.number_pairs": {...}}`: families are
named at the top, with their parameters; names with a dot stand at the top for all families, or inside one. Only what is
named is searched, in the families that are named; without any family named, all families take part.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.families.family import Family, Trial, families
from engine.features.step import OFF, FeatureSelection, FeatureStep
from engine.messages import Message, phrase
from engine.registry import parts
from engine.search.option import NotingTrial, Option
from engine.search.point import FEATURES, TARGET
from engine.shape import Shape
from engine.tasks.task import TaskKind

EXAMPLE = '{"lightgbm": {"num_leaves": {"_type": "randint", "_value": [4, 64]}}}'

NOT_A_SPACE = phrase(
    "space_not_an_object",
    "The search space is not written as names with what may be chosen for them.",
    "Write it like this: {example}.",
)
UNKNOWN_FAMILY = phrase(
    "space_family_unknown",
    "The search space names the model family {family}, which does not exist.",
    "Name some of: {choices}; or a choice of features or target, such as features.number_pairs.",
)
NONE_ALLOWED = phrase(
    "space_families_not_allowed",
    "The search space names {named}, but only {families} may be tried.",
    "Let one of the families that it names be tried, or name others in the search space.",
)
UNKNOWN_PARAMETER = phrase(
    "space_parameter_unknown",
    "The search space names {parameter} of {family}, which cannot be chosen there.",
    "Name some of: {choices}.",
)
UNKNOWN_TYPE = phrase(
    "space_type_unknown",
    "In the search space, {parameter} has the type {found}.",
    "Write one of these as its _type: {choices}.",
)
BAD_VALUE = phrase(
    "space_value_bad",
    "In the search space, {parameter} is of the type {type}, and its _value is {found}.",
    "Write {expected} as its _value.",
)
BAD_CHOICE = phrase(
    "space_choice_unknown", "In the search space, {parameter} may be {found}, which it cannot be.", "Name: {choices}."
)
UNFIT_VALUE = phrase(
    "space_value_unfit",
    "In the search space, {parameter} may be {found}, which it cannot be.",
    "What is usually searched: {usual}.",
)
NOT_WHOLE = phrase(
    "space_not_whole",
    "In the search space, {parameter} can take numbers between the whole ones; it needs whole numbers.",
    "Use randint, or quniform with whole numbers and a whole step.",
)

_EXPECTED: Mapping[str, str] = {
    "choice": "a list of at least one value, such as [4, 8, 16]",
    "randint": "two whole numbers, the second one larger and itself left out, such as [4, 64]",
    "uniform": "two numbers, the second one larger, such as [0.1, 0.9]",
    "loguniform": "two numbers above 0, the second one larger, such as [0.001, 0.1]",
    "quniform": "two numbers, the second one larger, and a step above 0, such as [10, 100, 10]",
    "qloguniform": "two numbers above 0, the second one larger, and a step above 0, such as [1, 100, 1]",
}
_WHOLE = ("randint", "choice")


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """What may be chosen for one parameter: the `type` and the `value` that the person wrote."""

    type: str
    value: tuple[Any, ...]

    def suggest(self, trial: Trial, name: str) -> Any:
        """Let a trial choose."""
        if self.type == "choice":
            return trial.suggest_categorical(name, self.value)
        low, high, *step = self.value
        if self.type == "randint":
            return trial.suggest_int(name, low, high - 1)
        chosen = trial.suggest_float(name, float(low), float(high), log=self.type.endswith("loguniform"))
        return self._stepped(chosen, step[0]) if step else chosen

    def _stepped(self, chosen: float, step: float) -> float:
        low, high, *_ = self.value
        value = min(high, max(low, round(chosen / step) * step))
        return int(value) if self.is_whole else value

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers can come out, or what the person listed."""
        return self.type in _WHOLE or (self.type[0] == "q" and all(isinstance(each, int) for each in self.value))

    def allows(self, value: Any) -> bool:
        """Say whether a value can come out, as far as its range goes."""
        if self.type == "choice":
            return value in self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        low, high, *_ = self.value
        return bool(low <= value < high if self.type == "randint" else low <= value <= high)


@dataclass(frozen=True, kw_only=True)
class OwnSpace:
    """A person's own space. `families`: dimensions by family and parameter; `around`: those for all families."""

    families: Mapping[str, Mapping[str, Dimension]]
    around: Mapping[str, Dimension]

    @property
    def keys(self) -> tuple[str, ...]:
        """The families that are named; empty when all take part."""
        return tuple(self.families)

    def propose(
        self,
        trial: Trial,
        family: str,
        features: Mapping[str, Sequence[str]],
        targets: Mapping[str, Sequence[str]],
    ) -> dict[str, Any]:
        """Let a trial choose what is named of a family, as far as this table offers it."""
        offered = {**features, **targets}
        wanted = {**self.around, **self.families.get(family, {})}
        return {
            name: dimension.suggest(trial, name)
            for name, dimension in wanted.items()
            if not name.startswith((FEATURES, TARGET)) or name in offered
        }

    def allows(self, family: str, point: Mapping[str, Any]) -> bool:
        """Say whether a point takes no value that the person has left out."""
        wanted = {**self.around, **self.families.get(family, {})}
        return all(wanted[name].allows(value) for name, value in point.items() if name in wanted)


def read_space(data: Mapping[str, Any]) -> OwnSpace:
    """Return the space that was written; `space_problems` must be empty.

    >>> space = read_space({"linear": {"strength": {"_type": "loguniform", "_value": [0.1, 10]}}})
    >>> space.keys, space.allows("linear", {"strength": 20.0})
    (('linear',), False)
    """
    return OwnSpace(
        families={
            key: {name: _dimension(each) for name, each in inside.items()}
            for key, inside in data.items()
            if not _is_around(key)
        },
        around={key: _dimension(each) for key, each in data.items() if _is_around(key)},
    )


def families_named(data: object) -> tuple[str, ...]:
    """Return the families that a space names, though something else may be wrong with it; none where all take part.

    >>> families_named({"linear": {}, "features.number_pairs": {}, "nothing": {}})
    ('linear',)
    """
    return tuple(family.key for family in families() if isinstance(data, Mapping) and family.key in data)


def space_problems(data: object) -> Iterator[Message]:
    """Tell everything that is wrong with what was written."""
    if not isinstance(data, Mapping) or not data:
        yield NOT_A_SPACE(example=EXAMPLE)
        return
    known = {family.key: family for family in families()}
    for key, inside in data.items():
        if _is_around(key):
            yield from _around_problems(key, inside)
        elif key not in known:
            yield UNKNOWN_FAMILY(family=str(key), choices=", ".join(known))
        elif not isinstance(inside, Mapping):
            yield NOT_A_SPACE(example=EXAMPLE)
        else:
            yield from _family_problems(known[key], inside)


def _family_problems(family: Family, inside: Mapping[str, Any]) -> Iterator[Message]:
    own = options_of(family)
    for name, each in inside.items():
        if _is_around(name):
            yield from _around_problems(name, each)
            continue
        if name not in own:
            yield UNKNOWN_PARAMETER(family=family.key, parameter=str(name), choices=", ".join(own) or "–")
            continue
        problems = list(_dimension_problems(name, each))
        yield from problems
        if not problems:
            yield from _option_problems(own[name], _dimension(each))


def _option_problems(option: Option, dimension: Dimension) -> Iterator[Message]:
    if option.whole and not dimension.is_whole:
        yield NOT_WHOLE(parameter=option.name)
        return
    named = dimension.value if dimension.type == "choice" else dimension.value[:1]
    unfit = [str(value) for value in named if not option.suits(value)]
    if unfit:
        yield UNFIT_VALUE(parameter=option.name, found=", ".join(unfit), usual=option.usual)


def _around_problems(name: str, each: Any) -> Iterator[Message]:
    problems = list(_dimension_problems(name, each))
    yield from problems
    choices = _choices_around(name)
    if problems or choices is None:
        return
    if not choices:
        known = [FEATURES + key for key, offers in _feature_offers().items() if offers]
        yield UNKNOWN_PARAMETER(family="all", parameter=name, choices=", ".join([*known, "target.transform"]))
        return
    dimension = _dimension(each)
    wrong = [str(value) for value in dimension.value if value not in choices]
    if wrong or dimension.type != "choice":
        yield BAD_CHOICE(parameter=name, found=", ".join(wrong) or dimension.type, choices=", ".join(choices))


def _choices_around(name: str) -> tuple[str, ...] | None:
    """Return what can be chosen under a name with a dot; None when only the run knows, empty when nothing is there."""
    if name.startswith(TARGET):
        return None
    found = _feature_offers().get(name.removeprefix(FEATURES))
    return (OFF, *found) if found else ()


def _feature_offers() -> dict[str, tuple[str, ...]]:
    """Return the names of what can be chosen of each feature step and each selection of features, by its key."""
    steps, selections = parts("engine.features", FeatureStep), parts("engine.features", FeatureSelection)
    return {each.key: tuple(each.offers) for each in (*steps, *selections)}


def _dimension_problems(name: str, each: object) -> Iterator[Message]:
    if not isinstance(each, Mapping) or "_type" not in each or "_value" not in each:
        yield NOT_A_SPACE(example=EXAMPLE)
        return
    if not isinstance(each["_type"], str) or each["_type"] not in _EXPECTED:
        yield UNKNOWN_TYPE(parameter=str(name), found=str(each["_type"]), choices=", ".join(_EXPECTED))
        return
    kind, value = each["_type"], each["_value"]
    if not _fits(kind, value):
        yield BAD_VALUE(parameter=str(name), type=kind, found=str(value), expected=_EXPECTED[kind])


def _fits(kind: str, value: object) -> bool:
    if not isinstance(value, list | tuple):
        return False
    if kind == "choice":
        return bool(value) and all(isinstance(each, str | int | float | bool | None) for each in value)
    if len(value) != (3 if kind.startswith("q") else 2):
        return False
    whole = int if kind == "randint" else (int, float)
    if not all(isinstance(each, whole) and not isinstance(each, bool) and math.isfinite(each) for each in value):
        return False
    low, high, *step = value
    return low < high and (not kind.endswith("loguniform") or low > 0) and all(each > 0 for each in step)


def _dimension(each: Mapping[str, Any]) -> Dimension:
    return Dimension(type=str(each["_type"]), value=tuple(each["_value"]))


def _is_around(name: object) -> bool:
    return isinstance(name, str) and name.startswith((FEATURES, TARGET))


def options_of(family: Family) -> dict[str, Option]:
    """Return what can be set in a family, by name, with what is usually searched.

    >>> from engine.families.family import family_named
    >>> options_of(family_named("linear"))["strength"].usual
    '0.001 – 1000'
    """
    trial = NotingTrial()
    for kind in TaskKind:
        n_classes = {TaskKind.BINARY: 2, TaskKind.MULTICLASS: 5, TaskKind.REGRESSION: 0}[kind]
        shape = Shape(
            n_rows=20_000,
            n_columns=20,
            n_classes=n_classes,
            kind=kind,
            n_numbers=10,
            n_categories=10,
            n_levels=100,
        )
        if kind in family.tasks:
            family.space(trial, shape)
    options = dict(trial.noted)
    for point in family.starting_points:  # they may say what no search varies
        for name, value in point.items():
            options.setdefault(name, Option(name=name, choices=(value,)))
    return {name: option for name, option in options.items() if not _is_around(name)}
