"""A column that gives the answer away is found, whatever its kind, and left out; strong but honest columns are not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.checks.automatic import settled
from engine.checks.check import Case, Finding, Severity
from engine.checks.leakage import ASK, LEAKAGE, LEAVE_OUT
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.table.schema import Kind, Known, Role
from engine.tasks.detection import task_of
from tests.tables import dataset

N = 1200
RNG = np.random.default_rng(7)
NOISE = RNG.normal(size=N).round(4).tolist()
BINARY = RNG.choice(["yes", "no"], N, p=[0.2, 0.8]).tolist()
CLASSES = RNG.choice(["a", "b", "c"], N).tolist()
AMOUNT = RNG.lognormal(3, 1, N).round(3).tolist()
ITEMS = RNG.lognormal(3, 1, (3, N)).round(2)
GOALS = RNG.poisson(2.5, (2, N))


def case(folder: Path, columns: dict[str, Sequence[object]], choices: dict[str, ColumnChoice] | None = None) -> Case:
    """Ask for the column t of a table; all other columns are features."""
    table = dataset(folder, columns)
    features = [replace(column, role=Role.FEATURE) for column in table.schema.columns]
    config = ExperimentConfig(target="t", columns=choices)
    table = table.with_schema(config.apply(table.schema.replacing(features)))
    return Case(dataset=table, task=task_of(table, "t"), config=config)


def look(asked: Case) -> tuple[Finding, ...]:
    answer = LEAKAGE.look(asked)
    assert not isinstance(answer, Skip)
    return answer


@pytest.mark.parametrize(
    ("answers", "leak"),
    [
        (BINARY, [{"yes": "closed", "no": "open"}[answer] for answer in BINARY]),
        (
            BINARY,
            [(10.0 if answer == "yes" else 1.0) + abs(noise) for answer, noise in zip(BINARY, NOISE, strict=True)],
        ),
        (BINARY, ["2024-05-01" if answer == "yes" else None for answer in BINARY]),
        (CLASSES, [{"a": 3, "b": 1, "c": 2}[answer] for answer in CLASSES]),
        (AMOUNT, [round(amount * 1.19, 2) for amount in AMOUNT]),
        (AMOUNT, [f"{amount} EUR" for amount in AMOUNT]),
        (AMOUNT, [round(float(np.log(amount)), 4) for amount in AMOUNT]),
        (AMOUNT, [-round(amount) for amount in AMOUNT]),
        (AMOUNT, ["low" if amount < 15 else "middle" if amount < 40 else "high" for amount in AMOUNT]),
    ],
)
def test_leaks_of_every_kind_are_left_out_until_confirmed(
    tmp_path: Path, answers: list[object], leak: list[object]
) -> None:
    asked = case(tmp_path, {"noise": NOISE, "leak": leak, "t": answers})
    (finding,) = look(asked)
    assert (finding.columns, finding.severity) == (("leak",), Severity.PLEASE_LOOK)
    assert finding.automatic
    assert finding.remedies[0].columns["leak"].role is Role.IGNORED
    assert [remedy.columns["leak"].known for remedy in finding.remedies[1:]] == [Known.BEFORE, Known.AFTER]
    assert [column.name for column in settled(asked.dataset, (finding,)).schema.features] == ["noise"]


@pytest.mark.parametrize(
    ("answers", "equation"),
    [
        (ITEMS[0] + ITEMS[1], "a + b"),
        (ITEMS.sum(axis=0), "a + b + c"),
        (ITEMS[0] - ITEMS[2], "a - c"),
        ((ITEMS[0] * ITEMS[1]).round(2), "a x b"),
        ((1000 * ITEMS[0] / ITEMS[1] ** 2).round(4), "1000 x a / b^2"),
        (ITEMS.mean(axis=0).round(3), "0.3333 x (a + b + c)"),
    ],
)
def test_what_the_target_is_computed_from_is_left_out(tmp_path: Path, answers: np.ndarray, equation: str) -> None:
    items = dict(zip("abc", ITEMS.tolist(), strict=True))
    (finding,) = look(case(tmp_path, {**items, "noise": NOISE, "t": answers.tolist()}))
    assert finding.message.parameters["equation"] == equation
    assert set(finding.columns) == set(equation) & set("abc")
    assert finding.automatic


def test_a_formula_with_weights_is_asked_about(tmp_path: Path) -> None:
    items = dict(zip("abc", ITEMS.tolist(), strict=True))
    weighted = (0.5 * ITEMS[0] + 0.3 * ITEMS[1] + 0.2 * ITEMS[2]).round(2)
    (finding,) = look(case(tmp_path, {**items, "noise": NOISE, "t": weighted.tolist()}))
    assert (finding.code, finding.automatic) == ("leak_formula", False)
    assert finding.message.parameters["equation"] == "0.5 a + 0.3 b + 0.2 c"


def test_a_date_along_which_the_target_changes_is_no_leak(tmp_path: Path) -> None:
    days = pd.date_range("2020-01-01", periods=N).strftime("%Y-%m-%d").tolist()
    rising = (np.arange(N) + 5 * np.array(NOISE)).round(2).tolist()
    asked = case(tmp_path, {"day": days, "noise": NOISE, "t": rising})
    assert asked.powers["day"].low > LEAVE_OUT
    assert look(asked) == ()


@pytest.mark.parametrize("none", ["9999-12-31", "1900-01-01", ""])
def test_a_date_that_only_some_answers_have_is_a_leak_whatever_stands_for_no_date(tmp_path: Path, none: str) -> None:
    days = pd.date_range("2020-01-01", periods=N).strftime("%Y-%m-%d")
    ended = np.where(np.array(BINARY) == "yes", days, none)
    (finding,) = look(case(tmp_path, {"noise": NOISE, "ended": ended.tolist(), "t": BINARY}))
    assert finding.columns == ("ended",)
    assert finding.automatic or none == "1900-01-01"  # of the earliest date it is asked: ranges of it hold both answers


def test_two_values_that_share_the_most_frequent_answer_are_no_ranges_of_it(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    bookings = np.where(random.random(3000) < 0.92, 0, random.integers(1, 27, 3000))
    holidays = np.arange(3000) % 70 == 0
    bookings[holidays] = 0
    bookings[np.flatnonzero(holidays)[:2]] = (1, 2)
    noise = random.normal(size=3000)
    columns = {"noise": noise, "holiday": holidays.astype(int).tolist(), "t": bookings.tolist()}
    assert look(case(tmp_path, columns)) == ()


def test_a_sum_with_noise_is_no_account(tmp_path: Path) -> None:
    items = dict(zip("abc", ITEMS.tolist(), strict=True))
    nearly = (ITEMS.sum(axis=0) + 10 * np.array(NOISE)).round(2).tolist()
    assert [finding.code for finding in look(case(tmp_path, {**items, "t": nearly}))] == []


def test_the_goals_of_both_sides_tell_the_winner(tmp_path: Path) -> None:
    winner = np.select([GOALS[0] > GOALS[1], GOALS[0] < GOALS[1]], ["home", "away"], "draw").tolist()
    home, away = GOALS.tolist()
    (finding,) = look(case(tmp_path, {"home": home, "away": away, "noise": NOISE, "t": winner}))
    assert (finding.code, set(finding.columns)) == ("leak_difference", {"home", "away"})


def test_strong_columns_are_asked_about_and_fair_ones_left_alone(tmp_path: Path) -> None:
    strong = [round(amount * float(np.exp(0.3 * noise)), 3) for amount, noise in zip(AMOUNT, NOISE, strict=True)]
    fair = [round(amount * float(np.exp(1.5 * noise)), 3) for amount, noise in zip(AMOUNT, NOISE, strict=True)]
    asked = case(tmp_path, {"strong": strong, "fair": fair, "noise": NOISE, "t": AMOUNT})
    powers = asked.powers
    assert ASK <= powers["strong"].low < powers["strong"].value < powers["strong"].high < LEAVE_OUT
    assert 0.2 < powers["fair"].value < ASK
    assert powers["noise"].value < 0.1
    (finding,) = look(asked)
    assert (finding.columns, finding.severity) == (("strong",), Severity.PLEASE_LOOK)
    assert not finding.automatic
    assert [remedy.columns["strong"].known for remedy in finding.remedies] == list(Known)


def test_intervals_hold_the_power_of_the_whole(tmp_path: Path) -> None:
    """The AUC of y + noise for y of 0 and 1 is known; the intervals of small tables should hold it nearly always."""
    held = 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        y = np.arange(300) % 2
        columns = {"x": (y + chance.normal(size=300)).round(4).tolist(), "t": y.tolist()}
        power = case(tmp_path, columns).powers["x"]
        held += power.low <= 0.5205 <= power.high  # 2 Phi(1 / sqrt 2) - 1
    assert held >= 34


def test_many_levels_do_not_pass_for_a_leak(tmp_path: Path) -> None:
    names = [f"name {i % 500}" for i in range(N)]
    assert case(tmp_path, {"names": names, "noise": NOISE, "t": BINARY}).powers["names"].value < 0.3


@pytest.mark.parametrize("choice", [{"known": Known.BEFORE}, {"known": Known.SAME_TIME}, {"role": Role.FEATURE}])
def test_what_the_person_has_confirmed_is_used(tmp_path: Path, choice: dict[str, object]) -> None:
    columns = {"noise": NOISE, "leak": BINARY, "t": BINARY}
    asked = case(tmp_path, columns, {"leak": ColumnChoice(**choice)})  # type: ignore[arg-type]  # any one field
    (finding,) = look(asked)
    assert (finding.code, finding.severity, finding.automatic) == ("leak_confirmed", Severity.HANDLED, False)
    assert "leak" in [column.name for column in settled(asked.dataset, (finding,)).schema.features]


def test_of_a_sum_only_what_is_confirmed_is_used(tmp_path: Path) -> None:
    items = {"a": ITEMS[0].tolist(), "b": ITEMS[1].tolist(), "noise": NOISE, "t": (ITEMS[0] + ITEMS[1]).tolist()}
    (finding,) = look(case(tmp_path, items, {"a": ColumnChoice(known=Known.BEFORE)}))
    assert set(finding.columns) == {"a", "b"}
    assert list(finding.remedies[0].columns) == ["b"]
    assert (finding.code, finding.message.parameters["known"]) == ("leak_with_known", "a")


def test_what_is_known_afterwards_is_neither_used_nor_looked_at(tmp_path: Path) -> None:
    columns = {"noise": NOISE, "leak": BINARY, "t": BINARY}
    asked = case(tmp_path, columns, {"leak": ColumnChoice(known=Known.AFTER)})
    assert look(asked) == ()
    assert [column.name for column in asked.dataset.schema.features] == ["noise"]


def test_ranges_of_few_rows_hide_no_other_ranges(tmp_path: Path) -> None:
    prices = np.random.default_rng(0).lognormal(5, 1.3, 2000).round(2)
    bands = pd.cut(prices, 10, labels=list("abcdefghij")).astype(str)
    assert pd.Series(bands).value_counts().min() < 3
    rare = np.where(np.arange(2000) % 200 == 0, "rare", "usual")
    noise = np.random.default_rng(1).normal(size=2000)
    (finding,) = look(
        case(tmp_path, {"x": noise.tolist(), "band": bands.tolist(), "rare": rare.tolist(), "t": prices.tolist()})
    )
    assert (finding.code, finding.columns, finding.automatic) == ("leak_ranges", ("band",), True)


def test_a_text_whose_words_settle_the_answer_is_left_out(tmp_path: Path) -> None:
    yes = np.array(BINARY) == "yes"
    numbers = RNG.permutation(N)
    one = [f"{'granted after' if y else 'declined because of'} paper {i}" for y, i in zip(yes, numbers, strict=True)]
    ways, others = ("granted", "passed", "signed"), ("new", "open", "asked", "late", "sent", "lost", "found")
    several = [f"{ways[i % 3] if y else others[i % 7]} number {i} of office" for y, i in zip(yes, numbers, strict=True)]
    topics = np.where(yes, RNG.choice(["free", "win", "call", "now"], N), RNG.choice(["home", "ok", "call", "now"], N))
    honest = [f"{topic} and number {i}" for topic, i in zip(topics, numbers, strict=True)]
    texts = {"one": one, "several": several, "honest": honest}
    asked = case(
        tmp_path, {"noise": NOISE, **texts, "t": BINARY}, {name: ColumnChoice(kind=Kind.TEXT) for name in texts}
    )
    left_out, may = look(asked)
    assert (left_out.columns, left_out.automatic) == (("one",), True)
    assert (may.columns, may.automatic) == (("several",), False)
    assert "evidence_by_words" in [message.code for message in may.evidence]
    assert 0.2 < asked.powers["honest"].value < ASK


def test_a_text_may_tell_a_number(tmp_path: Path) -> None:
    sizes = RNG.choice([10.0, 20.0, 40.0], N)
    texts = [{10.0: "small", 20.0: "middle", 40.0: "large"}[size] + f" lot {i}" for i, size in enumerate(sizes)]
    columns = {"noise": NOISE, "words": texts, "t": (sizes + RNG.normal(size=N) / 10).round(4)}
    power = case(tmp_path, columns, {"words": ColumnChoice(kind=Kind.TEXT)}).powers["words"]
    assert power.value > 0.8
    assert set(power.words) <= {"small", "middle", "large"}


def test_the_last_columns_are_kept_and_told_of(tmp_path: Path) -> None:
    asked = case(tmp_path, {"leak": AMOUNT, "other": [2 * amount for amount in AMOUNT], "t": AMOUNT})
    (finding,) = look(asked)
    assert (finding.code, finding.severity) == ("leak_only", Severity.PLEASE_LOOK)
    assert not finding.automatic


def test_a_text_that_comes_again_is_judged_alike_by_a_run_and_the_app(tmp_path: Path) -> None:
    n_rows = 12_000
    which = RNG.integers(0, 2200, n_rows)
    notes = [" ".join(RNG.choice(list("abcdefgh"), 12)) for _ in range(2200)]
    columns: dict[str, Sequence[object]] = {
        "x": RNG.normal(size=n_rows).tolist(),
        "note": [notes[i] for i in which],
        "t": (which < 700).astype(int).tolist(),
    }
    asked = case(tmp_path, columns, {"note": ColumnChoice(kind=Kind.TEXT)})
    assert asked.powers["note"].value > 0.9
    assert not asked.powers["note"].words


def test_without_a_target_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    assert isinstance(LEAKAGE.look(Case(dataset=dataset(tmp_path, {"a": NOISE, "b": BINARY}))), Skip)
