"""A point of the search space: one flat mapping, from which the whole pipeline of a candidate follows.

Keys with a dot choose something around the family: `features.<step>` names one of the step's offers, or is "off";
`target.transform` says how a numeric target is turned, `target.class_weights` how classes are weighed. All other keys
are the family's own parameters. Flat, so that a sampler, a person's JSON, a leaderboard and a tracker read the same
thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.families.family import Family, Parameters
from engine.features.pipeline import step_named
from engine.features.step import OFF, FeatureSelection, FeatureStep, StepSpec
from engine.registry import parts
from engine.shape import Shape

FEATURES = "features."
TARGET = "target."

Recipe = tuple[StepSpec, ...]


@dataclass(frozen=True, kw_only=True)
class PipelineSpec:
    """What a candidate is: its feature steps, the parameters of its family, and how its target is turned."""

    family: str
    recipe: Recipe
    parameters: Parameters
    target: Parameters


def pipeline_spec(family: Family, point: Mapping[str, Any]) -> PipelineSpec:
    """Return the pipeline that a point stands for.

    Raises ConfigError when it names a feature step that does not exist.

    >>> from engine.families.family import family_named
    >>> spec = pipeline_spec(family_named("linear"), {"strength": 2.0, "features.text_terms": "off"})
    >>> spec.parameters, "text_terms" in [step.key for step in spec.recipe]
    ({'strength': 2.0}, False)
    """
    recipe = family.recipe
    for key, choice in point.items():
        if key.startswith(FEATURES):
            recipe = _with_choice(recipe, key.removeprefix(FEATURES), str(choice))
    return PipelineSpec(
        family=family.key,
        recipe=recipe,
        parameters={key: value for key, value in point.items() if not key.startswith((FEATURES, TARGET))},
        target={key.removeprefix(TARGET): value for key, value in point.items() if key.startswith(TARGET)},
    )


def feature_choices(family: Family, shape: Shape) -> dict[str, tuple[str, ...]]:
    """Return what a search can choose of the features for this family: by key, the names of offers, and "off"."""
    own = {spec.key for spec in family.recipe}
    found = {}
    for step in parts("engine.features", FeatureStep):
        usable = step.complete or not family.needs_complete
        if not step.offers or not usable or not step.offered(shape):
            continue
        if step.stands_for and not step.stands_for & own:
            continue
        found[FEATURES + step.key] = (*(() if step.key in own else (OFF,)), *step.offers)
    for selection in parts("engine.features", FeatureSelection):
        if selection.offered(shape):
            found[FEATURES + selection.key] = (OFF, *selection.offers)
    return found


def _with_choice(recipe: Recipe, key: str, choice: str) -> Recipe:
    if choice == OFF:
        return tuple(spec for spec in recipe if spec.key != key)
    selections = {selection.key: selection for selection in parts("engine.features", FeatureSelection)}
    if key in selections:
        others = (spec for spec in recipe if spec.key != key)
        return (*others, StepSpec(key, selections[key].offers[choice]))
    step = step_named(key)
    chosen = StepSpec(step.key, step.offers[choice])
    taken = step.stands_for | {step.key}
    if any(spec.key in taken for spec in recipe):
        place = next(i for i, spec in enumerate(recipe) if spec.key in taken)
        kept = [spec for spec in recipe if spec.key not in taken]
        return (*kept[:place], chosen, *kept[place:])
    return (*recipe, chosen)
