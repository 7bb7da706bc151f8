"""One row: parts that add up, rows like it, words that move it."""

import numpy as np
import pandas as pd
import pytest

from engine.insight.row_parts import row_parts
from engine.insight.similar import most_similar
from engine.insight.terms import terms
from engine.table.schema import Cells, Kind
from tests.asking import column, deciding, drawn, numbers, predicting


def test_the_parts_add_up_to_the_outcome_whatever_the_model() -> None:
    rows = drawn(200, "a", "b", "c")
    asked = deciding(
        numbers("a", "b", "c"), lambda table: 1 / (1 + np.exp(-5 * (table["a"] * table["b"] - table["c"] ** 2)))
    )
    found = row_parts(asked, rows.iloc[[7]], rows)
    (said,) = asked.outcomes([rows.iloc[[7]]])
    assert found.base + sum(found.parts.values()) == pytest.approx(found.outcome, abs=1e-12)
    assert found.outcome == pytest.approx(said[0, 0])


def test_where_columns_add_up_each_gets_its_own_part() -> None:
    rows = drawn(400, "a", "b").assign(town=["Ulm", "Bonn"] * 200)
    columns = (*numbers("a", "b"), column("town", Kind.CATEGORY))
    asked = predicting(columns, lambda table: 4 * table["a"] + (table["town"] == "Ulm"))
    row = pd.DataFrame({"a": [1.0], "b": [0.9], "town": ["Ulm"]})
    found = row_parts(asked, row, rows)
    assert found.parts["b"] == pytest.approx(0.0, abs=1e-12)
    assert found.parts["a"] == pytest.approx(2.0, abs=0.4)
    assert found.parts["town"] == pytest.approx(0.5, abs=0.15)


def test_a_missing_cell_is_explained_too() -> None:
    rows = drawn(100, "a").assign(town=[None, "Ulm"] * 50)
    columns = (column("a"), column("town", Kind.CATEGORY))
    asked = predicting(columns, lambda table: 2.0 * table["town"].isna())
    found = row_parts(asked, rows.iloc[[0]], rows)
    assert found.outcome == 2.0
    assert found.parts["town"] == pytest.approx(1.0, abs=0.3)


def test_the_rows_asked_are_bounded_however_many_columns_there_are() -> None:
    names = [f"x{i}" for i in range(500)]
    n_asked = []
    asked = predicting(numbers(*names), lambda table: n_asked.append(len(table)) or table["x0"])  # type: ignore[func-returns-value]
    rows = drawn(30, *names)
    row_parts(asked, rows.iloc[[0]], rows)
    assert sum(n_asked) <= 6_000


def test_similar_is_what_is_alike_in_what_matters() -> None:
    rows = pd.DataFrame(
        {"a": [1.0, 5.0, 1.1, np.nan], "b": [0.0, 9.0, 9.0, 9.0], "town": ["Ulm", "Ulm", "Bonn", "Ulm"]}
    )
    columns = (*numbers("a", "b"), column("town", Kind.CATEGORY))
    row = {"a": 1.0, "b": 9.0, "town": "Ulm"}
    by_a, far = most_similar(row, rows, columns, {"a": 1.0})
    assert list(by_a) == [0, 2, 1, 3]
    assert far[0] == 0.0
    assert list(most_similar(row, rows, columns, {"b": 1.0, "town": 0.5})[0][:2]) == [1, 3]
    assert (most_similar(row, rows, columns, {})[1] == 0).all()


def test_similar_dates_written_as_text_and_numbers_with_units() -> None:
    rows = pd.DataFrame({"on": ["2024-01-01", "2024-03-01", "2024-12-01"], "size": ["1.0", "2.0", None]})
    columns = (column("on", Kind.DATE, date_formats=("%Y-%m-%d",)), column("size", Kind.NUMBER, Cells.TEXT))
    near, _far = most_similar({"on": "2024-02-25", "size": "2.1"}, rows, columns, {"on": 1.0, "size": 1.0})
    assert near[0] == 1
    assert near[-1] == 2


def test_similar_texts_have_words_in_common() -> None:
    rows = pd.DataFrame({"note": ["the parcel is late", "my refund is late", "Refund not here", None]})
    near, far = most_similar({"note": "where is my refund"}, rows, (column("note", Kind.TEXT),), {"note": 1.0})
    assert near[0] == 1
    assert far[0] == pytest.approx(1 - 3 / 5)
    assert far[-1] == 1.0


def test_the_word_that_moves_the_outcome_is_found_with_its_sign() -> None:
    notes = ["quiet garden", "loud street", "quiet street", "Loud corner shop", "garden shop", "corner house"] * 20
    rows = pd.DataFrame({"note": notes})
    note = column("note", Kind.TEXT)

    def formula(table: pd.DataFrame) -> np.ndarray:
        text = table["note"].str.lower()
        return np.asarray(text.str.contains("garden") * 3.0 - text.str.contains("loud") * 2.0)

    found = terms(predicting((note,), formula), rows)
    assert [(each.term, round(each.moved, 6)) for each in found] == [("garden", 3.0), ("loud", -2.0)]
    assert found[0].n_rows == 40
    assert terms(predicting((note,), lambda table: np.zeros(len(table))), rows) == ()
    assert terms(predicting(numbers("a"), lambda table: table["a"]), drawn(30, "a")) == ()
