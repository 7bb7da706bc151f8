"""Rows whose answer would help most come first, near-copies of them do not, and each says why it was chosen."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app.in_use import label_table
from engine.errors import InputError
from engine.insight.in_use.label_next import MOST_LISTED, Labels, _unlike, label_next
from engine.insight.in_use.spread import Room, spread_out, usual_distance, usual_widths
from engine.messages import render
from tests.asking import deciding, drawn, numbers, predicting
from tests.in_use import file_of, model_of, trained_of, truth_of

YES = deciding(numbers("a", "b"), lambda rows: np.clip(rows["a"], 0.001, 0.999))
BEFORE = drawn(300, "a", "b")
TRAINED = trained_of(YES, BEFORE, truth_of(YES, BEFORE), {"a": 0.7, "b": 0.3})


def rows_of(*pairs: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["a", "b"])


def reasons(found: Labels, place: int = 0) -> str:
    return " ".join(map(render, found.rows[place].reasons))


def test_rows_that_it_wavers_about_come_before_those_it_is_sure_of() -> None:
    rows = rows_of((0.99, 0.1), (0.51, 0.5), (0.01, 0.9), (0.7, 0.2))
    found = label_next(model_of(YES), TRAINED, file_of(YES, rows), 4)
    assert [each.row for each in found.rows][:2] == [2, 4]
    assert "It wavers between yes (51 %) and no (49 %)" in reasons(found)
    assert "It leans to yes (70 %), but no may be true (30 %)" in reasons(found, 1)
    assert [each.reasons[0].code for each in found.rows] == ["label_wavers", "label_leans", "label_sure", "label_sure"]
    assert found.rows[0].doubt > 0.9 > found.rows[1].doubt


def test_near_copies_are_not_all_chosen() -> None:
    crowd = rows_of(*((0.5 + 0.0001 * i, 0.5) for i in range(50)))
    others = rows_of((0.62, 0.05), (0.38, 0.95))
    file = file_of(YES, pd.concat([crowd, others], ignore_index=True))
    chosen = [each.row for each in label_next(model_of(YES), TRAINED, file, 3).rows]
    assert {51, 52} < set(chosen), chosen
    widths = usual_widths(BEFORE, YES.columns)
    usual = usual_distance(Room(BEFORE, YES.columns, TRAINED.shares, widths), 300)
    assert 0.1 < usual < 0.6
    places = spread_out(Room(file.cells, YES.columns, TRAINED.shares, widths), np.ones(52), 3, usual)
    assert len({*places} & {50, 51}) == 2
    alone = np.argsort(-(1 - np.abs(2 * file.cells["a"] - 1)), kind="stable")[:3]
    assert set(alone + 1) & {51, 52} == set(), "by doubt alone they would not be chosen"


def test_equal_rows_are_asked_for_once() -> None:
    file = file_of(YES, rows_of((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.9, 0.1)))
    found = label_next(model_of(YES), TRAINED, file, 4)
    assert [each.row for each in found.rows] == [1, 4]
    assert found.rows[0].n_copies == 2
    assert "2 more rows are equal to it" in reasons(found)
    assert "more rows are equal" not in reasons(found, 1)
    for n_copies, code in ((0, None), (1, "label_one_copy"), (2, "label_copies")):
        pair = label_next(model_of(YES), TRAINED, file_of(YES, rows_of(*[(0.5, 0.5)] * (n_copies + 1), (0.9, 0.1))), 2)
        assert code in [None, *(each.code for each in pair.rows[0].reasons)]
        assert len(pair.rows[0].reasons) == (1 if code is None else 2)
        assert pair.said == (), "two were asked for, and two differ"
    assert "Only 2 of the rows without an outcome differ" in " ".join(map(render, found.said))


def test_what_is_unlike_everything_learnt_from_is_worth_more() -> None:
    rows = rows_of((0.9, 0.1), (0.9, 0.6), (0.9, 0.3))
    plain = label_next(model_of(YES), TRAINED, file_of(YES, rows), 1)
    strange = label_next(model_of(YES), TRAINED, file_of(YES, rows, unlike=["", "", "b"]), 1)
    assert [each.row for each in strange.rows] == [3]
    assert [each.row for each in plain.rows] != [3]
    assert "It learnt from no row like this one in b, or from only one" in reasons(strange)


def test_rows_with_an_outcome_are_left_out() -> None:
    rows, y = rows_of((0.5, 0.5), (0.6, 0.1), (0.2, 0.9)), np.array([1, -1, -1])
    found = label_next(model_of(YES), TRAINED, file_of(YES, rows, y), 2)
    assert {each.row for each in found.rows} == {2, 3}
    assert (found.n_open, render(found.said[0])) == (2, "Rows that have an outcome already are not listed: 1.")
    with pytest.raises(InputError, match="Every row of the file has an outcome"):
        label_next(model_of(YES), TRAINED, file_of(YES, rows, np.array([1, 0, 1])), 2)
    for wrong in (0, MOST_LISTED + 1):
        with pytest.raises(InputError, match="no number of rows"):
            label_next(model_of(YES), TRAINED, file_of(YES, rows), wrong)


def test_an_outcome_that_cannot_be_read_is_an_answer_all_the_same() -> None:
    file = file_of(YES, rows_of((0.5, 0.5), (0.6, 0.1), (0.2, 0.9)), np.array([1, -1, -1]))
    assert file.outcomes is not None
    outcomes = replace(file.outcomes, given=np.array([True, True, False]))
    found = label_next(model_of(YES), TRAINED, replace(file, outcomes=outcomes), 3)
    assert [each.row for each in found.rows] == [3]


@pytest.mark.parametrize("target", ["rank", "row", "why", "prediction_in", "left"])
def test_the_answers_are_empty_and_the_columns_of_the_file_keep_their_names(target: str) -> None:
    file = file_of(YES, rows_of((0.5, 0.5), (0.6, 0.1)))
    names = [name for name in ("rank", "row", "prediction", "why", "rank_2", "a") if name != target]
    raw = pd.DataFrame({name: [f"{name} 1", f"{name} 2"] for name in names})
    labels = label_next(model_of(YES), TRAINED, file, 2)
    made = label_table(replace(file, raw=raw), labels, target)
    assert made.columns.is_unique
    assert made[target].tolist() == ["", ""]
    order = [each.row - 1 for each in labels.rows]
    pd.testing.assert_frame_equal(made[names], raw.iloc[order].reset_index(drop=True))
    assert len(made.columns) == 1 + 4 + len(names)


def test_columns_with_commas_in_their_names_are_named_whole() -> None:
    said = pd.DataFrame({"unlike": ["Size, cm, Size", "", "cm"]})
    assert _unlike(said, ["Size", "Size, cm", "cm"]) == [("Size, cm", "Size"), (), ("cm",)]


def test_doubt_follows_what_mistakes_cost() -> None:
    rows = rows_of((0.1, 0.5), (0.5, 0.5))
    costs = json.dumps({"costs": [[0.0, 1.0], [9.0, 0.0]]})
    model = model_of(YES, **{"tablewright.decision": costs})
    found = label_next(model, TRAINED, file_of(YES, rows), 2)
    assert [each.row for each in found.rows] == [1, 2]
    assert "By what mistakes cost it stands between no (90 %) and yes (10 %)" in reasons(found)


def test_numbers_with_wide_ranges_come_first() -> None:
    asked = predicting(numbers("a"), lambda rows: 1_000 * rows["a"])
    rows = drawn(40, "a", seed=3)
    half = np.where(np.arange(40) == 17, 500.0, 10.0)
    trained = trained_of(asked, BEFORE[["a"]], truth_of(asked, BEFORE), {"a": 1.0})
    file = file_of(asked, rows, low=1_000 * rows["a"] - half, high=1_000 * rows["a"] + half)
    found = label_next(model_of(asked), trained, file, 2)
    assert found.rows[0].row == 18
    assert "a wider range than that of 98 of 100 other rows" in reasons(found)
    assert "is no less sure than others" in reasons(found, 1)
    assert Labels.from_json(found.to_json()) == found
