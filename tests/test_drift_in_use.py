"""A column that has moved is found, those that have not are not, and it counts as much as it matters to the model."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.insight.asking import Asked
from engine.insight.in_use import drift as drift_module
from engine.insight.in_use.distance import Apart, holm, levels_apart, numbers_apart, stability
from engine.insight.in_use.drift import Drift, Light, find_drift
from engine.insight.in_use.shift import Size, shift_of
from engine.messages import render
from engine.table.schema import Kind, Role
from tests.asking import column, deciding, numbers
from tests.in_use import file_of, model_of, trained_of, truth_of

N, N_NEW = 2_000, 500
TOWNS = ["Ulm", "Bonn", "Kiel", "Jena"]
COLUMNS = (
    *numbers("income", "age"),
    column("town", Kind.CATEGORY),
    column("since", Kind.DATE, date_formats=("%Y-%m-%d",)),
    column("remark", Kind.TEXT),
    column("member", Kind.YES_NO),
)
SHARES = {"income": 0.5, "age": 0.2, "town": 0.2, "since": 0.06, "remark": 0.03, "member": 0.01}
WORDS = "loud quiet cheap dear small large near far old new".split()


def asked() -> Asked:
    return deciding(COLUMNS, lambda rows: 1 / (1 + np.exp(-(rows["income"].fillna(50) - 50) / 10)))


def people(n_rows: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(draw.integers(0, 700, n_rows), unit="D")
    return pd.DataFrame(
        {
            "income": draw.normal(50, 10, n_rows),
            "age": draw.integers(18, 80, n_rows).astype(float),
            "town": draw.choice(TOWNS, n_rows, p=[0.5, 0.3, 0.15, 0.05]),
            "since": days.strftime("%Y-%m-%d"),
            "remark": [" ".join(draw.choice(WORDS, draw.integers(2, 6))) for _row in range(n_rows)],
            "member": draw.choice(["yes", "no"], n_rows),
        }
    ).astype(dict.fromkeys(("town", "since", "remark", "member"), "str"))


BEFORE = people(N, 0)
TRAINED = trained_of(asked(), BEFORE, truth_of(asked(), BEFORE), SHARES, unseen=people(400, 1))
Change = Callable[[pd.DataFrame], pd.DataFrame]


def drift_of(change: Change, seed: int = 2, n_rows: int = N_NEW) -> Drift:
    return find_drift(model_of(asked()), TRAINED, file_of(asked(), change(people(n_rows, seed))))


def words(found: Drift) -> str:
    return " ".join(map(render, (*found.said, *found.told)))


def later(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(since=(pd.to_datetime(rows["since"]) + pd.Timedelta(days=800)).dt.strftime("%Y-%m-%d"))


def test_few_rows_with_levels_that_nobody_has_seen_are_no_green_light() -> None:
    found = drift_of(lambda rows: rows.assign(town="Mars"), n_rows=5)
    (town,) = found.changed
    assert (town.column, town.size, town.n_new) == ("town", Size.MUCH, 5)
    assert found.light is not Light.GREEN
    assert drift_of(lambda rows: rows.assign(town=rows["town"].where(rows.index > 0, "Mars")), n_rows=5).changed == ()


def test_levels_that_are_always_new_are_no_change() -> None:
    before, now = (pd.Series([f"{who}{i}" for i in range(n)], dtype="str") for who, n in (("a", 2_000), ("b", 40)))
    found = shift_of(before, now, column("code", Kind.CATEGORY), 0.5)
    assert found.n_new == 40
    assert found.judged(found.chance, drift_module.CERTAIN).size is Size.NONE


def test_a_green_light_for_few_rows_promises_little() -> None:
    few, many = (render(drift_of(lambda rows: rows, n_rows=n).title) for n in (20, 500))
    assert few == "Nothing that 20 rows can show has changed"
    assert many == "Nothing that matters has changed"


CHANGES: dict[str, Change] = {
    "income": lambda rows: rows.assign(income=rows["income"] + 8),
    "age": lambda rows: rows.assign(age=rows["age"].where(rows.index % 3 > 0)),
    "town": lambda rows: rows.assign(town=rows["town"].where(rows.index % 2 > 0, "Oslo")),
    "since": later,
    "remark": lambda rows: rows.assign(remark=rows["remark"].where(rows.index % 3 == 0, rows["remark"] + " broken")),
    "member": lambda rows: rows.assign(member="yes"),
}
SENTENCES = {
    "income": "the middle half of its values lay between",
    "age": "of its cells are empty now, 0 % were in the training table",
    "town": "250 rows hold values that the training table did not have, such as Oslo",
    "since": "Dates move on by themselves",
    "remark": 'the word "broken" stood in 0 % of them',
    "member": "stood in",
}


def without(column_name: str, every: int) -> Change:
    return lambda rows: rows.assign(**{column_name: rows[column_name].where(rows.index % every > 0)})


KINDS_OF_CHANGE: list[tuple[str, Change, set[str]]] = [
    ("income", CHANGES["income"], {"drift_moved"}),
    ("income", lambda rows: rows.assign(income=rows["income"].where(rows.index % 6 > 0, 9_000)), {"drift_average"}),
    ("age", without("age", 3), {"drift_moved", "drift_emptier"}),
    ("town", CHANGES["town"], {"drift_shares", "drift_new_levels"}),
    ("member", CHANGES["member"], {"drift_shares"}),
    ("since", later, {"drift_later"}),
    ("since", lambda rows: rows.assign(since="2019-05-05"), {"drift_moved"}),
    ("remark", CHANGES["remark"], {"drift_words"}),
    ("remark", lambda rows: rows.assign(remark=rows["remark"] + " " + rows["remark"]), {"drift_lengths"}),
    ("remark", lambda rows: rows.assign(remark=[f"x{i} y{i} z{i}" for i in rows.index]), {"drift_new_words"}),
    ("remark", without("remark", 2), {"drift_emptier"}),
]


@pytest.mark.parametrize(("name", "change", "codes"), KINDS_OF_CHANGE)
def test_each_kind_of_change_has_its_sentence_and_none_of_the_others(
    name: str, change: Change, codes: set[str]
) -> None:
    found = drift_of(change)
    assert [each.column for each in found.changed] == [name]
    said = {message.code for message in found.changed[0].said}
    assert codes <= said, said
    known = set[str]().union(*(each for _name, _change, each in KINDS_OF_CHANGE))
    assert not said & known - codes - {"drift_moved", "drift_words", "drift_lengths"}
    assert drift_of(lambda rows: rows).told == ()


def test_cells_that_are_filled_now_are_told_of_as_such() -> None:
    gaps = replace(TRAINED, cells=without("age", 3)(BEFORE))
    found = find_drift(model_of(asked()), gaps, file_of(asked(), people(N_NEW, 2)))
    assert [each.column for each in found.changed] == ["age"]
    assert "drift_fuller" in [message.code for message in found.told]
    assert "of its cells are empty now, 33 % were" in words(found)
    assert "drift_emptier" not in [message.code for message in found.told]


def test_a_middle_half_is_told_in_its_own_digits() -> None:
    before = pd.Series(np.linspace(20.0, 80.0, 200))
    found = shift_of(before, before * 1000, column("weight"), 0.5)
    assert "between 35 and 65 when" in render(found.said[0])
    assert "between 35,000 and 65,000 now" in render(found.said[0])
    rare = before.where(np.arange(200) < 199, 1e9)
    assert "between 35 and 65 when" in render(shift_of(rare, rare + 100, column("weight"), 0.5).said[0])


def test_what_is_looked_at_in_texts_is_said_where_there_are_texts() -> None:
    assert "drift_texts_compared" in [message.code for message in drift_of(lambda rows: rows).said]
    alone = replace(asked(), columns=COLUMNS[:3])
    found = find_drift(model_of(alone), TRAINED, file_of(alone, people(200, 2)))
    assert "drift_texts_compared" not in [message.code for message in found.said]


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_column_that_moved_is_found_and_the_others_are_not(name: str) -> None:
    found = drift_of(CHANGES[name])
    assert [each.column for each in found.changed] == [name]
    assert SENTENCES[name] in words(found)
    assert name in render(found.said[0])


def test_nothing_is_found_where_nothing_moved() -> None:
    found = drift_of(lambda rows: rows)
    assert (found.light, found.changed, found.told) == (Light.GREEN, (), ())
    assert "No column that the model looks at has changed" in words(found)
    assert found.predictions is not None
    assert found.predictions.size is Size.NONE


def test_false_alarms_are_as_rare_as_promised() -> None:
    lights = [drift_of(lambda rows: rows, seed, 60 + 40 * seed).light for seed in range(3, 18)]
    assert set(lights) == {Light.GREEN}


def test_what_is_found_comes_from_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off, it finds nothing: so the tests above look at nothing else."""

    def calm(*_cells: object) -> Apart:
        return Apart(apart=0.0, psi=0.0, chance=1.0)

    compare = shift_of
    monkeypatch.setattr(
        drift_module, "shift_of", lambda *given: replace(compare(*given), **vars(calm(*given)), said=())
    )
    assert drift_of(CHANGES["income"]).light is Light.GREEN


def test_the_light_follows_what_matters() -> None:
    income = drift_of(CHANGES["income"])
    assert (income.light, income.said[0].code, income.title.code) == (
        Light.RED, "drift_changed_much", "drift_red_title",
    )  # fmt: skip
    assert "If they are, train again" in words(drift_of(CHANGES["income"]))
    town = drift_of(CHANGES["town"])
    assert (town.light, town.said[0].code, town.title.code) == (
        Light.AMBER, "drift_changed_some", "drift_amber_title",
    )  # fmt: skip
    assert town.moved == pytest.approx(0.2)
    assert "Score it on rows with known outcomes" in words(town)
    both = drift_of(lambda rows: CHANGES["age"](CHANGES["town"](rows)))
    assert both.light is Light.RED
    member = drift_of(CHANGES["member"])
    assert member.changed[0].size is Size.MUCH
    assert (member.light, member.said[0].code, member.title.code) == (
        Light.GREEN, "drift_calm_enough", "drift_green_title",
    )  # fmt: skip
    assert "hardly matters to the model: member (1.0 % of" in words(member)
    assert "train again" not in words(member).lower()


def test_dates_that_move_on_count_half() -> None:
    found = drift_of(later)
    assert found.changed[0].size is Size.MUCH
    assert found.changed[0].weight == pytest.approx(0.03)
    assert found.light is Light.GREEN


def test_a_number_that_orders_rows_in_time_moves_on_as_dates_do() -> None:
    year = replace(COLUMNS[0], name="year", role=Role.TIME)
    before, now = (pd.Series(np.arange(first, first + 200.0)) for first in (0, 190))
    assert shift_of(before, now, year, 0.1).moves_on
    assert not shift_of(now, before, year, 0.1).moves_on
    assert not shift_of(before, now, replace(year, role=Role.FEATURE), 0.1).moves_on


def test_other_answers_are_told() -> None:
    found = drift_of(CHANGES["income"])
    assert found.predictions is not None
    assert found.predictions.size is Size.MUCH
    assert "no longer spread as before" in words(found)
    assert "no longer spread as before" not in words(drift_of(CHANGES["age"]))


def test_other_outcomes_are_told() -> None:
    rows = people(N_NEW, 4)
    y = truth_of(asked(), rows)
    same = find_drift(model_of(asked()), TRAINED, file_of(asked(), rows, y))
    assert same.outcome is not None
    assert same.light is Light.GREEN
    more = find_drift(model_of(asked()), TRAINED, file_of(asked(), rows, np.ones_like(y)))
    assert more.outcome is not None
    assert (more.outcome.size, more.light) == (Size.MUCH, Light.AMBER)
    assert "The outcome itself, left, is no longer spread" in words(more)
    assert "The outcome itself" not in words(same)


def test_outcomes_that_the_model_does_not_know_are_told() -> None:
    rows = people(N_NEW, 4)
    y = truth_of(asked(), rows)
    file = file_of(asked(), rows, y)
    assert file.outcomes is not None
    for strange in (np.arange(N_NEW) % 4 == 0, np.ones(N_NEW, bool)):  # beside others, or no other at all
        cells = file.outcomes.cells.mask(strange, "moved away")
        moved = replace(file.outcomes, y=np.where(strange, -1, y), cells=cells)
        found = find_drift(model_of(asked()), TRAINED, replace(file, outcomes=moved))
        assert found.outcome is not None
        assert found.light is not Light.GREEN


def test_few_rows_and_unknown_importances_are_told() -> None:
    found = drift_of(lambda rows: rows, n_rows=30)
    assert "has only 30 rows" in words(found)
    assert "drift_few_rows" not in [each.code for each in drift_of(lambda rows: rows, n_rows=60).said]
    assert "not known for this model" not in words(found)
    even = replace(TRAINED, shares=dict.fromkeys(SHARES, 1 / 6), is_explained=False)
    assert "not known for this model" in words(find_drift(model_of(asked()), even, file_of(asked(), people(99, 5))))


def test_what_is_kept_is_read_back() -> None:
    found = drift_of(CHANGES["town"])
    assert Drift.from_json(found.to_json()) == found


def test_distances_know_small_from_large_and_chance_from_change() -> None:
    draw = np.random.default_rng(0)
    before = draw.normal(size=5_000)
    little, much = numbers_apart(before, draw.normal(0.1, 1, 5_000)), numbers_apart(before, draw.normal(0.7, 1, 300))
    assert little.chance < 0.01
    assert not little.is_some, "sure, but too small to matter"
    assert much.is_much
    assert numbers_apart(before, np.full(300, np.nan)).is_much
    rare = draw.integers(0, 3_000, 5_000)
    assert not levels_apart(rare, draw.integers(0, 3_000, 400), 3_000).is_some, "levels that hardly repeat"
    assert stability(np.array([40.0, 60.0]), np.array([43.0, 57.0])) == 0.0, "less than chance adds"
    assert holm([0.001, 0.5]) == [0.002, 0.5]
    assert holm([]) == []
