"""The last rows of a table: they are left out as totals or notes only where something proves that they are none."""

from pathlib import Path

import pytest

from engine.table.files.raw import RawTable
from engine.table.reading import read_raw
from tests.tables import write


def read(folder: Path, text: str) -> RawTable:
    return read_raw(write(folder, text))


@pytest.mark.parametrize(
    "text",
    [
        "brand,country,rating\nShell,UK,4\nBP,UK,3\nAgip,IT,3\nTotal,FR,4\n",
        "company,country,rev,emp\nShell,UK,10,3\nBP,UK,12,4\nEni,IT,8,2\nTotal,FR,20,\n",
        "product,qty,price\nA,1,10\nB,2,20\nC,3,30\nTotal Care Shampoo,4,40\n",
        "product,qty,price\nA,1,10\nB,2,20\nC,3,30\nTotal Care Shampoo,4,\n",
        "product,qty,price,note\nA,1,10,x\nB,2,20,y\nC,3,30,z\nTotal Care Shampoo,4,40,\n",
        "company,rating\nShell,4\nBP,3\nAgip,3\nTotal,\n",
        "brand,rating,price\nShell,4,2\nBP,3,2\nAgip,3,2\nTotal,4,\n",
        "id,age,flag\n1,30,0\n2,,0\n3,40,0\n,,0\n",
        "id,age,flag\n1,30,0\n2,,1\n3,40,0\n,,1\n",
        "id,rating\n1,1\n2,1\n3,1\n,3\n",
        "city,flag\nA,0\nB,0\nC,0\n,0\n",
    ],
)
def test_a_word_or_a_zero_is_no_total(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert raw.n_rows == text.count("\n") - 1
    assert not raw.left_out


@pytest.mark.parametrize(
    "text",
    [
        "region,sales\nNorth,10\nSouth,20\nEast,5\nAll,35\n",
        "region,month,sales\nN,1,10\nN,2,20\nS,1,5\nS,2,6\nGrand total,,41\n",
        "region,month,sales,cost\nN,1,10,1\nN,2,20,2\nS,1,5,3\nS,2,6,4\nTotal of all regions,,41,10\n",
        "article;n;price\nA;1;2,50\nB;2;3,50\nC;4;1,00\n;7;7,00\n",
        "region,month,sales\nN,1,10\nN,2,20\nS,1,5\nS,2,6\nAverage,,10.25\n",
    ],
)
def test_sums_and_gaps_prove_a_total(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert raw.n_rows == text.count("\n") - 2
    assert [line.why.code for line in raw.left_out] == ["read_totals"]


def test_sums_of_parts_do_not_hide_the_sum_of_all(tmp_path: Path) -> None:
    text = "region,month,sales\nN,1,10\nN,2,20\nSubtotal N,,30\nS,1,5\nS,2,6\nSubtotal S,,11\nGrand total,,41\n"
    assert "Grand total,,41" in [line.text for line in read(tmp_path, text).left_out]


@pytest.mark.parametrize(
    "text",
    [
        "name,email,phone\nAnn,a@x,1\nBob,b@x,2\nCy,c@x,3\nDi Anna Maria Gonzalez-Lopez,,\n",
        "comment,rating\ngreat stay,5\nloved the pool,4\nok I guess,3\nkey did not work,\n",
        "comment,label\ngood,1\nbad,0\nnice,1\nNote: the box was broken when it arrived,\n",
        "event,date,x\na b,2024-01-01,1\nb c,2024-01-02,2\nc d,2024-01-03,3\nstart of something new,,\n",
    ],
)
def test_a_row_with_all_its_separators_is_a_row(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert raw.n_rows == text.count("\n") - 1
    assert not raw.left_out


@pytest.mark.parametrize("note", ["Source: a book of figures,,", "* preliminary figures of the year,,", "as of today"])
def test_a_remark_is_left_out(tmp_path: Path, note: str) -> None:
    raw = read(tmp_path, f"id,x,y\n1,2,a\n2,3,b\n3,4,a\n4,5,b\n{note}\n")
    assert raw.n_rows == 4
    assert [line.why.code for line in raw.left_out] == ["read_notes"]
