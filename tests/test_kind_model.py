"""The learned model of column kinds: its file, its answers, and what is made of them."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.table.columns.kind_classes import CLASS_OF_KIND, CLASSES, KIND_OF_CLASS, NEEDS_PERSON, class_of
from engine.table.columns.kind_facts import ColumnFacts, facts_of
from engine.table.columns.kind_features import NAMES, describe
from engine.table.columns.kind_model import MODEL_FILE, class_probabilities
from engine.table.columns.kind_names import N_TERMS, hashed
from engine.table.columns.kinds import find_column
from engine.table.columns.levels import levels_of
from engine.table.columns.second_look import judge_again
from engine.table.schema import Cells, ColumnSchema, Kind, Role

PRICE = ColumnFacts(
    name="unit_price",
    n_rows=900,
    n_missing=4,
    n_distinct=700,
    mean=12.5,
    std=4.0,
    minimum=0.5,
    maximum=99.9,
    samples=("12.5", "8.25", "3.1", "40.75", "7.6"),
)
COLUMNS = {
    "numeric": PRICE,
    "categorical": ColumnFacts(
        name="country", n_rows=900, n_missing=0, n_distinct=30, samples=("Norway", "Chile", "Japan", "Kenya", "Spain")
    ),
    "datetime": ColumnFacts(
        name="created_at",
        n_rows=900,
        n_missing=0,
        n_distinct=880,
        samples=("2016-12-29 08:00:00", "2017-01-02 09:30:00"),
    ),
    "sentence": ColumnFacts(
        name="description",
        n_rows=900,
        n_missing=9,
        n_distinct=890,
        samples=("The pump was loud and then it stopped.", "We could not open the door on the first day of the month."),
    ),
    "url": ColumnFacts(
        name="website", n_rows=900, n_missing=0, n_distinct=900, samples=("https://a.org/x", "https://b.com/y?z=1")
    ),
    "embedded-number": ColumnFacts(
        name="fare", n_rows=900, n_missing=0, n_distinct=300, samples=("$12.50", "$8.00", "$1,250.00", "$3.10", "$7.75")
    ),
    "not-generalizable": ColumnFacts(
        name="id",
        n_rows=900,
        n_missing=0,
        n_distinct=900,
        mean=450.5,
        std=259.8,
        minimum=1,
        maximum=900,
        samples=("1", "2", "3", "4", "5"),
    ),
}


def test_the_file_is_small_and_belongs_to_these_features() -> None:
    import onnxruntime

    assert MODEL_FILE.stat().st_size < 5_000_000
    session = onnxruntime.InferenceSession(str(MODEL_FILE), providers=["CPUExecutionProvider"])
    assert {each.name: each.shape[1] for each in session.get_inputs()} == {"measures": len(NAMES), "terms": N_TERMS}
    assert session.get_modelmeta().custom_metadata_map["classes"] == ",".join(CLASSES)


@pytest.mark.parametrize("name", COLUMNS)
def test_plain_cases_are_known(name: str) -> None:
    (found,) = class_probabilities([COLUMNS[name]])
    assert CLASSES[int(found.argmax())] == name


def test_probabilities_sum_to_one_and_do_not_depend_on_the_others() -> None:
    odd = [
        ColumnFacts(name="", n_rows=0, n_missing=0, n_distinct=0),
        ColumnFacts(name="名前", n_rows=5, n_missing=5, n_distinct=0),
        ColumnFacts(name="x" * 5000, n_rows=3, n_missing=0, n_distinct=3, samples=("\u0000", "🙂" * 300, " ")),
        replace(PRICE, mean=1e308, maximum=1.7e308, minimum=-1.7e308, std=1e300),
    ]
    facts = [*COLUMNS.values(), *odd]
    together = class_probabilities(facts)
    assert together.shape == (len(facts), len(CLASSES))
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-9)
    alone = np.concatenate([class_probabilities([each]) for each in facts])
    np.testing.assert_allclose(together, alone, atol=1e-9)
    assert class_probabilities([]).shape == (0, len(CLASSES))


def test_two_thousand_columns_take_few_calls_of_one_session() -> None:
    from engine.table.columns import kind_model

    kind_model._session.cache_clear()
    found = class_probabilities([replace(PRICE, name=f"price_{i}") for i in range(2000)])
    assert len(found) == 2000
    uses = kind_model._session.cache_info()
    assert (uses.misses, uses.hits) == (1, 3)


def test_the_file_is_opened_only_when_it_is_asked() -> None:
    code = "import sys, engine.table.columns.second_look; print('onnxruntime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_facts_of_cells_are_those_of_the_numbers() -> None:
    facts = facts_of(levels_of(pd.Series(["3", "1", "3", None, "8"] * 20, dtype="str"), "size"))
    values = np.array([3, 1, 3, 8])
    assert (facts.n_rows, facts.n_missing, facts.n_distinct, facts.samples) == (100, 20, 3, ("3", "1", "8"))
    assert (facts.mean, facts.minimum, facts.maximum) == (values.mean(), 1, 8)
    assert facts.std == pytest.approx(values.std())
    assert not facts_of(levels_of(pd.Series(["3", "kg", "4"], dtype="str"), "size")).is_number
    assert not facts_of(levels_of(pd.Series([None, None], dtype="str"), "size")).is_number


def test_measures_are_finite_and_terms_have_length_one() -> None:
    for facts in COLUMNS.values():
        assert np.isfinite(describe(facts)).all()
        assert np.linalg.norm(hashed(facts)) == pytest.approx(1, abs=1e-6)


def test_the_table_of_classes_is_whole() -> None:
    assert set(CLASS_OF_KIND) == set(Kind)
    assert set(KIND_OF_CLASS) == set(CLASSES)
    assert all(CLASS_OF_KIND[kind] == name for name, kind in KIND_OF_CLASS.items() if kind is not None)


def judged(cells: list[str], name: str) -> tuple[ColumnSchema, ColumnFacts]:
    raw = pd.Series(cells, name=name, dtype="str")
    return find_column(raw), facts_of(levels_of(raw, name))


def again(column: ColumnSchema, facts: ColumnFacts, **likely: float) -> ColumnSchema:
    spread = np.full(len(CLASSES), (1 - sum(likely.values())) / (len(CLASSES) - len(likely)))
    for name, probability in likely.items():
        spread[CLASSES.index(name.replace("_", "-"))] = probability
    (seen,) = judge_again([column], [facts], spread[None, :])
    return seen


def test_whole_numbers_that_look_like_codes_become_a_category_of_the_same_cells() -> None:
    column, facts = judged([str(i % 15) for i in range(300)], "route")
    assert column.kind is Kind.NUMBER
    seen = again(column, facts, categorical=0.9)
    assert (seen.kind, seen.subkind, seen.cells, seen.role) == (Kind.CATEGORY, None, Cells.NUMBER, Role.FEATURE)
    assert (seen.rules, seen.n_missing, seen.probability) == (column.rules, 0, 0.9)
    assert again(column, facts, categorical=0.5).kind is Kind.NUMBER


def test_a_feature_is_lost_to_an_id_only_when_that_is_almost_certain() -> None:
    column, facts = judged([str(1000 + 7 * i) for i in range(300)], "size")
    assert again(column, facts, not_generalizable=0.95).role is Role.IGNORED
    assert again(column, facts, not_generalizable=0.85) == column, "a person is not asked about every doubt"
    repeating, facts = judged([str(1000 + 7 * (i % 100)) for i in range(300)], "size")
    assert again(repeating, facts, not_generalizable=0.95).kind is Kind.NUMBER


def test_years_and_counts_stay_numbers() -> None:
    for cells, name in (
        ([str(1950 + i % 60) for i in range(300)], "built"),
        ([str(i % 5) for i in range(300)], "n_rooms"),
    ):
        column, facts = judged(cells, name)
        assert column.kind is Kind.NUMBER
        assert again(column, facts, categorical=0.97).kind is Kind.NUMBER


def test_what_is_certain_by_construction_stays() -> None:
    for cells, name in (
        (["1.5", "2.25", "8.5"] * 100, "width"),
        (["2024-01-31", "2024-02-29"] * 100, "day"),
        (["yes", "no"] * 100, "paid"),
        (["3 kg", "4.5 kg"] * 100, "load"),
        (["7"] * 200, "same"),
        (["low", "medium", "high"] * 100, "risk"),
    ):
        column, facts = judged(cells, name)
        assert again(column, facts, context_specific=0.95) == column
        assert again(column, facts, categorical=0.95) == column


def test_short_tables_are_left_to_the_rules() -> None:
    column, facts = judged([str(i % 15) for i in range(45)], "route")
    assert again(column, facts, categorical=0.99) == column


def test_a_person_is_asked_what_only_a_person_knows() -> None:
    column, facts = judged([str(i % 90) for i in range(300)], "k17")
    seen = again(column, facts, context_specific=0.92, numeric=0.05)
    assert (seen.kind, seen.cells, seen.role) == (column.kind, column.cells, column.role)
    assert seen.reason.code == NEEDS_PERSON.code
    assert seen.probability < 0.8
    assert class_of(seen) == "context-specific"
    assert ColumnSchema.from_json(json.loads(json.dumps(seen.to_json()))) == seen


def test_agreement_makes_the_probability_that_of_the_model_where_the_rules_are_not_sure() -> None:
    column, facts = judged([str(i % 5) for i in range(300)], "k17")
    assert column.probability < 0.8
    assert again(column, facts, numeric=0.9, embedded_number=0).probability == 0.9
    sure, facts = judged([str(i % 90) for i in range(300)], "quantity")
    assert again(sure, facts, numeric=0.6) == sure


def test_the_file_is_part_of_the_package() -> None:
    import tomllib

    wanted = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
    patterns = wanted["tool"]["setuptools"]["package-data"]["*"]
    assert any(MODEL_FILE.match(pattern) for pattern in patterns)
