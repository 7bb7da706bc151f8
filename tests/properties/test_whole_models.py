"""Whatever the table is, the file says what the libraries say: made-up schemas, cells and targets.

Each example makes a table of its own, fits some family behind a step on it, and lets the certificate look for
differences on its rows and on hard ones. `make twins` tries twenty times as many.
"""

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.blend.familiar import familiar_with
from engine.blend.final import FinalMember, FinalModel, FittedModel
from engine.families.family import Rows, Setting, families, family_named
from engine.features.pipeline import fit_pipeline, transform
from engine.features.step import Answers, FeatureStep, StepSpec
from engine.graph.assemble import assemble
from engine.graph.certificate import TOLERANCE, certify
from engine.graph.row_times import RowTimes
from engine.messages import phrase
from engine.registry import parts
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind

EXAMPLES = int(os.environ.get("TABLEWRIGHT_EXAMPLES", "25"))
TOLD = phrase("test_whole_models_told", "Told by a test.")()
TIMES = RowTimes(usual_microseconds=1.0, calm_microseconds=1.0, slow_microseconds=1.0, slowest_microseconds=1.0)
FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%b %d, %Y", "%Y-%m-%d %H:%M")
STEPS = [step.key for step in parts("engine.features", FeatureStep)]
FAMILIES = [family.key for family in families()]
# Few rounds and small forests: what is held against the library is the graph, not how good the model is.
SMALL = {"extra_trees": {"n_estimators": 5}, "network": {"most_rounds": 3, "width": 16}}
N_ROUNDS = 5

names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6)
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1e3, 1e3),
    st.integers(-5, 5).map(float),
    st.sampled_from([1e300, -1e300, 1e-300, 0.0, -0.0, 1.7e9, 2.0**53]),
)


@dataclass(frozen=True, kw_only=True)
class World:
    """A made-up table with its schema and its question."""

    columns: tuple[ColumnSchema, ...]
    frame: pd.DataFrame
    task: Task
    y: np.ndarray


def cells_of(draw: st.DrawFn, kind: Kind, cells: Cells, formats: tuple[str, ...], n_rows: int) -> pd.Series:
    pick = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if cells is Cells.NUMBER:
        values = draw(st.lists(numbers, min_size=2, max_size=12))
        return pd.Series([np.nan if pick.random() < 0.15 else values[i] for i in pick.integers(0, len(values), n_rows)])
    if kind is Kind.DATE:
        days = pd.Timestamp("1960-01-01") + pd.to_timedelta(pick.integers(0, 40_000, n_rows), unit="D")
        made = [day.strftime(formats[i]) for day, i in zip(days, pick.integers(0, len(formats), n_rows), strict=True)]
    elif kind is Kind.TEXT:
        known = draw(st.lists(words, min_size=1, max_size=12))
        made = [" ".join(pick.choice(np.array(known, dtype=object), pick.integers(1, 6))) for _ in range(n_rows)]
    elif kind.is_number:
        made = [repr(float(value)) for value in pick.normal(size=n_rows)]
    else:
        known = draw(st.lists(words, min_size=2, max_size=2 if kind is Kind.YES_NO else 30, unique=True))
        made = list(pick.choice(np.array(known, dtype=object), n_rows))
    return pd.Series([None if pick.random() < 0.15 else cell for cell in made], dtype="str")


@st.composite
def worlds(draw: st.DrawFn, wanted: frozenset[Kind]) -> World:
    """Make a table that has a column of one of the wanted kinds."""
    n_rows = draw(st.integers(30, 90))
    kinds = [draw(st.sampled_from(sorted(wanted)))]
    kinds += draw(st.lists(st.sampled_from(list(FORMS)), max_size=3))
    columns, frame = [], {}
    for position, name in enumerate(draw(st.lists(names, min_size=len(kinds), max_size=len(kinds), unique=True))):
        kind = kinds[position]
        cells = draw(st.sampled_from(FORMS[kind]))
        formats = tuple(draw(st.permutations(FORMATS))[: draw(st.integers(1, 3))]) if kind is Kind.DATE else ()
        columns.append(
            ColumnSchema(
                name=f"{position} {name}",  # never the name of an output
                original_name=name,
                position=position,
                kind=kind,
                cells=cells,
                reason=TOLD,
                date_formats=formats,
            )
        )
        frame[columns[-1].name] = cells_of(draw, kind, cells, formats, n_rows)
    task = TASKS[draw(st.sampled_from(list(TaskKind)))]
    answers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y = answers.normal(size=n_rows) if not task.classes else np.arange(n_rows) % len(task.classes)
    return World(columns=tuple(columns), frame=pd.DataFrame(frame), task=task, y=answers.permutation(y))


FORMS = {
    Kind.NUMBER: (Cells.NUMBER, Cells.TEXT),
    Kind.CATEGORY: (Cells.TEXT, Cells.NUMBER),
    Kind.YES_NO: (Cells.TEXT, Cells.NUMBER),
    Kind.DATE: (Cells.TEXT,),
    Kind.TEXT: (Cells.TEXT,),
}
TASKS = {
    TaskKind.BINARY: Task(kind=TaskKind.BINARY, targets=("t",), classes=("no", "yes")),
    TaskKind.MULTICLASS: Task(kind=TaskKind.MULTICLASS, targets=("t",), classes=(7, 8, 9)),
    TaskKind.REGRESSION: Task(kind=TaskKind.REGRESSION, targets=("t",)),
}


def modelled(world: World, step: str, family_key: str) -> FinalModel:
    """Fit a family behind its own recipe and a further step."""
    family, answers = family_named(family_key), Answers(task=world.task, y=world.y)
    recipe = (*family.recipe, *([StepSpec(step)] if step not in {spec.key for spec in family.recipe} else []))
    needed = {spec.key for spec in recipe if is_fit_for(family_key, spec.key)}
    recipe = tuple(spec for spec in recipe if spec.key in needed)
    pipeline = fit_pipeline(world.frame, world.columns, recipe, answers)
    features = transform(pipeline, world.frame)
    setting = Setting(
        task=world.task,
        parameters={**family.starting_points[0], **SMALL.get(family_key, {})} if family.starting_points else {},
        seed=0,
        threads=1,
        stopping=Rows(X=features, y=world.y),
        rounds=N_ROUNDS,
    )
    state = family.fit(features, world.y, None, None, None, setting)
    bag = (FittedModel(pipeline=pipeline, family=family_key, state=state, rounds=family.rounds(state)),)
    return FinalModel(
        task=world.task,
        columns=world.columns,
        members=(FinalMember(number=0, family=family_key, weight=1.0, bag=bag),),
        familiar=familiar_with(world.frame, world.columns),
    )


def is_fit_for(family_key: str, step: str) -> bool:
    """Say whether a family may see what a step makes: some take no gaps."""
    (found,) = [each for each in parts("engine.features", FeatureStep) if each.key == step]
    return found.complete or not family_named(family_key).needs_complete


@pytest.mark.parametrize("step", STEPS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_the_file_says_what_the_libraries_say(step: str, data: st.DataObject) -> None:
    (found,) = [each for each in parts("engine.features", FeatureStep) if each.key == step]
    world = data.draw(worlds(frozenset(found.kinds) & frozenset(FORMS)))
    family = data.draw(st.sampled_from([key for key in FAMILIES if is_fit_for(key, step)]))
    model = modelled(world, step, family)
    assert certify(model, assemble(model), world.frame, seed=0, times=TIMES).max_abs_diff <= TOLERANCE
