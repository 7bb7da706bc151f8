"""What is planted is found, by what a person is shown in the end: switched off, any of the parts fails here."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.directions import Cure, cured
from engine.checks.automatic import first_findings
from engine.checks.check import Case
from engine.config import ExperimentConfig
from engine.insight.fairness.fairness import how_fair
from engine.insight.fairness.sensitive import suggested
from engine.insight.quality.judged import judged_from
from engine.insight.quality.money import Prices
from engine.insight.quality.quality import Quality, how_good
from engine.insight.why import Why, find_out_why
from engine.messages import render
from engine.outcomes import Importance
from engine.progress import fold
from engine.run.question import settle_question, without_leaks
from engine.table.schema import Role
from engine.tasks.task import Task, TaskKind
from tests.app import made_runs
from tests.asking import deciding, drawn, numbers, predicting
from tests.judged_rows import answers_of, column_of, rows_of
from tests.tables import dataset

N = 1_500
LOAN = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
WORTH = Task(kind=TaskKind.REGRESSION, targets=("price",))
PRICES = Prices(miss=1.0, alarm=1.0, hit=0.0)
NAMES = ("income", "debt", "years", "useless", "heat", "damp")


def words(found: Any) -> str:
    return " ".join(map(render, found))


@pytest.mark.parametrize("planted", [True, False])
def test_a_leak_is_left_out_and_without_one_nothing_is(tmp_path: Path, planted: bool) -> None:
    random = np.random.default_rng(0)
    answer = random.choice(["yes", "no"], N)
    told = np.where(answer == "yes", "closed", "open") if planted else random.choice(["closed", "open"], N)
    columns = {"size": random.normal(size=N).round(3).tolist(), "state": told.tolist(), "left": answer.tolist()}
    config = ExperimentConfig(target="left")
    question = settle_question(dataset(tmp_path, columns), config)
    found = first_findings(Case(dataset=question.dataset, task=question.task, config=config))
    assert without_leaks(question, found).leaks == (("state",) if planted else ())


@pytest.fixture(scope="module")
def why() -> Why:
    """What is said of a model that rises with debt where it should fall, and never looks at one column."""
    rows = drawn(900, *NAMES)

    def chance(table: pd.DataFrame) -> pd.Series:
        odds = 3 * table["income"] + 4 * table["debt"] - 2 * table["years"]
        return 1 / (1 + np.exp(-(odds - 2.5 + 9 * (table["heat"] - 0.5) * (table["damp"] - 0.5))))

    truth = pd.Series(np.where(np.random.default_rng(1).random(len(rows)) < chance(rows), "yes", "no"))
    shares = {"debt": 0.4, "income": 0.3, "years": 0.2, "heat": 0.05, "damp": 0.05, "useless": 0.0}
    moved = [Importance(column=name, value=share, share=share) for name, share in shares.items()]
    return find_out_why(deciding(numbers(*NAMES), chance), rows, truth, "auc", moved, held_out=True)


def test_a_useless_column_costs_nothing_and_that_is_said(why: Why) -> None:
    lost = {each.column: each for each in why.lost}
    assert not lost["useless"].is_felt
    assert min(lost[name].loss for name in ("income", "debt", "years")) > 5 * abs(lost["useless"].loss)
    assert "useless makes hardly a difference." in words(why.effect_sentences())
    assert "income makes hardly a difference." not in words(why.effect_sentences())


def test_the_pair_that_works_together_is_named_alone(why: Why) -> None:
    assert {frozenset((each.first, each.second)) for each in why.interactions} == {frozenset(("heat", "damp"))}
    assert " and ".join(sorted(("heat", "damp"), key=NAMES.index)) in words(why.interaction_sentences()) or (
        "damp and heat" in words(why.interaction_sentences())
    )


def test_rows_that_were_learnt_from_are_called_so(why: Why) -> None:
    assert "why_learnt_from" not in [each.code for each in why.doubts()]
    assert "why_learnt_from" in [each.code for each in replace(why, held_out=False).doubts()]
    assert "why_learnt_from" not in [each.code for each in replace(why, held_out=False, lost=()).doubts()]


def test_what_moves_single_rows_is_not_called_idle() -> None:
    rows = drawn(900, "a", "b", "idle")

    def number(table: pd.DataFrame) -> np.ndarray:
        return np.asarray(8 * (table["a"] - 0.5) * (table["b"] - 0.5) + 3 * table["b"], dtype=float)

    moved = [Importance(column=name, value=share, share=share) for name, share in (("a", 0.4), ("b", 0.6), ("idle", 0))]
    asked = predicting(numbers("a", "b", "idle"), number)
    found = find_out_why(asked, rows, pd.Series(number(rows)), "rmse", moved, held_out=True)
    codes = {str(each.parameters["column"]): each.code for each in found.effect_sentences()}
    assert codes == {"a": "effect_hardly_on_average", "b": "effect_number_rises", "idle": "effect_hardly"}
    alone = replace(found, interactions=(), importances=())
    assert {each.code for each in alone.effect_sentences()} == {"effect_hardly", "effect_number_rises"}


def test_a_wrong_direction_is_said_as_it_is_and_can_be_forbidden(why: Why) -> None:
    said = {
        effect.column: render(sentence) for effect, sentence in zip(why.effects, why.effect_sentences(), strict=True)
    }
    assert "rises with debt" in said["debt"] or "debt raises" in said["debt"]
    assert "falls with years" in said["years"] or "years lowers" in said["years"]
    settings = cured(ExperimentConfig(target="left"), {"debt": Cure.NEVER_RISE})
    assert settings.limits.monotone == {"debt": -1}
    assert cured(settings, {"debt": Cure.LEAVE_OUT}).limits.monotone == {}


def two_answers(*, region: str = "", sex: str = "") -> Quality:
    """Return what is said of a model that guesses in a region, and says too little of one sex."""
    return _judged_loans(region, sex)[1]


def _judged_loans(region: str, sex: str) -> tuple[Any, Quality]:
    random = np.random.default_rng(5)
    columns = {
        "region": random.choice(["north", "south", "east"], N),
        "sex": random.choice(["f", "m"], N),
        "size": random.normal(size=N),
    }
    true = random.beta(0.5, 0.5, N)
    y = (random.random(N) < true).astype(int)
    said = np.where(columns["region"] == region, random.beta(0.5, 0.5, N), true)
    said = np.clip(said - 0.3 * (columns["sex"] == sex), 0.01, 0.99)
    cells, schema = rows_of(columns)
    answers = answers_of(LOAN, y, np.column_stack([1 - said, said]))
    judged = judged_from(answers, cells, schema, LOAN, held_out=True, n_rows=N)
    found = how_good(fold(made_runs.finished(LOAN)), judged, PRICES)
    assert found is not None
    return judged, found


def test_a_bad_slice_is_named_where_there_is_one() -> None:
    bad = two_answers(region="east").weak
    good = two_answers().weak
    assert bad is not None
    assert good is not None
    assert [(each.column, each.value) for each in bad.slices.found] == [("region", "east")]
    assert words(bad.slices.said).startswith("Where region is east, the answer is wrong in")
    assert [each.code for each in good.slices.said] == ["quality_no_slice"]


def test_an_unfair_group_is_suggested_and_named_where_there_is_one() -> None:
    judged, _quality = _judged_loans("", "f")
    assert "sex" in suggested(judged.cells, judged.schema)
    assert "Where sex is f" in words(how_fair(judged, "sex").said)
    fair, _quality = _judged_loans("", "")
    assert "Where sex is f" not in words(how_fair(fair, "sex").said)


@pytest.mark.parametrize("planted", [True, False])
def test_errors_that_bend_with_a_column_are_named_where_they_do(planted: bool) -> None:
    random = np.random.default_rng(6)
    columns = {"age": random.uniform(0, 60, N), "size": random.normal(size=N)}
    y = random.normal(100, 20, N)
    off = random.normal(0, 4, N) + (8 * (columns["age"] > 50) if planted else 0)
    cells, schema = rows_of(columns)
    judged = judged_from(answers_of(WORTH, y, y + off), cells, schema, WORTH, held_out=True, n_rows=N)
    found = how_good(fold(made_runs.finished(WORTH)), judged, PRICES)
    assert found is not None
    assert found.leaning is not None
    assert ("predictions are too high by" in words(found.leaning.said)) == planted
    assert found.to_json()["leaning"]["said"] == list(map(render, found.leaning.said))


@pytest.mark.parametrize(("n_groups", "code"), [(40, "quality_grouped"), (1, "quality_one_group"), (0, "")])
def test_it_is_said_that_whole_groups_were_drawn(n_groups: int, code: str) -> None:
    random = np.random.default_rng(7)
    cells, schema = rows_of({"person": [f"p{i % max(n_groups, 1)}" for i in range(N)], "size": random.normal(size=N)})
    if n_groups:
        schema = column_of(schema, "person", role=Role.GROUP)
    y = random.normal(size=N)
    judged = judged_from(answers_of(WORTH, y, y), cells, schema, WORTH, held_out=True, n_rows=N)
    found = how_good(fold(made_runs.finished(WORTH)), replace(judged, n_rows=N), PRICES)
    assert found is not None
    assert [each.code for each in found.how if "group" in each.code] == ([code] if code else [])
    if n_groups > 1:
        assert "40 of them" in words(found.how)
