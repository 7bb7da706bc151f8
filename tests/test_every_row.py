"""A file to be predicted keeps every row, whatever a row looks like."""

from pathlib import Path

import pytest

from engine.errors import TableError
from engine.table.files.raw import RawTable
from engine.table.options import ReadingOptions
from engine.table.reading import dataset_of, read_raw
from tests.tables import write

EACH = ReadingOptions(keep_all_rows=True)


def read(folder: Path, text: str, name: str = "table.csv") -> RawTable:
    return read_raw(write(folder, text, name), EACH)


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n,,\n",
        "a,b,c\n1,2,3\n,,\n4,5,6\n",
        "t,u\n---,---\n1,2\n3,4\n",
        "name,v\nAnn,1\nName,2\nname,v\n",
        "code,v,w\nA,1,2\n#B,3\n#C,4,5\n",
        "region,sales\nNorth,10\nSouth,20\nEast,5\nAll,35\n",
        "review,stars\nvery nice,5\nbad,1\n---,3\n",
        "age,bmi\nunknown,unknown\n30,22\n31,23\n22,24\n23,21\n",
        "id,x,y\n1,2,3\n2,3,4\nSource: a book,,\n",
        "x\n1\n2\n",
    ],
)
def test_whatever_has_the_cells_of_a_row_is_a_row(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert ",".join(raw.names) == text.split("\n")[0]
    assert raw.n_rows == text.count("\n") - 1


@pytest.mark.parametrize("below", ["x,y\n7,8\n9,10\n11,12\n", "a,b\n7,8\n9,10\n11,12\n", "5,\n6,\n", "5,6\n"])
def test_what_follows_an_empty_line_is_read_too(tmp_path: Path, below: str) -> None:
    raw = read(tmp_path, "a,b\n1,2\n3,4\n5,6\n\n" + below)
    assert raw.n_rows == 3 + below.count("\n")
    assert [message.code for message in raw.done] == ["read_empty_rows"]


@pytest.mark.parametrize(
    "text",
    [
        '[["a","b"],["x",1],["y",2],["z",3],["Total",6]]',
        '[{"a":"x","b":1},{},{"a":3,"b":4},[]]',
    ],
)
def test_records_are_kept_too(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text, "table.json")
    assert raw.names == ("a", "b")
    assert raw.n_rows == 4
    assert not raw.done


def test_one_column_can_be_predicted_from_but_not_learnt_from(tmp_path: Path) -> None:
    raw = read(tmp_path, "x\n1\n2\n3\n")
    assert raw.frame["x"].tolist() == ["1", "2", "3"]
    with pytest.raises(TableError) as caught:
        dataset_of(raw, name="table.csv")
    assert caught.value.message.code == "table_one_column"
