"""No cell that leaves is ever run as a formula."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spreadsheets import empty_table, harmless, write_csv, write_excel
from engine.new_rows.cells import fitted
from engine.table.reading import read_raw, read_table

RISKY = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "=HYPERLINK('x')")


@pytest.mark.parametrize("text", RISKY)
def test_formulas_become_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12", "+3.5", "-1e-7", "-1,234.5", "abc", "", "a=b", "12-24", "-5%"])
def test_numbers_and_words_stay_what_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_nothing_that_begins_like_a_formula_gets_through(text: str) -> None:
    made = harmless(text)
    assert made.endswith(text)
    assert made[:1] not in ("=", "@", "\t", "\r")


def test_an_empty_table_to_fill_in_has_the_columns_that_are_looked_for(tmp_path: Path) -> None:
    names = ["-temp", "=a+b", 'size 5" (x)', "a;b", "c,d", "two\nlines", "'quoted'", "@home", "größe", "same", "same"]
    given = pd.DataFrame([[f"{n}{m}" for m in range(len(names))] for n in "abc"], columns=names)
    given.to_csv(tmp_path / "given.csv", index=False)
    columns = read_table(tmp_path / "given.csv").schema.columns
    rows = ",".join(f"x{m}" for m in range(len(names)))
    empty = empty_table(column.name for column in columns)
    (tmp_path / "filled.csv").write_bytes(empty + f"{rows}\n{rows}\n".encode())
    filled = fitted(read_raw(tmp_path / "filled.csv").frame, columns, dict)[0]
    assert list(filled.iloc[1]) == rows.split(",")


def test_cells_and_names_are_harmless_in_both_kinds_of_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=name": ["=1+1", None], "number": [-1.5, 2.0], "Ünï": ["é", "+x"]})
    write_csv(frame, tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
    assert text == "'=name,number,Ünï\n'=1+1,-1.5,é\n,2.0,'+x\n"
    write_excel(frame, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[1] == ("'=1+1", -1.5, "é")
    kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
    assert "f" not in kinds
    book.close()
