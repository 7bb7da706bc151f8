"""Rows that are longer, shorter, broken by quotes or no rows at all: nothing of them vanishes."""

from pathlib import Path

import pytest

from engine.errors import TableError
from engine.table.files.raw import RawTable
from engine.table.options import LeftOut, ReadingOptions
from engine.table.reading import read_raw, read_table
from tests.tables import write

ROWS = range(60)
PLAIN = "id,x,name\n" + "".join(f"{i},{i}.5,n{i % 7}\n" for i in ROWS)
QUOTED = "id,x,name\n" + "".join(f'{i},{i}.5,"n{i % 7}, x"\n' for i in ROWS)
OTHER = "city,pop,area,mayor\n" + "".join(f"c{i},{i},{i}.5,m\n" for i in range(20))
LINE = "30,30.5,n2"  # line 32 of the file


def read(folder: Path, text: str | bytes, options: ReadingOptions | None = None, encoding: str = "utf-8") -> RawTable:
    return read_raw(write(folder, text, encoding=encoding), options or ReadingOptions())


def left_out(raw: RawTable) -> list[tuple[int, str, str]]:
    return [(line.line, line.why.code.removeprefix("read_"), line.text) for line in raw.left_out]


@pytest.mark.parametrize(
    ("instead", "row", "told"),
    [
        ("30,30.5", ["30", "30.5", ""], [(32, "short_rows", "30,30.5")]),
        ("30", ["30", "", ""], [(32, "short_rows", "30")]),
        ("3030.5n2", ["3030.5n2", "", ""], [(32, "short_rows", "3030.5n2")]),
        ("30,30.5,n2,more,cells", ["30", "30.5", "n2"], [(32, "long_rows", "more,cells")]),
        ("30,30.5,n2,,", ["30", "30.5", "n2"], []),
        ('30,30.5,"n2', ["30", "30.5", '"n2'], [(32, "quotes_ignored", '30,30.5,"n2')]),
        ('30,30.5,"n2" x', ["30", "30.5", '"n2" x'], [(32, "quotes_ignored", '30,30.5,"n2" x')]),
        ('30,30.5,n"2', ["30", "30.5", 'n"2'], []),
        ('30,30.5,"n\n\n2"', ["30", "30.5", "n\n\n2"], []),
        ('30,"a, "b", c",n2', ["30", 'a, "b", c', "n2"], [(32, "quotes_ignored", '30,a, "b", c,n2')]),
        ("id,x,name\n" + LINE, ["30", "30.5", "n2"], [(32, "repeated_headers", "id,x,name")]),
        ("# a remark\n" + LINE, ["30", "30.5", "n2"], [(32, "comments", "# a remark")]),
        ("\n" + LINE, ["30", "30.5", "n2"], [(32, "empty_rows", "")]),
        ("  \n" + LINE, ["30", "30.5", "n2"], [(32, "empty_rows", "  ")]),
        (",,\n" + LINE, ["30", "30.5", "n2"], [(32, "empty_rows", ",,")]),
        ("-----\n" + LINE, ["30", "30.5", "n2"], [(32, "rulers", "-----")]),
    ],
)
def test_an_odd_line_is_kept_or_told(
    tmp_path: Path, instead: str, row: list[str], told: list[tuple[int, str, str]]
) -> None:
    raw = read(tmp_path, PLAIN.replace(LINE, instead))
    assert raw.n_rows == len(ROWS)
    assert raw.frame.iloc[30].fillna("").tolist() == row
    assert left_out(raw) == told
    counts = {message.code: message.parameters["n"] for message in raw.done}
    assert counts == {f"read_{code}": 1 for _, code, _ in told}
    assert all(line.why in raw.done for line in raw.left_out)


def test_two_open_quotes_do_not_swallow_what_is_between(tmp_path: Path) -> None:
    raw = read(tmp_path, PLAIN.replace(LINE, '30,30.5,"n2').replace("40,40.5,n5", '40,40.5,n5"'))
    assert raw.frame["id"].tolist() == [str(i) for i in ROWS]


@pytest.mark.parametrize("broken", ['30,30.5,"n2, x', '30,30.5,n2, x"', '30,30.5,"n2," x"'])
def test_a_missing_quote_harms_its_own_line_alone(tmp_path: Path, broken: str) -> None:
    raw = read(tmp_path, QUOTED.replace('30,30.5,"n2, x"', broken))
    assert raw.frame["id"].tolist() == [str(i) for i in ROWS]
    assert raw.frame["name"].drop(30).tolist() == [f"n{i % 7}, x" for i in ROWS if i != 30]


def test_a_missing_quote_in_a_long_file_harms_its_own_line_alone(tmp_path: Path) -> None:
    lines = [f'{i},{i}.5,name{i % 1000},"City, {i % 50}",some text here\n' for i in range(120_000)]
    lines[50_000] = '50000,50000.5,"name0,"City, 0",some text here\n'
    raw = read(tmp_path, "id,x,name,city,text\n" + "".join(lines))
    assert raw.frame.iloc[50_000].tolist() == ["50000", "50000.5", '"name0', "City, 0", "some text here"]
    assert [line.line for line in raw.left_out] == [50_002]


def test_files_put_together_are_read_as_one(tmp_path: Path) -> None:
    raw = read(tmp_path, PLAIN.encode("utf-8-sig") * 2)
    assert raw.n_rows == 2 * len(ROWS)
    assert left_out(raw) == [(62, "repeated_headers", "id,x,name")]
    assert {message.code for message in raw.done} == {"read_marks", "read_repeated_headers"}


def test_what_nobody_sees_is_removed_and_counted(tmp_path: Path) -> None:
    raw = read(tmp_path, PLAIN.replace("n1", "n\x001").replace("n2", "n\x0b2") + "\x1a")
    counts = {message.code: message.parameters["n"] for message in raw.done}
    assert counts == {"read_nuls": 9, "read_controls": 10}
    assert raw.frame["name"].tolist() == [f"n{i % 7}" for i in ROWS]


def test_of_very_many_lines_left_out_ten_thousand_are_kept(tmp_path: Path) -> None:
    rows = "".join(f"{i},x\n" if i % 2 else f"{i},x,y\n" for i in range(30_000))
    raw = read(tmp_path, "id,a,b\n" + rows)
    assert raw.n_rows == 30_000
    assert [message.parameters["n"] for message in raw.done] == [15_000]
    assert len(raw.left_out) == 10_000


def test_lines_left_out_survive_saving(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, PLAIN + "Total,1800,\n"))
    assert [line.text for line in table.left_out] == ["Total,1800"]
    assert LeftOut.from_json(table.left_out[0].to_json()) == table.left_out[0]


@pytest.mark.parametrize(
    ("options", "text", "names", "n_rows"),
    [
        (ReadingOptions(keep_totals=True), PLAIN + "Total,1800,\n", ("id", "x", "name"), 61),
        (ReadingOptions(separator=";"), PLAIN.replace(",", ";").replace(".", ","), ("id", "x", "name"), 60),
        (ReadingOptions(n_header_rows=0), PLAIN, ("c1", "c2", "c3"), 61),
        (ReadingOptions(n_header_rows=1), PLAIN.split("\n", 1)[1], ("0", "0.5", "n0"), 59),
        (ReadingOptions(n_header_rows=2), PLAIN, ("id 0", "x 0.5", "name n0"), 59),
        (ReadingOptions(n_skipped_rows=2), "a,b,c,d\n\n" + PLAIN, ("id", "x", "name"), 60),
        (ReadingOptions(n_skipped_rows=0), "a,b,c\n" + PLAIN, ("a", "b", "c"), 61),
        (ReadingOptions(table=1), PLAIN + "\n" + OTHER, ("id", "x", "name"), 60),
        (ReadingOptions(table=2), PLAIN + "\n" + OTHER, ("city", "pop", "area", "mayor"), 20),
    ],
)
def test_a_person_decides_how_a_file_is_read(
    tmp_path: Path, options: ReadingOptions, text: str, names: tuple[str, ...], n_rows: int
) -> None:
    raw = read(tmp_path, text, options)
    assert raw.names == names
    assert raw.n_rows == n_rows
    again = read(tmp_path, text, raw.read_as)
    assert again.names == names
    assert again.n_rows == n_rows


def test_a_person_knows_the_encoding(tmp_path: Path) -> None:
    raw = read(tmp_path, PLAIN.replace("n1", "Größe"), ReadingOptions(encoding="cp437"), "cp437")
    assert raw.frame["name"].iloc[1] == "Größe"
    assert raw.read_as.encoding == "cp437"
    assert read(tmp_path, PLAIN, ReadingOptions(encoding="UTF-16"), "utf-16").names == ("id", "x", "name")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (ReadingOptions(encoding="klingon"), "table_unknown_encoding"),
        (ReadingOptions(encoding="hex"), "table_unknown_encoding"),
        (ReadingOptions(separator="|"), "table_wrong_separator"),
        (ReadingOptions(n_skipped_rows=500), "table_skipped_all"),
        (ReadingOptions(table=3), "table_fewer_tables"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(tmp_path: Path, options: ReadingOptions, code: str) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, PLAIN, options)
    assert caught.value.message.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table_empty"),
        (b"\xef\xbb\xbf", "table_empty"),
        (b"\n , ,\n\n", "table_empty"),
        (b"a,b,c\n", "table_header_only"),
        (b"a,b\nc,d\n", "table_one_row"),
        (b"a,b,c\n1,2,3\n", "table_one_row"),
        (b"a\n1\n2\n", "table_one_column"),
        (b"a,b\n\n\n", "table_header_only"),
        (bytes(range(256)) * 20, "table_binary"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06" * 9, "table_other_format"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>", "table_html"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(write(tmp_path, data))
    assert caught.value.message.code == code


def test_one_row_can_still_be_predicted(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b,c\n1,2,x\n", ReadingOptions(keep_totals=True)).n_rows == 1
