"""Effects of columns: the curves are those of the formula, each sentence is said where it is true and only there."""

import numpy as np
import pandas as pd
import pytest

from engine.insight.asking import Asked
from engine.insight.effect_sentences import HARDLY, shape_of, told
from engine.insight.effect_shapes import Shape, course
from engine.insight.effects import Effect, effects
from engine.messages import render
from engine.table.schema import Kind
from engine.tasks.task import Task, TaskKind
from tests.asking import Formula, column, deciding, drawn, numbers, predicting

SHAPES: dict[Shape, Formula] = {
    Shape.HARDLY: lambda rows: rows["noise"] + 0.01 * rows["x"],
    Shape.RISES: lambda rows: 3 * rows["x"] + rows["noise"],
    Shape.FALLS: lambda rows: -3 * rows["x"] + rows["noise"],
    Shape.RISES_FROM: lambda rows: 8 * np.maximum(0, rows["x"] - 0.5) + rows["noise"],
    Shape.FALLS_FROM: lambda rows: -8 * np.maximum(0, rows["x"] - 0.5) + rows["noise"],
    Shape.RISES_UNTIL: lambda rows: 8 * np.minimum(0.5, rows["x"]) + rows["noise"],
    Shape.FALLS_UNTIL: lambda rows: -8 * np.minimum(0.5, rows["x"]) + rows["noise"],
    Shape.STEPS_UP: lambda rows: 3.0 * (rows["x"] > 0.6) + rows["noise"],
    Shape.STEPS_DOWN: lambda rows: -3.0 * (rows["x"] > 0.6) + rows["noise"],
    Shape.LOWEST_WITHIN: lambda rows: 20 * (rows["x"] - 0.5) ** 2 + rows["noise"],
    Shape.HIGHEST_WITHIN: lambda rows: -20 * (rows["x"] - 0.5) ** 2 + rows["noise"],
    Shape.UP_AND_DOWN: lambda rows: 3 * np.sin(12 * rows["x"]) + rows["noise"],
}
WORDS = {
    Shape.HARDLY: "x makes hardly a difference.",
    Shape.RISES: "rises with x",
    Shape.FALLS: "falls with x",
    Shape.RISES_FROM: "From about 0.5 on, x raises",
    Shape.FALLS_FROM: "From about 0.5 on, x lowers",
    Shape.RISES_UNTIL: "Up to about 0.5, x raises",
    Shape.FALLS_UNTIL: "Up to about 0.5, x lowers",
    Shape.STEPS_UP: "jumps up where x reaches about 0.6",
    Shape.STEPS_DOWN: "drops where x reaches about 0.6",
    Shape.LOWEST_WITHIN: "is lowest where x is about 0.5",
    Shape.HIGHEST_WITHIN: "is highest where x is about 0.5",
    Shape.UP_AND_DOWN: "goes up and down",
}
CODES = {
    Shape.HARDLY: ("effect_hardly", "effect_hardly"),
    Shape.RISES: ("effect_number_rises", "effect_chance_rises"),
    Shape.FALLS: ("effect_number_falls", "effect_chance_falls"),
    Shape.RISES_FROM: ("effect_number_rises_from", "effect_chance_rises_from"),
    Shape.FALLS_FROM: ("effect_number_falls_from", "effect_chance_falls_from"),
    Shape.RISES_UNTIL: ("effect_number_rises_until", "effect_chance_rises_until"),
    Shape.FALLS_UNTIL: ("effect_number_falls_until", "effect_chance_falls_until"),
    Shape.STEPS_UP: ("effect_number_steps_up", "effect_chance_steps_up"),
    Shape.STEPS_DOWN: ("effect_number_steps_down", "effect_chance_steps_down"),
    Shape.LOWEST_WITHIN: ("effect_number_lowest_within", "effect_chance_lowest_within"),
    Shape.HIGHEST_WITHIN: ("effect_number_highest_within", "effect_chance_highest_within"),
    Shape.UP_AND_DOWN: ("effect_number_up_and_down", "effect_chance_up_and_down"),
}
ROWS = drawn(800, "x", "noise").sort_values("x", ignore_index=True)


def loosely(sentence: str, words: str) -> bool:
    """Whether a sentence holds the words; a figure in them may be off by what lies between two steps."""
    *start, last = words.replace(",", " ,").split()
    parts = sentence.replace(",", " ,").split()
    for place in range(len(parts) - len(start)):
        if all(_alike(said, wanted) for said, wanted in zip(parts[place:], [*start, last], strict=False)):
            return True
    return False


def _alike(said: str, wanted: str) -> bool:
    try:
        return abs(float(said.strip("(.)")) - float(wanted)) <= 0.1
    except ValueError:
        return said == wanted


@pytest.mark.parametrize("shape", list(SHAPES))
def test_each_shape_is_called_what_it_is(shape: Shape) -> None:
    (effect,) = effects(predicting(numbers("x", "noise"), SHAPES[shape]), ROWS, ["x"])
    assert shape_of(effect) is shape
    sentence = render(told(effect))
    assert loosely(sentence, WORDS[shape]), sentence
    assert told(effect).code == CODES[shape][0]
    others = [other for other in SHAPES if other is not shape and loosely(sentence, WORDS[other])]
    assert others == [], sentence


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape is not Shape.HARDLY])
def test_chances_are_spoken_of_as_chances(shape: Shape) -> None:
    asked = deciding(numbers("x", "noise"), lambda rows: 1 / (1 + np.exp(-SHAPES[shape](rows) / 2)))
    (effect,) = effects(asked, ROWS, ["x"])
    assert shape_of(effect) is shape
    sentence = render(told(effect))
    assert "chance of yes" in sentence
    assert "%" in sentence
    assert told(effect).code == CODES[shape][1]


def test_a_place_among_small_numbers_is_not_rounded_away_by_a_long_tail() -> None:
    rows = drawn(800, "x") * 50
    rows.loc[:20, "x"] = 1e9
    (effect,) = effects(predicting(numbers("x"), lambda table: 8 * np.clip(table["x"] - 25, 0, 20)), rows, ["x"])
    at = float(str(told(effect).parameters["at"]).replace(",", ""))
    assert 15 <= at <= 50, render(told(effect))


def test_no_curve_leaves_what_the_model_says() -> None:
    rows = drawn(800, "x").assign(z=lambda table: (table["x"] > 0.5) * 1.0)
    asked = predicting(numbers("x", "z"), lambda table: np.maximum(0, 10 * table["x"] - 8 * table["z"]))
    for effect in effects(asked, rows, ["x", "z"]):
        assert min(effect.ale) >= 0
        assert max(effect.ale) <= asked.outcomes([rows])[0].max()


def test_a_column_that_only_goes_along_with_another_has_no_effect_of_its_own() -> None:
    rows = drawn(800, "x")
    rows["twin"] = rows["x"] + np.random.default_rng(1).normal(0, 0.02, len(rows))
    asked = predicting(numbers("x", "twin"), lambda table: 5 * table["x"])
    own, twin = effects(asked, rows, ["x", "twin"])
    assert shape_of(own) is Shape.RISES
    assert told(twin) == HARDLY(column="twin")


def test_unlike_single_rows_the_accumulated_curve_keeps_to_rows_that_can_be() -> None:
    # Outside the band where x and z go together the formula is absurd; only setting all rows to a value goes there.
    rows = drawn(800, "x")
    rows["z"] = rows["x"] + np.random.default_rng(1).normal(0, 0.02, len(rows))
    asked = predicting(numbers("x", "z"), lambda table: table["x"] + 50 * (np.abs(table["x"] - table["z"]) > 0.3))
    (effect,) = effects(asked, rows, ["x"])
    assert np.ptp(effect.ale) < 1.5
    assert np.ptp(effect.pdp) > 3


def test_dates_and_ordered_levels_lie_in_their_order() -> None:
    days = pd.date_range("2024-01-01", periods=300)
    rows = pd.DataFrame({"on": days.strftime("%d.%m.%Y").astype("str"), "size": ["S", "M", "L"] * 100})
    on = column("on", Kind.DATE, date_formats=("%d.%m.%Y",))
    size = column("size", Kind.CATEGORY, order=("S", "M", "L"))
    place = {"S": 0.0, "M": 1.0, "L": 2.0}
    asked = predicting(
        (on, size), lambda table: table["size"].map(place) - pd.to_datetime(table["on"], format="%d.%m.%Y").dt.month
    )
    dates, sizes = effects(asked, rows, ["on", "size"])
    assert shape_of(dates) is Shape.FALLS
    assert dates.cells[0] == "01.01.2024"
    assert shape_of(sizes) is Shape.RISES
    assert sizes.cells == ("S", "M", "L")
    assert np.diff(sizes.ale) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    ("worth", "of_number", "of_chance", "words"),
    [
        ((0, 1, 2, 3), "effect_number_rises", "effect_chance_rises", "rises with size, from"),
        ((3, 2, 1, 0), "effect_number_falls", "effect_chance_falls", "falls with size, from"),
        ((0, 0, 1, 3), "effect_number_rises", "effect_chance_rises", "rises with size, from"),
        ((3, 2, 0, 0), "effect_number_falls", "effect_chance_falls", "falls with size, from"),
        (
            (0, 3, 3, 3),
            "effect_number_up_between",
            "effect_chance_up_between",
            "rises with size, mostly between S and M",
        ),
        ((3, 3, 3, 0), "effect_number_down_between", "effect_chance_down_between", "mostly between L and XL"),
        ((3, 0, 0, 3), "effect_number_levels", "effect_chance_levels", "lowest for"),
        ((0, 3, 0, 3), "effect_number_levels", "effect_chance_levels", "highest for"),
        ((1, 1, 1, 1), "effect_hardly", "effect_hardly", "size makes hardly a difference."),
    ],
)
def test_words_in_an_order_are_called_by_their_names(
    worth: tuple[int, ...], of_number: str, of_chance: str, words: str
) -> None:
    order = ("S", "M", "L", "XL")
    rows = drawn(400, "noise").assign(size=list(order) * 100)
    columns = (column("size", Kind.CATEGORY, order=order), *numbers("noise"))
    values = dict(zip(order, map(float, worth), strict=True))

    def formula(table: pd.DataFrame) -> np.ndarray:
        return np.asarray(table["size"].map(values) + 0.1 * table["noise"], dtype=float)

    (effect,) = effects(predicting(columns, formula), rows, ["size"])
    assert told(effect).code == of_number
    assert words in render(told(effect))
    (chances,) = effects(deciding(columns, lambda table: 0.1 + formula(table) / 4), rows, ["size"])
    assert told(chances).code == of_chance
    assert "about" not in render(told(effect)) + render(told(chances)), "a word is not about itself"


def test_levels_are_named_by_their_mean_prediction() -> None:
    rows = pd.DataFrame({"town": ["Ulm", "Bonn", "Kiel", "Bonn"] * 50, "x": drawn(200, "x")["x"]})
    town = column("town", Kind.CATEGORY)
    worth = {"Ulm": 1.0, "Bonn": 2.0, "Kiel": 5.0}
    asked = predicting((town, column("x")), lambda table: table["town"].map(worth) + 0.1 * table["x"])
    (effect,) = effects(asked, rows, ["town"])
    assert render(told(effect)).startswith("By town, the prediction is highest for Kiel (5.0")
    assert dict(zip(effect.cells, effect.n_rows, strict=True)) == {"Bonn": 100, "Kiel": 50, "Ulm": 50}
    same = predicting((town, column("x")), lambda table: 0.1 * table["x"])
    assert told(effects(same, rows, ["town"])[0]) == HARDLY(column="town")


def test_of_many_levels_the_most_frequent_of_all_rows_are_spoken_of_as_such() -> None:
    towns = [f"t{i:02}" for i in range(30)]
    rows = pd.DataFrame({"town": [town for i, town in enumerate(towns) for _ in range(40 if i >= 18 else 30)]})
    rows = rows.assign(x=drawn(len(rows), "x")["x"].to_numpy())
    columns = (column("town", Kind.CATEGORY), column("x"))
    worth = {town: float(i) for i, town in enumerate(towns)}
    (effect,) = effects(predicting(columns, lambda table: table["town"].map(worth)), rows, ["town"])
    assert set(effect.cells) == set(towns[18:])
    assert set(effect.n_rows) == {40}, "not only those of the rows that are looked at"
    assert told(effect).code == "effect_number_most_frequent"
    assert render(told(effect)).startswith(
        "Among the 12 most frequent values of town, the prediction is highest for t29"
    )
    (chances,) = effects(deciding(columns, lambda table: table["town"].map(worth) / 30), rows, ["town"])
    assert told(chances).code == "effect_chance_most_frequent"


def test_the_bars_count_the_rows_and_a_constant_or_a_text_has_no_effect() -> None:
    rows = drawn(200, "x").assign(same=1.0, note="words in a row")
    columns = (*numbers("x", "same"), column("note", Kind.TEXT))
    found = effects(predicting(columns, lambda table: table["x"]), rows, ["x", "same", "note"])
    assert [effect.column for effect in found] == ["x"]
    assert sum(found[0].bars) == sum(found[0].n_rows) == 200
    assert Effect.from_json({**vars(found[0])}) == found[0]


def test_missing_cells_stay_missing_and_count_nowhere() -> None:
    rows = drawn(300, "x", "noise")
    rows.loc[:99, "x"] = np.nan
    (effect,) = effects(
        predicting(numbers("x", "noise"), lambda table: table["x"].fillna(9.0) + table["noise"]), rows, ["x"]
    )
    assert sum(effect.n_rows) == 200
    assert max(effect.ale) < 3


def test_of_several_classes_the_one_that_moves_most_is_spoken_of() -> None:
    def predict(rows: pd.DataFrame) -> pd.DataFrame:
        blue = 0.1 + 0.6 * rows["x"]
        red = 0.2 + 0.0 * rows["x"]
        chances = {"probability_red": red, "probability_green": 1 - red - blue, "probability_blue": blue}
        return pd.DataFrame({"prediction": "blue", **chances})

    task = Task(kind=TaskKind.MULTICLASS, targets=("colour",), classes=("red", "green", "blue"))
    asked = Asked(columns=numbers("x", "noise"), task=task, predict=predict)
    (effect,) = effects(asked, ROWS, ["x"])
    assert effect.answer in {"green", "blue"}
    assert shape_of(effect) is (Shape.RISES if effect.answer == "blue" else Shape.FALLS)
    assert f"chance of {effect.answer}" in render(told(effect))
    # Set there, few rows that stand for all tell the same as following each row from step to step.
    assert effect.pdp == pytest.approx(effect.ale, abs=0.02)


def test_a_long_flat_tail_with_few_rows_is_spoken_of_because_it_is_most_of_the_picture() -> None:
    curve, rows = (19.0, 33.0, 40.0, 46.0, 48.5, 50.5, 51.0), (13, 6, 40, 9, 12, 6, 4)
    found = course(curve, rows, 40.0, (3.0, 14.0, 28.0, 56.0, 91.0, 270.0, 365.0))
    assert (found.shape, found.turn) == (Shape.RISES_UNTIL, 4)
    assert course(curve, rows, 40.0, tuple(range(7))).shape is Shape.RISES
    turned = course(curve[::-1], rows[::-1], 40.0, (-365.0, -270.0, -91.0, -56.0, -28.0, -14.0, -3.0))
    assert turned.shape is Shape.FALLS_FROM
    few = (13, 6, 40, 20, 1, 1, 1)
    assert course(curve, few, 40.0, (3.0, 14.0, 28.0, 56.0, 91.0, 270.0, 365.0)).shape is Shape.RISES


def test_a_climb_over_a_wide_gap_is_no_jump() -> None:
    values, n_rows = [0.1, 0.1, 0.12, 0.13, 0.6], [100, 100, 100, 100, 30]
    near = course(values, n_rows, 0.5, places=[0.0, 1.0, 2.0, 3.0, 4.0])
    assert (near.shape, near.turn) == (Shape.STEPS_UP, 4)
    far = course(values, n_rows, 0.5, places=[0.0, 0.5, 1.0, 1.5, 5.0])
    assert (far.shape, far.turn) == (Shape.RISES_FROM, 3), "it says from where, not that all of it comes at the end"
