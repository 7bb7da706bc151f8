"""Columns that may be known only after the outcome are asked about, with the answers as remedies."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.known import known_as
from engine.checks.timing import CELLS, NAMES, said_later
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.table.schema import Known, Role
from engine.tasks.detection import task_of
from tests.tables import dataset

N = 600
RNG = np.random.default_rng(11)
NOISE = RNG.normal(size=N).round(3)
Y = RNG.choice(["yes", "no"], N, p=[0.4, 0.6])
TELLING = (np.where(Y == "yes", 1.5, 0.0) + NOISE).round(3)  # a power of about 0.7


def case(folder: Path, columns: Mapping[str, object], choices: dict[str, ColumnChoice] | None = None) -> Case:
    table = dataset(folder, columns)  # type: ignore[arg-type]  # arrays are no Sequence
    config = ExperimentConfig(target="t", columns=choices)
    return Case(
        dataset=table.with_schema(config.apply(table.schema)),
        task=task_of(table.with_schema(config.apply(table.schema)), "t"),
        config=config,
    )


def look(check: Check, asked: Case) -> tuple[Finding, ...]:
    answer = check.look(asked)
    assert not isinstance(answer, Skip)
    return answer


@pytest.mark.parametrize(
    ("name", "target", "word"),
    [
        ("amount_final", "t", "final"),
        ("Closing Date", "t", "closing"),
        ("resolutionNotes", "t", "resolution notes"),
        ("discharge_date", "t", "discharge date"),
        ("Refunded", "t", "refunded"),
        ("days_to_close", "t", "days to"),
        ("duration", "t", "duration"),
        ("total_paid", "t", "total paid"),
        ("出院日期", "t", "出院"),
        ("churn_reason", "Churn", "churn"),
        ("session_end", "t", "end"),
        ("Total Bsmt SF", "t", ""),
        ("total sulfur dioxide", "t", ""),
        ("Garage Finish", "t", ""),
        ("previous_outcome", "t", ""),
        ("planned_duration", "t", ""),
        ("screen_resolution", "t", ""),
        ("class_size", "class", ""),
        ("weekend", "t", ""),
        ("!", "t", ""),
    ],
)
def test_names_that_speak_of_the_time_after(name: str, target: str, word: str) -> None:
    assert said_later(name, target, tells=0.5) == word


def test_a_late_name_is_asked_about_only_when_it_tells_something(tmp_path: Path) -> None:
    columns = {"closing_date": RNG.permutation(TELLING), "duration": TELLING, "x": NOISE, "t": Y}
    (finding,) = look(NAMES, case(tmp_path, columns))
    assert (finding.columns, finding.severity) == (("duration",), Severity.PLEASE_LOOK)
    assert [remedy.columns["duration"].known for remedy in finding.remedies] == list(Known)


def test_a_value_that_settles_a_class_is_asked_about(tmp_path: Path) -> None:
    rare = RNG.random(2000) < 0.1
    t = np.where(rare, "bad", "good")
    usual = {"x": RNG.normal(size=2000), "sure": np.where(~rare & (RNG.random(2000) < 0.5), "yes", "no")}
    some = rare & (RNG.random(2000) < 0.7)
    for mark in (some.astype(int), np.where(some, "won", RNG.choice(["open", "asked", "late"], 2000))):
        (finding,) = look(CELLS, case(tmp_path, {"mark": mark, **usual, "t": t}))
        assert (finding.columns, finding.code, finding.severity) == (
            ("mark",),
            "known_later_class",
            Severity.PLEASE_LOOK,
        )
        assert finding.message.parameters["answer"] == "bad"


def test_an_answer_settles_the_question(tmp_path: Path) -> None:
    columns = {"duration": TELLING, "x": NOISE, "t": Y}
    (finding,) = look(NAMES, case(tmp_path, columns))
    for remedy in finding.remedies:
        asked = case(tmp_path, columns, dict(remedy.columns))
        assert look(NAMES, asked) == ()
        used = asked.dataset.schema["duration"].role is Role.FEATURE
        assert used == (remedy.columns["duration"].known is not Known.AFTER)


def test_what_is_filled_for_one_class_only_is_asked_about(tmp_path: Path) -> None:
    some = RNG.random(N) < 0.4
    body = [
        f"{i}" if answer == "yes" and chosen else None for i, (answer, chosen) in enumerate(zip(Y, some, strict=True))
    ]
    usual = [1.5 if chosen else None for chosen in some]
    (finding,) = look(CELLS, case(tmp_path, {"body": body, "usual": usual, "x": NOISE, "t": Y}))
    assert (finding.columns, finding.code) == (("body",), "known_later_filled")
    assert finding.evidence[0].parameters["share"] == 100


def test_what_is_empty_for_one_class_only_is_asked_about(tmp_path: Path) -> None:
    some = RNG.random(N) < 0.4
    paid = [
        None if answer == "yes" and chosen else 3 + i % 5
        for i, (answer, chosen) in enumerate(zip(Y, some, strict=True))
    ]
    (finding,) = look(CELLS, case(tmp_path, {"paid": paid, "x": NOISE, "t": Y}))
    assert (finding.columns, finding.code) == (("paid",), "known_later_empty")


def test_of_many_columns_a_remedy_names_the_first() -> None:
    names = [f"c{i}" for i in range(300)]
    remedy = known_as(names, Known.AFTER)
    assert len(remedy.columns) == 300
    assert len(str(remedy.title.parameters["columns"])) < 60


def test_a_value_that_settles_the_answer_is_asked_about(tmp_path: Path) -> None:
    open_days = np.where(np.arange(N) % 10 == 0, "closed", "open")
    sold = np.where(open_days == "closed", 0, RNG.poisson(40, N) + 1)
    (finding,) = look(CELLS, case(tmp_path, {"door": open_days, "x": NOISE, "t": sold}))
    assert (finding.columns, finding.code) == (("door",), "known_later_settles")
