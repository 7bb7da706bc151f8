"""An encoding that a person names but a file is not written in is blamed itself, not the table."""

from pathlib import Path

import pytest

from engine.errors import TableError
from engine.table.options import ReadingOptions
from engine.table.reading import read_raw
from tests.tables import write

TEXT = "id;town;price\n" + "".join(f"{n};{('Köln', 'Zürich', 'Orléans')[n % 3]};{n * 7},5\n" for n in range(300))


@pytest.mark.parametrize("written", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("told", ["utf-16-le", "utf-16-be", "utf-16", "utf-32"])
def test_single_letters_are_no_wide_ones(tmp_path: Path, written: str, told: str) -> None:
    with pytest.raises(TableError) as refused:
        read_raw(write(tmp_path, TEXT, encoding=written), ReadingOptions(encoding=told))
    assert refused.value.message.code == "table_wrong_encoding"
    assert refused.value.message.parameters["encoding"] == told


def test_letters_that_cannot_be_read_tell_of_another_encoding(tmp_path: Path) -> None:
    text = TEXT.replace("ö", "品質管理報告").replace("é", "製造部門一覧").replace("ü", "東京大阪名古屋")
    for told, written in (("utf-8", "shift_jis"), ("ascii", "utf-8"), ("utf-16-le", "utf-16-be")):
        with pytest.raises(TableError) as refused:
            read_raw(write(tmp_path, text, encoding=written), ReadingOptions(encoding=told))
        assert refused.value.message.code == "table_wrong_encoding"


def test_few_letters_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, TEXT, encoding="cp1252"), ReadingOptions(encoding="utf-8"))
    assert [(message.code, message.parameters["n"]) for message in raw.done] == [("read_bad_letters", 300)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_right_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    raw = read_raw(write(tmp_path, TEXT, encoding=encoding), ReadingOptions(encoding=encoding))
    assert raw.column(1).tolist()[:3] == ["Köln", "Zürich", "Orléans"]


def test_letters_of_the_file_itself_are_no_bad_ones(tmp_path: Path) -> None:
    text = TEXT.replace("ö", "\ufffd")
    raw = read_raw(write(tmp_path, "\ufeff" + text), ReadingOptions(encoding="utf-8"))
    assert raw.n_rows == 300
    assert not raw.done
