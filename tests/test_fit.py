"""How far a file fits a model: what could not be read is told, and other decimal signs and dates are understood."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.messages import Message, render
from engine.new_rows.cells import fitted
from engine.new_rows.fit import Fit
from engine.new_rows.matching import matched
from engine.table.files.names import unique_names
from engine.table.options import DateOrder, ReadingOptions
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules
from exporters.predictor.reading import RefusalError, places_of

MISSING = ("na", "n/a", "-")


def column(name: str, kind: Kind = Kind.NUMBER, *, cells: Cells = Cells.NUMBER, **rules: object) -> ColumnSchema:
    made = ReadingRules(missing=MISSING, **rules)  # type: ignore[arg-type]
    return ColumnSchema(
        name=name, original_name=name, position=0, kind=kind, cells=cells, reason=Message(""), rules=made
    )


CRP = column("CRP")
AGE = column("age")
GERMAN = column("price", cells=Cells.TEXT, number=True, decimal=",", thousands=".", suffixes=("€",))
COLOUR = column("colour", Kind.CATEGORY, cells=Cells.TEXT)
CODE = column("code", Kind.CATEGORY)
DAY = replace(column("day", Kind.DATE, cells=Cells.TEXT), date_formats=("%d.%m.%Y",))
LEVELS = {"colour": ("", "blue", "red"), "code": ("1.0", "2.0")}


def fit(
    cells: Mapping[str, Sequence[object]], *columns: ColumnSchema, options: ReadingOptions | None = None
) -> tuple[pd.DataFrame, Fit, list[str]]:
    frame = pd.DataFrame({name: pd.Series(each, dtype="str") for name, each in cells.items()})
    made, found = fitted(frame, columns, lambda: LEVELS, options or ReadingOptions())
    return made, found, [render(message) for message in found.messages]


def test_a_file_that_fits_has_nothing_to_tell() -> None:
    made, found, told = fit({"CRP": ["80.5", "n/a", None], "colour": ["red", "blue", ""]}, CRP, COLOUR)
    assert made["CRP"].tolist()[0] == 80.5
    assert not told
    assert found.n_to_look_at == 0
    assert [each.n_filled for each in found.columns] == [1, 2]


def test_a_column_of_the_file_serves_one_of_the_model_whatever_stands_before_it() -> None:
    second = replace(COLOUR, name="colour_2")
    made, found, _told = fit({"x": ["1"], "colour_2": ["blue"], "colour": ["red"]}, COLOUR, second)
    assert made.iloc[0].to_dict() == {"colour": "red", "colour_2": "blue"}
    assert found.extra == ("x",)
    made, _found, _told = fit({"colour": ["red"], "colour.1": ["blue"]}, COLOUR, second)
    assert made["colour_2"].tolist() == ["blue"], "as pandas writes it"


NAMES = st.lists(st.sampled_from(["x", "x ", "x_2", "", "y", "c2", "'x", "x.1"]), min_size=1, max_size=5)


@example(trained=["x", "x "], given_names=["x"], n=1)
@given(trained=NAMES, given_names=NAMES, n=st.integers(1, 4))
def test_a_bundle_finds_the_columns_that_the_app_finds(trained: list[str], given_names: list[str], n: int) -> None:
    found_in = dict.fromkeys(zip(unique_names(trained), trained, strict=True))
    columns = [replace(CRP, name=name, original_name=original) for name, original in found_in][-n:]
    names = unique_names(given_names)
    app = {name: names.index(place) for name, place in matched(names, columns).items()}
    plain = [{"name": column.name, "original_name": column.original_name} for column in columns]
    if len(app) < len(columns):
        with pytest.raises(RefusalError, match="lacks what the model needs"):
            places_of(given_names, plain)
    else:
        assert places_of(given_names, plain) == app


def test_cells_that_cannot_be_read_are_told_with_examples() -> None:
    _made, found, told = fit({"CRP": ["80.5", "high", "x?", "12 mg", "low", "3", "high"]}, CRP)
    assert told == ["CRP: 5 of 7 cells could not be read as numbers and count as missing, such as high, x?, 12 mg."]
    assert found.columns[0].n_unread == 5
    assert not found.columns[0].is_good


def test_where_nothing_could_be_read_the_predictions_are_worth_nothing() -> None:
    _made, _found, told = fit({"CRP": ["a", "b", ""]}, CRP)
    assert told[0].startswith("CRP: 2 of 2 cells could not be read as numbers and count as missing, such as a, b")
    assert "worth nothing" in told[0]


def test_the_other_decimal_sign_is_understood_and_told() -> None:
    made, found, told = fit({"CRP": ["80,5", "7,25", "1.250,5", "9"]}, CRP)
    assert made["CRP"].tolist() == [80.5, 7.25, 1250.5, 9.0]
    assert told == ["CRP: 3 cells were read with a decimal comma."]
    assert found.n_to_look_at == 1


def test_a_decimal_point_is_understood_where_training_had_commas() -> None:
    made, _found, told = fit({"price": ["1,234.50 €", "2,000.25", "3"]}, GERMAN)
    assert made["price"].tolist() == ["1234.5", "2000.25", "3.0"]
    assert told == ["price: 2 cells were read with a decimal point."]


def test_three_decimals_are_no_thousands_beside_cells_that_prove_a_decimal_point() -> None:
    made, _found, told = fit({"price": ["714.12", "714.125", "0.83 €", "-24.7", "3332.575"]}, GERMAN)
    assert made["price"].tolist() == ["714.12", "714.125", "0.83", "-24.7", "3332.575"]
    assert told == ["price: 1 cell was read with a decimal point."]
    made, _found, told = fit({"price": ["2.079", "618", "714,5"]}, GERMAN)
    assert made["price"].tolist() == ["2079.0", "618.0", "714.5"]
    assert told == []
    slip = ["2.079", "17.004", *["1.625"] * 50, "4.50"]  # one of many is a slip of the pen
    made, _found, told = fit({"price": slip}, GERMAN)
    assert made["price"].tolist()[:2] == ["2079.0", "17004.0"]


def test_thousands_or_decimals_is_asked_and_not_guessed() -> None:
    made, found, told = fit({"CRP": ["1,234", "2,500", "3"]}, CRP)
    assert made["CRP"].isna().tolist() == [True, True, False]
    assert "can be read in two ways, such as 1,234, 2,500" in told[0]
    assert "--decimal" in told[0]
    assert found.n_to_look_at == 1


def test_what_another_column_proves_settles_it() -> None:
    made, _found, told = fit({"CRP": ["1,234", "2,500"], "age": ["30,5", "41,5"]}, CRP, AGE)
    assert made["CRP"].tolist() == [1.234, 2.5]
    assert told == ["CRP: 2 cells were read with a decimal comma.", "age: 2 cells were read with a decimal comma."]


def test_thousands_of_training_are_doubted_where_other_columns_have_them_as_decimal_sign() -> None:
    grouped = column("sum", cells=Cells.TEXT, number=True, thousands=",")
    made, found, told = fit({"sum": ["1,234", "2,500"], "age": ["30,5", "41,5"]}, grouped, AGE)
    assert made["sum"].tolist() == ["1234.0", "2500.0"]
    assert "sum: 2 of 2 cells can be read in two ways" in told[0]
    assert found.n_to_look_at == 2


@pytest.mark.parametrize(("sign", "value"), [(",", 1.234), (".", 1234.0)])
def test_the_decimal_sign_that_is_given_decides(sign: str, value: float) -> None:
    made, found, told = fit({"CRP": ["1,234", "5"]}, CRP, options=ReadingOptions(decimal=sign))
    assert made["CRP"].tolist() == [value, 5.0]
    assert told == [f"CRP: 1 cell was read with a decimal {'comma' if sign == ',' else 'point'}."]
    assert found.n_to_look_at == 0


def test_a_column_that_has_the_sign_nowhere_is_left_alone() -> None:
    options = ReadingOptions(decimal=",")
    made, _found, told = fit({"CRP": ["1,5", "2,5"], "age": ["100.125", "99.5"]}, CRP, AGE, options=options)
    assert made["age"].tolist() == [100.125, 99.5]
    assert told == ["CRP: 2 cells were read with a decimal comma."]


@pytest.mark.parametrize("cells", [("1.5", "2.5", "3,5"), ("5.850", "99999", "4000,5")])
def test_few_cells_with_the_other_sign_are_told_and_not_read(cells: tuple[str, ...]) -> None:
    made, found, told = fit({"CRP": list(cells)}, CRP)
    assert made["CRP"].isna().tolist() == [False, False, True]
    assert f"CRP: 1 of 3 cells could not be read as numbers and count as missing, such as {cells[2]}." in told[0]
    assert "Some have another decimal sign than the others, or these were read wrongly." in told[0]
    assert "--decimal" in told[0]
    assert found.n_to_look_at == 1


def test_values_that_the_model_does_not_know_are_told() -> None:
    _made, found, told = fit({"colour": ["red", "green", "green"], "code": ["1", "3", "2"]}, COLOUR, CODE)
    assert told == [
        "colour: 2 of 3 cells hold values that no training row had, or only few, such as green.",
        "code: 1 of 3 cells hold values that no training row had, or only few, such as 3.0.",
    ]
    assert [each.n_unknown for each in found.columns] == [2, 1]


def test_dates_are_told_and_read_in_the_order_that_is_given() -> None:
    cells = {"day": ["03/04/2024", "12/31/2024", "31.12.2024"]}
    _made, _found, told = fit(cells, DAY)
    assert told[0].startswith("day: 2 of 3 cells could not be read as dates")
    made, _found, told = fit(
        {"day": ["03/04/2024", "12/31/2024"]}, DAY, options=ReadingOptions(date_order=DateOrder.MONTH_FIRST)
    )
    assert made["day"].tolist() == ["04.03.2024", "31.12.2024"]
    assert told == ["day: 2 dates were read with the month first."]


@pytest.mark.parametrize(
    ("moments", "written"),
    [(("%H:%M",), "13:45"), (("%d.%m.%Y %H:%M%z", "epoch_s"), "31.12.2024 13:45+0000"), (("epoch_s",), "2024-12-31")],
)
def test_unread_moments_are_told_beside_what_people_write_there(moments: tuple[str, ...], written: str) -> None:
    moment = replace(column("at", Kind.DATE, cells=Cells.TEXT, moments=moments), date_formats=("%Y-%m-%d %H:%M:%S",))
    _made, _found, told = fit({"at": ["soon"]}, moment)
    assert f"such as {written}" in told[0].split(", such as soon. ")[1]


def test_dates_that_prove_the_other_order_settle_those_that_can_be_read_both_ways() -> None:
    made, found, told = fit({"day": ["12.31.2024", "04.05.2024", "01.25.2023", ""]}, DAY)
    assert made["day"].tolist()[:3] == fit({"day": ["31.12.2024", "05.04.2024", "25.01.2023"]}, DAY)[0]["day"].tolist()
    assert told == ["day: 3 dates were read with the month first."]
    assert found.n_to_look_at == 1  # it was found out, not said
    _made, found, told = fit({"day": ["12.31.2024", "31.05.2024", "01.25.2023"]}, DAY)
    assert told[0].startswith("day: 2 of 3 cells could not be read as dates")  # some prove one, some the other
    _made, _found, told = fit({"day": ["04.05.2024", "01.02.2023"]}, DAY)
    assert told == []


def test_dates_that_can_be_read_both_ways_follow_the_order_that_is_given() -> None:
    options = ReadingOptions(date_order=DateOrder.MONTH_FIRST)
    made, _found, _told = fit({"day": ["03.04.2024"]}, DAY, options=options)
    assert made["day"].tolist() == ["04.03.2024"]


def test_numbers_beyond_what_can_be_are_told_but_not_those_that_mean_no_value() -> None:
    limited = column("pulse", missing_numbers=(999.0,), lowest=0.0)
    _made, found, told = fit({"pulse": ["80", "999", "-5"]}, limited)
    assert told == ["pulse: 1 of 3 cells are beyond what this column can hold and count as missing, such as -5."]
    assert found.columns[0].n_unread == 1


def test_totals_are_told_and_stay() -> None:
    names = ["North", "South", "East", "West", "Total"]
    made, _found, told = fit({"colour": names, "CRP": ["1", "2", "3", "4", "10"]}, CRP)
    assert len(made) == 5
    assert told == ["1 row looks like a total and was predicted like every other."]


def test_columns_that_the_model_does_not_need_are_named_and_it_all_survives_storage() -> None:
    _made, found, _told = fit({"CRP": ["x", "1"], "more": ["1", "2"]}, CRP)
    assert found.extra == ("more",)
    assert Fit.from_json(found.to_json()) == found


def test_many_cells_beyond_all_that_was_learnt_from_are_told_with_what_to_look_at() -> None:
    _made, found, _told = fit({"age": [*map(str, range(600, 640)), ""], "colour": ["blue"] * 41}, AGE, COLOUR)
    outside = found.with_outside({"age": pd.Series(np.arange(600.0, 640.0))})
    (message,) = outside.messages
    assert render(message).startswith(
        "age: 40 of 40 cells lie outside of all that the model has learnt from, such as 600"
    )
    assert "unit" in render(message)
    assert outside.n_to_look_at == 1
    assert Fit.from_json(outside.to_json()) == outside
    few = found.with_outside({"age": pd.Series([700.0, 3.0])})  # extreme cells are in any file
    assert few == found
