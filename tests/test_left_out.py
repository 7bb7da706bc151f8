"""A run leaves out what gives the answer away, unless the person has confirmed it; the model's contract remembers."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import ColumnChoice, ExperimentConfig, FinishedRun, open_model, run_experiment
from engine.checks.check import Case, findings
from engine.experiment import leaks_found
from engine.run.question import settle_question, without_leaks
from engine.search.validation import ValidationSettings
from engine.table.dataset import Dataset
from engine.table.inspection import inspect_table
from engine.table.schema import Kind, Known, Role
from engine.tasks.detection import task_of
from engine.unused import Reason, UnusedColumn, unused_columns
from exporters.documents import left_out_table
from tests.conftest import Trained
from tests.tables import dataset

N = 300
RNG = np.random.default_rng(3)
CASUAL, REGISTERED = RNG.poisson(8, N), RNG.poisson(30, N)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    columns = {
        "row": [f"r{i:05d}" for i in range(N)],
        "hour": (np.arange(N) % 24).tolist(),
        "heat": RNG.normal(20, 5, N).round(1).tolist(),
        "casual": CASUAL.tolist(),
        "registered": REGISTERED.tolist(),
        "bill": (3 * (CASUAL + REGISTERED) + 1).tolist(),
        "count": (CASUAL + REGISTERED).tolist(),
    }
    return dataset(tmp_path_factory.mktemp("rented"), columns)


def train(table: Dataset, folder: Path, choices: dict[str, ColumnChoice]) -> FinishedRun:
    quick = ValidationSettings(n_folds=3, n_repeats=1)
    config = ExperimentConfig(target="count", columns=choices, candidates=1, families=("linear",), validation=quick)
    return run_experiment(table, config, folder=folder)


def test_a_run_leaves_leaks_out_and_its_file_says_why(table: Dataset, tmp_path: Path) -> None:
    outcome = train(table, tmp_path, {"heat": ColumnChoice(known=Known.AFTER)})
    model = open_model(outcome.model_path)
    assert [column.name for column in model.columns] == ["hour"]
    assert {column.name: column.reason for column in model.left_out} == {
        "row": Reason.ID,
        "heat": Reason.KNOWN_AFTER,
        "casual": Reason.LEAK,
        "registered": Reason.LEAK,
        "bill": Reason.LEAK,
    }
    assert json.loads(model.metadata["tablewright.left_out"])[0] == {"name": "row", "reason": "only identifies rows"}
    assert outcome.progress.checked is not None
    automatic = {finding.code for finding in outcome.progress.checked.findings if finding.automatic}
    assert automatic == {"leak", "leak_equation"}
    predicted = model.predict(table.frame[["hour"]].astype(str))  # nothing else is asked for
    assert len(predicted) == N


def test_the_app_shows_what_a_run_will_leave_out(table: Dataset) -> None:
    shown = inspect_table(table, ExperimentConfig(target="count"))
    assert [column.name for column in shown.schema.features] == ["hour", "heat"]
    assert shown.powers["registered"] > shown.powers["hour"]
    known = {"bill": ColumnChoice(known=Known.SAME_TIME)}
    confirmed = inspect_table(table, ExperimentConfig(target="count", columns=known))
    assert "bill" in [column.name for column in confirmed.schema.features]


def test_a_check_that_breaks_leaves_nothing_out(table: Dataset) -> None:
    asked = table.with_schema(table.schema.with_target("count"))
    broken = asked.with_frame(asked.frame.drop(columns="casual"))
    assert leaks_found(Case(dataset=asked, task=task_of(asked, "count"))) != ()
    (told,) = leaks_found(Case(dataset=broken, task=task_of(asked, "count")))
    assert (told.code, told.automatic) == ("checks_broke", False)
    whole = Case(dataset=asked, task=task_of(asked, "count"))
    assert [finding for finding in findings(whole, (told,)) if finding.automatic] == []


def test_a_run_leaves_out_what_the_app_shows_in_tables_of_any_length(tmp_path: Path) -> None:
    n, draw = 12_000, np.random.default_rng(0)
    notes = [" ".join(draw.choice(list("abcdefghijklmnop"), 14)) for _ in range(2300)]
    which = draw.integers(0, len(notes), n)
    some = np.sort(np.random.default_rng(1).permutation(n)[: n // 50])
    days = np.datetime_as_string(np.datetime64("2020-01-01") + np.arange(n) // 12).astype(object)
    days[some] = ""
    columns = {
        "x": draw.normal(size=n).round(3).tolist(),
        "note": np.array(notes)[which].tolist(),
        "day": days.tolist(),
        "gaps": np.where(draw.random(n) < 0.3, "", (3 * which + 1).astype(str)).tolist(),
        "bill": (np.arange(n) + draw.normal(0, 1, n)).round(2).tolist(),
        "high": (which < 700).astype(int).tolist(),
    }
    long = dataset(tmp_path, columns)
    for target in ("bill", "high"):
        config = ExperimentConfig(target=target, columns={"note": ColumnChoice(kind=Kind.TEXT)})
        shown = inspect_table(long, config)
        question = settle_question(long, config)
        case = Case(dataset=question.dataset, task=question.task, config=config)
        leaks = leaks_found(case)
        question = without_leaks(question, leaks)
        assert question.dataset.schema.features == shown.schema.features
        assert findings(case, leaks) == shown.findings
        said = {name for each in shown.findings if each.automatic for name in each.remedies[0].columns}
        assert set(question.leaks) == said


def test_what_is_confirmed_is_used(table: Dataset, tmp_path: Path) -> None:
    choices = {
        "casual": ColumnChoice(known=Known.BEFORE),
        "registered": ColumnChoice(role=Role.FEATURE),
        "bill": ColumnChoice(role=Role.IGNORED),
    }
    outcome = train(table, tmp_path, choices)
    model = open_model(outcome.model_path)
    assert [column.name for column in model.columns] == ["hour", "heat", "casual", "registered"]
    assert {column.name: column.reason for column in model.left_out} == {"row": Reason.ID, "bill": Reason.CHOICE}
    assert outcome.progress.ready is not None
    assert outcome.progress.ready.validation["r2"].value > 0.99


def test_every_column_that_is_no_input_has_its_reason(table: Dataset) -> None:
    choices = {"hour": ColumnChoice(role=Role.TIME), "heat": ColumnChoice(role=Role.WEIGHT)}
    config = ExperimentConfig(target="count", columns=choices)
    unused = unused_columns(config.apply(table.schema), config, inputs={"casual", "bill"}, leaks={"registered"})
    assert {column.name: column.reason for column in unused} == {
        "row": Reason.ID,
        "hour": Reason.TIME,
        "heat": Reason.WEIGHT,
        "registered": Reason.LEAK,
    }
    assert all(UnusedColumn.from_json(json.loads(json.dumps(column.to_json()))) == column for column in unused)


def test_the_model_card_names_what_is_not_used() -> None:
    columns = [UnusedColumn(name=f"x|{i}", reason=Reason.LEAK) for i in range(40)]
    lines = left_out_table(columns)
    assert "| x\\|0 | gives the answer away, and nobody has confirmed that it is known in time |" in lines
    assert any("and 10 more" in line for line in lines)
    assert left_out_table([]) == []


def test_the_contract_lists_what_the_file_lists(trained: Trained) -> None:
    written = json.loads((trained.bundle / "schema.json").read_text(encoding="utf-8"))["left_out"]
    assert [UnusedColumn.from_json(column) for column in written] == list(
        open_model(trained.bundle / "model.onnx").left_out
    )
