"""What a training script does with tables that are unlike others, part by part."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.families.family import families
from engine.messages import Message
from engine.registry import parts
from engine.table.reading import read_raw, read_table
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules
from engine.targets.transform import PLAIN_TARGET, TargetTransform
from engine.targets.turned import turn_target
from engine.tasks.metric import Metric
from engine.tasks.task import TaskKind
from exporters.script import script_reads
from exporters.script_parts import features, main, models, table
from tests.contracts.test_metrics import answers

READ = {"encoding": None, "separator": None, "sheet": None}
TURNS = [each.key for each in parts("engine.targets", TargetTransform)]
SCORED = [(metric, kind) for metric in parts("engine.tasks.metrics", Metric) for kind in sorted(metric.tasks)]


def told(name: str, position: int, **changes: Any) -> Mapping[str, Any]:
    """Return what columns.json says of a column."""
    column = ColumnSchema(
        name=name,
        original_name=name,
        position=position,
        kind=Kind.NUMBER,
        cells=Cells.NUMBER,
        reason=Message("none"),
    )
    return {**json.loads(json.dumps(replace(column, **changes).to_json())), "role": "feature"}


@pytest.fixture(autouse=True)
def facts(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [
        told("a", 0),
        told("b.c", 1, kind=Kind.CATEGORY, cells=Cells.TEXT),
        told("y", 2, kind=Kind.NUMBER_WITH_UNIT, cells=Cells.TEXT, rules=ReadingRules(number=True, suffixes=("kg",))),
    ]
    for name, value in {"COLUMNS": columns, "READ": READ, "SKIPPED_LINES": (0,), "TARGET": "y"}.items():
        monkeypatch.setattr(table, name, value)
    monkeypatch.setattr(features, "COLUMNS", [told("when", 0, kind=Kind.DATE, date_formats=("%Y-%m-%d",))])


def test_a_line_with_more_or_fewer_cells_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b.c,y\n1,red,2 kg\n2,blue,3 kg,9,9\n3\n", encoding="utf-8")
    read = table.read_table(tmp_path / "t.csv")
    assert read["a"].tolist() == [1, 2, 3]
    assert read["y"].fillna(-1).tolist() == [2, 3, -1]


@pytest.mark.parametrize("lines", [True, False])
def test_records_in_json_are_read(tmp_path: Path, lines: bool) -> None:
    records = [{"a": 1, "b": {"c": "red"}, "y": "2 kg"}, {"a": None, "b": {"c": ["x", "z"]}, "y": "3 kg"}]
    text = "\n".join(map(json.dumps, records)) if lines else json.dumps(records)
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    read = table.read_table(tmp_path / "t.json")
    assert read["a"].fillna(-1).tolist() == [1, -1]
    assert read["b.c"].tolist() == ["red", "x; z"]


@pytest.mark.parametrize(
    "text",
    [
        pd.DataFrame({"a": [1, 2], "b.c": ["red", "blue"], "y": [2, 3]}).to_json(),
        json.dumps({"data": [{"a": 1}, {"a": 2}]}),
        json.dumps({"data": [{"a": 1}, {"a": 2}]}, indent=1),
        '["a", "y"]\n["x", 2]\n["z", 4]\n',
        '[["a", "y"], ["x", 2], ["z", 4]]',
    ],
)
def test_records_that_are_wrapped_otherwise_are_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    assert read_raw(tmp_path / "t.json").n_rows >= 2, "the run reads it"
    with pytest.raises(SystemExit, match="save the table as CSV"):
        table.read_table(tmp_path / "t.json")


@pytest.mark.parametrize(
    ("name", "text", "reads"),
    [
        ("t.csv", "a,b\n1,x\n2,y\n", True),
        ("t.csv.gz", "a,b\n1,x\n2,y\n", True),
        ("t.xls", "a,b\n1,x\n2,y\n", False),
        ("t.json", '[{"a": 1, "b": 2}, {"a": 3, "b": 4}]', True),
        ("t.json.gz", '[{"a": 1, "b": 2}, {"a": 3, "b": 4}]', False),
        ("t.csv", '[{"a": 1, "b": 2}, {"a": 3, "b": 4}]', False),
    ],
)
def test_what_the_script_cannot_read_it_says(tmp_path: Path, name: str, text: str, reads: bool) -> None:
    written = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(written) if name.endswith("gz") else written)
    read_as = read_raw(tmp_path / name).read_as
    assert script_reads({"name": name, "read_as": read_as.to_json()}) == reads


def test_a_folder_of_parquet_files_is_to_be_saved_as_one_table() -> None:
    assert not script_reads({"name": "parts", "read_as": {}})


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_script_passes_by_empty_columns_as_the_run_does(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"t.{suffix}"
    rows: list[list[object]] = [["a", None, "b.c", "y"]]
    rows += [[n, None, "blue" if n % 3 else "red", n % 7] for n in range(1, 40)]
    if suffix == "csv":
        pd.DataFrame(rows).to_csv(path, index=False, header=False)
    else:
        book = openpyxl.Workbook()
        sheet: Worksheet = book.active
        for row in rows:
            sheet.append([None, *row])
        book.save(path)
    run = read_table(path)
    monkeypatch.setattr(table, "COLUMNS", [{**column.to_json(), "role": "feature"} for column in run.schema.columns])
    pd.testing.assert_frame_equal(table.read_table(path), run.frame, check_dtype=False)


def test_copies_are_left_out_by_what_the_run_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{n},{n % 5},{n % 3}.0,word {n % 5}" for n in range(30)]
    path.write_text("\n".join(["id,a,y,told", *lines, "30,0,0,word 0", "31,4.0,2,word 4"]) + "\n", encoding="utf-8")
    read = read_table(path)
    every = [{**column.to_json(), "role": "feature"} for column in read.schema.columns]
    monkeypatch.setattr(table, "COLUMNS", every)
    for alike in (("a", "y", "told"), ("told",), ()):
        run = chosen_dataset(read, ExperimentConfig(target="y", drop_alike=alike, drop_copies=not alike))
        monkeypatch.setattr(table, "COMPARED", [*alike] or ["id", "a", "y", "told"])
        pd.testing.assert_frame_equal(table.read_table(path), run.frame, check_dtype=False)


def test_typed_tables_are_read_as_texts_would_be(tmp_path: Path) -> None:
    typed = pd.DataFrame({"a": [1.5, None], "b.c": [1.0, 2.0], "y": ["2 kg", "3 kg"]})
    typed.to_parquet(tmp_path / "t.parquet")
    typed.to_feather(tmp_path / "t.feather")
    for name in ("t.parquet", "t.feather"):
        assert table.read_table(tmp_path / name)["b.c"].tolist() == ["1", "2"]


def test_columns_inside_of_records_and_those_left_out_keep_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = range(40)
    frame = pd.DataFrame({"none": [[{"a": n}] for n in rows], "at": [{"x": n % 7, "town": f"t{n % 3}"} for n in rows]})
    frame["y"] = [n * 1.5 for n in rows]
    frame.set_index(pd.Index([n % 9 for n in rows], name="key")).to_parquet(tmp_path / "t.parquet")
    run = read_table(tmp_path / "t.parquet")
    assert run.schema.names == ("at.x", "at.town", "y", "key")
    assert [column.position for column in run.schema.columns] == [1, 2, 3, 4]
    monkeypatch.setattr(table, "COLUMNS", [{**column.to_json(), "role": "feature"} for column in run.schema.columns])
    pd.testing.assert_frame_equal(table.read_table(tmp_path / "t.parquet"), run.frame, check_dtype=False)


@pytest.mark.parametrize("classes", [["2.0", "3.0"], [2, 3]])
def test_classes_that_are_numbers_with_a_unit_are_found(monkeypatch: pytest.MonkeyPatch, classes: list[Any]) -> None:
    monkeypatch.setattr(table, "CLASSES", classes)
    assert table.answers_of(pd.DataFrame({"y": [3.0, np.nan, 2.0]})).tolist() == [1, -1, 0]


@pytest.mark.parametrize("key", TURNS)
def test_answers_of_which_most_are_zero_are_turned_as_the_run_turns_them(key: str) -> None:
    values = np.array([0.0] * 60 + [1.0, 5.0, 200.0])
    centre, spread = values.mean(), values.std()
    standard = (values - centre) / spread
    turned, _, back = main.turn(standard, None, centre, spread, {"transform": key})
    ours = turn_target(key, standard, centre, spread)
    assert (ours is None) == (key == PLAIN_TARGET)
    np.testing.assert_allclose(turned, standard if ours is None else ours.forward(standard), atol=1e-9)
    np.testing.assert_allclose(back(turned), standard, atol=1e-9)
    far = np.linspace(-9, 9, 200)
    np.testing.assert_allclose(back(far), far if ours is None else ours.inverse(far), atol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("metric", "kind"), SCORED, ids=[f"{metric.key}-{kind}" for metric, kind in SCORED])
def test_the_script_scores_by_every_metric(
    metric: Metric, kind: TaskKind, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    y, said, weight = answers(kind, 1)
    monkeypatch.setattr(main, "METRIC", metric.key)
    monkeypatch.setattr(main, "CLASSES", [] if said.ndim == 1 else list(range(said.shape[1])))
    chosen = weight if weighted else None
    assert main.score(y, said, chosen) == pytest.approx(metric.score(y, said, chosen), rel=1e-9)


@pytest.mark.parametrize("classes", [[], ["no", "yes"]])
def test_a_script_that_does_not_know_a_metric_or_a_turn_says_so(
    classes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "METRIC", "luck")
    monkeypatch.setattr(main, "CLASSES", classes)
    y = np.array([0, 1, 1])
    with pytest.raises(SystemExit, match="cannot score by luck"):
        main.score(y, np.eye(2)[y] if classes else y, None)
    if not classes:
        with pytest.raises(SystemExit, match="cannot turn the answers by cube"):
            main.turn(y, None, 0.0, 1.0, {"transform": "cube"})


def test_years_beyond_what_nanoseconds_can_count_are_read() -> None:
    when = features.moments(pd.DataFrame({"when": ["9999-12-31", "soon"]}), "when")
    assert features.days(when)[0] == 2932896
    assert np.isnan(features.days(when)[1])


def test_a_class_without_training_rows_has_a_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "CLASSES", ["a", "b", "c"])
    x = np.linspace(0, 1, 60)[:, None]
    y = np.where(x[:, 0] > 0.5, 2, 0)
    scores = models.catboost_scores(x, y, None, [], x, 5, 0)
    assert scores.shape == (60, 3)
    assert (scores.argmax(axis=1) == y).mean() > 0.9
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("key", [family.key for family in families()])
def test_the_script_can_fit_every_family(key: str) -> None:
    assert callable(getattr(models, f"{key}_scores", None)), f"write {key}_scores in exporters/script_parts/models.py"
