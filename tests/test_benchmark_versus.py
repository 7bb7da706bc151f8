"""The benchmark beside others: same splits, right scores, nothing lost when it is killed, a report that is true."""

import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from sklearn.model_selection import train_test_split

from benchmarks.versus import comparison, peers, report
from benchmarks.versus.application import Place, run
from benchmarks.versus.labels import label_corners
from benchmarks.versus.peers import Peer
from benchmarks.versus.plots import draw_all
from benchmarks.versus.records import FILE, FOLDER, Record, append_record, left_to_do, read_records
from benchmarks.versus.run import plan
from benchmarks.versus.scores import chance, error_ratio, geometric_mean, score
from benchmarks.versus.splits import divide, make_split, read_cells
from benchmarks.versus.watch import Watch, end_noted

ENTRY = {"name": "t", "target": "grade", "task": "multiclass", "leaks": ["told"]}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    grades = ["10", "9", "9.0", "?", "", "77", *(["10", "9", "2"] * 20)]
    rows = [f"{i:04d},x{i},{i},{grade}" for i, grade in enumerate(grades)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["code,name,told,grade", *rows]) + "\n", encoding="utf-8")
    return path


def test_cells_stay_text_and_lonely_or_missing_answers_go(table: Path) -> None:
    cells, understood = read_cells(table, ENTRY)
    assert list(cells.columns) == ["code", "name", "grade"]
    assert cells["code"].iloc[0] == "0000"
    assert len(cells) == 66 - 3
    assert "77" not in set(cells["grade"])
    assert set(understood) == {2.0, 9.0, 10.0}


def test_a_split_is_the_one_of_a_table_read_as_numbers(table: Path) -> None:
    train, test = divide(*read_cells(table, ENTRY), split=3, task="multiclass")
    frame = pd.read_csv(table, na_values=["?"]).dropna(subset=["grade"])
    frame = frame[frame["grade"] != 77]
    expected = train_test_split(frame, test_size=0.25, random_state=3, stratify=frame["grade"])
    assert [list(part.index) for part in expected] == [list(train.index), list(test.index)]


def test_the_rows_to_score_do_not_hold_their_answers(table: Path, tmp_path: Path) -> None:
    split = make_split(table, ENTRY, 0, tmp_path / "made")
    test = pd.read_csv(split.test, dtype=str)
    assert list(test.columns) == ["code", "name"]
    assert len(test) == len(split.truth)
    assert split.float64_bytes == len(pd.read_csv(split.train)) * 3 * 8


def test_a_table_without_a_header_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("1;2\n3;4\n5;6\n7;8\n", encoding="latin-1")
    entry = {"target": "c2", "task": "regression", "sep": ";", "header": False, "encoding": "latin-1"}
    cells, _ = read_cells(path, entry)
    assert cells.to_numpy().tolist() == [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]]


def test_scores_are_the_metrics_of_the_comparison() -> None:
    assert score("regression", ["1", "3"], np.array([2.0, 2.0])) == 1.0
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    assert score("binary", ["no", "YES ", "yes", "no"], probabilities, ["no", "yes"]) == 0.75
    certain = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    assert math.isclose(score("multiclass", ["1.0", "2"], certain, [1, 2, 3]), math.log(2) / 2, rel_tol=1e-5)


def test_an_answer_that_the_model_does_not_know_is_no_score() -> None:
    with pytest.raises(ValueError, match="maybe"):
        score("binary", ["no", "maybe"], np.full((2, 2), 0.5), ["no", "yes"])


def test_ratios_are_of_errors() -> None:
    assert math.isclose(error_ratio("auc", 0.9, 0.8), 0.5)
    assert error_ratio("rmse", 3.0, 2.0) == 1.5
    assert error_ratio("log_loss", 0.0, 1e-9) == 1.0
    assert math.isclose(geometric_mean([0.5, 2.0, 8.0]), 2.0)
    assert chance([0.9] * 5) is None
    unlikely = chance([0.9, 0.91, 0.92, 0.93, 0.94, 0.95])
    assert unlikely is not None
    assert unlikely < 0.05


def test_a_line_that_was_cut_off_does_not_count_and_does_not_harm(tmp_path: Path) -> None:
    path = tmp_path / "kept" / FILE
    append_record(path, {"table": "a", "split": 0, "seconds": 60.0, "score": 1.0})
    with path.open("ab") as file:
        file.write(b'{"table": "b", "spl')
    assert [each["table"] for each in read_records(path)] == ["a"]
    append_record(path, {"table": "c", "split": 0, "seconds": 60.0, "score": 1.0})
    assert [each["table"] for each in read_records(path)] == ["a", "c"]


def test_only_what_is_missing_is_run(tmp_path: Path) -> None:
    wanted = plan(["a", "b"], [0, 1], [10.0])
    kept: list[Record] = [
        {"table": "a", "split": 0, "seconds": 10.0, "score": 1.0},
        {"table": "b", "split": 1, "seconds": 10.0, "problem": "ended with 1"},
        {"table": "b", "split": 0, "seconds": 10.0, "variant": "small", "score": 1.0},
    ]
    assert left_to_do(wanted, kept) == [("b", 0, 10.0, ""), ("a", 1, 10.0, "")]
    assert left_to_do(wanted, kept, again=True)[-1] == ("b", 1, 10.0, "")


def test_processes_that_a_killed_benchmark_left_are_ended_and_no_others(tmp_path: Path) -> None:
    note = tmp_path / "processes.json"
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours, stranger = subprocess.Popen(sleep), subprocess.Popen(sleep)
    try:
        watch = Watch(ours.pid, note)
        watch.stop()
        noted = json.loads(note.read_text(encoding="utf-8"))
        note.write_text(json.dumps([*noted, (stranger.pid, 1.0)]), encoding="utf-8")
        assert end_noted(note) == 1
        assert ours.wait(10) != 0
        assert stranger.poll() is None
        assert not note.exists()
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


def test_children_are_watched_when_their_parent_is_gone(tmp_path: Path) -> None:
    child = "import time; kept = bytearray(80_000_000); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE)
    watch = Watch(process.pid, tmp_path / "processes.json")
    until = time.monotonic() + 60
    while watch.peak_private_bytes < 80_000_000 and time.monotonic() < until:
        time.sleep(0.05)
    process.communicate()
    watch.stop()
    left = watch.alive()
    watch.wait_for_all(0.0)
    assert len(left) == 1
    assert not psutil.pid_exists(left[0].pid) or left[0].status() == psutil.STATUS_ZOMBIE
    assert watch.peak_private_bytes >= 80_000_000


def test_a_run_that_fails_is_a_record_without_names_of_this_computer(table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    split = make_split(table, ENTRY, 0, folder)
    place = Place(folder=folder, note=tmp_path / "processes.json")
    bad = {**ENTRY, "target": "nothing"}
    found = run(place, split, bad, key={"table": "t", "split": 0, "seconds": 10.0})
    assert found["exit_code"] == 2
    assert "nothing" in found["problem"]
    assert str(tmp_path) not in json.dumps(found)


MACHINE = {"version": "abc", "n_cores": 2, "system": "Linux", "load_before": 0.1, "when": "2026-11-21 10:00"}


def kept_run(table: str, seconds: float, value: float, **changes: Any) -> Record:
    return {
        "table": table,
        "split": 0,
        "seconds": seconds,
        "metric": "rmse",
        "score": value,
        **MACHINE,
        "n_train": 1000,
        "n_columns": 10,
        "model_ready_seconds": seconds - 1,
        "exit_seconds": seconds + 2,
        "private_megabytes": 500,
        "float64_megabytes": 0.1,
        "model_megabytes": 2.0,
        "row_p50_ms": 0.1,
        "row_p99_ms": 0.2,
        "blend": {"3": "1.00 lightgbm"},
        "n_candidates": 5,
        "search_ended": "budget_used",
        **changes,
    }


def peer(table: str, system: str, value: float, seconds: float = 60.0) -> Peer:
    figures = {"fit_seconds": 60.0, "row_ms": 10.0, "megabytes": 100.0, "memory_megabytes": 900.0}
    return Peer(table=table, split=0, seconds=seconds, system=system, metric="rmse", score=value, **figures)


RECORDS = [
    kept_run("a", 60.0, 1.0),
    kept_run("b", 60.0, 2.2, model_ready_seconds=63.5, model_megabytes=31.0),
    kept_run("a", 20.0, 1.2),
    kept_run("b", 300.0, 2.0),
    kept_run("b", 60.0, 2.1, variant="unlimited"),
    {"table": "c", "split": 0, "seconds": 60.0, "problem": "ended with 1", **MACHINE, "load_before": 3.0},
]
PEERS = [
    peer("a", "ag_medium", 2.0),
    peer("b", "ag_medium", 2.0),
    peer("a", "ag_medium_torch", 4.0),
    peer("a", "h2o", 0.8),
    peer("a", "ag_best", 1.0, 240.0),
]


def test_each_system_is_compared_where_both_have_a_figure() -> None:
    found = {each.name: each for each in comparison.against_each(RECORDS, PEERS)}
    assert found["AutoGluon medium"].by_case == {("a", 0): 0.5, ("b", 0): 1.1}
    assert found["H2O"].by_case == {("a", 0): 1.25}
    assert found["AutoGluon medium, with torch where measured"].by_case == {("a", 0): 0.25, ("b", 0): 1.1}
    assert found["best of all, table by table"].by_case == {("a", 0): 1.25, ("b", 0): 1.1}
    assert found["AutoGluon medium"].n_better == 1


def test_ranks_and_duels() -> None:
    errors = comparison.errors_by_case(comparison.scored(RECORDS, 60.0), comparison.by_system(PEERS))
    assert comparison.mean_ranks(errors) == {"ag_medium": 1.5, comparison.OURS: 1.5}
    assert comparison.duels(errors)["h2o"] == (1.0, 1)


def test_the_report_says_what_is_above_the_bars() -> None:
    text = report.report(RECORDS, PEERS)
    assert "| a, 0, rmse | 1 | 2 | 4 | **0.8** | 2 of 4 | 1.25 |" in text
    assert "b split 0 1.100" in text
    assert "| 20 s, over AutoGluon medium at 60 s | 1 | 0.600 |" in text
    assert "| 300 s, over our 60 s | 1 | 0.909 |" in text
    assert "| 60 s, over AutoGluon best at 240 s | 1 | 1.000 |" in text
    assert "| variant unlimited at 60 s, over the usual | 1 | 0.955 |" in text
    assert "| 60 | 2 | 61.25 | 63.5 | 63 | 1: b | 62 |" in text
    assert "| b, 0 | 10 | 31 | 0.100 | 0.200 | 1 | 500 | 1000 | MB |" in text
    assert "busy with something else before 1 of them: c 0 60 s." in text
    assert "- c, split 0, 60 s: ended with 1" in text


def test_every_plot_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    more = [*RECORDS, kept_run("b", 20.0, 2.3), kept_run("a", 300.0, 0.9)]
    first = draw_all(more, PEERS, tmp_path / "first")
    again = draw_all(more, PEERS, tmp_path / "again")
    assert [path.name for path in first] == [
        f"{name}.svg" for name in ("rank", "error_by_size", "time", "size", "budget")
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert draw_all([], PEERS, tmp_path / "none") == []


def test_labels_keep_clear_of_each_other_and_inside() -> None:
    points = [(50.0, 50.0 + i) for i in range(4)]
    corners = label_corners(points, [(30.0, 10.0)] * 4, (0.0, 0.0, 120.0, 120.0))
    boxes = [(x, y, x + 30, y + 10) for x, y in corners]
    assert all(min(box) >= 0 and max(box) <= 120 for box in boxes)
    apart = [a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for a in boxes for b in boxes if a is not b]
    assert all(apart)


def test_what_is_kept_can_be_read_and_is_small() -> None:
    found = peers.read_peers()
    assert {each.system for each in found} <= set(peers.NAMES)
    assert {each.metric for each in found} <= {"auc", "log_loss", "rmse"}
    assert peers.written(found) == peers.FILE.read_text(encoding="utf-8")
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 300_000
    assert all("table" in each for each in read_records(FOLDER / FILE))
