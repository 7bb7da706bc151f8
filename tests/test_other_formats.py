"""Files that are neither text nor spreadsheets become tables too, and what a file is counts, not what it is called."""

import bz2
import datetime as dt
import gzip
import io
import json
import lzma
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from app.uploads import EXTENSIONS
from engine.errors import TableError
from engine.table.files import archives
from engine.table.files.formats import FORMATS
from engine.table.files.raw import RawTable
from engine.table.files.suffixes import PACKED
from engine.table.first_look import first_look
from engine.table.options import ReadingOptions
from engine.table.reading import read_raw
from tests.tables import write

ROWS = range(40)
PLAIN = "id,name,x\n" + "".join(f"{n},n{n % 7},{n / 4}\n" for n in ROWS)
TABLE = pa.table({"id": list(ROWS), "name": [f"n{n % 7}" for n in ROWS], "x": [n / 4 for n in ROWS]})
RECORDS = [{"id": 1, "place": {"town": "Ulm", "at": [48.4, 10.0]}}, {"id": None, "place": {"town": "Bonn"}, "ok": True}]


def codes(raw: RawTable) -> set[str]:
    return {message.code for message in raw.done}


def refusal(path: Path, options: ReadingOptions = ReadingOptions()) -> str:  # noqa: B008 - frozen
    with pytest.raises(TableError) as caught:
        _ = read_raw(path, options).frame
    assert path.name in str(caught.value) or options.query
    return caught.value.message.code


def as_parquet(path: Path, table: pa.Table = TABLE) -> None:
    parquet.write_table(table, path)


def as_feather(path: Path, table: pa.Table = TABLE) -> None:
    feather.write_feather(table, str(path))


def as_stream(path: Path, table: pa.Table = TABLE) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)


def as_json_lines(path: Path, table: pa.Table = TABLE) -> None:
    path.write_text("\n".join(json.dumps(row) for row in table.to_pylist()), encoding="utf-8")


def as_json(path: Path, table: pa.Table = TABLE) -> None:
    path.write_text(json.dumps(table.to_pylist(), indent=1), encoding="utf-16")


def as_sqlite(path: Path, table: pa.Table = TABLE) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (id, name, x)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [tuple(row.values()) for row in table.to_pylist()])
    connection.close()


def as_workbook(path: Path, table: pa.Table = TABLE) -> None:
    book = openpyxl.Workbook()
    for row in (table.column_names, *(tuple(row.values()) for row in table.to_pylist())):
        book.active.append(list(row))
    book.save(path)


def as_text(path: Path, table: pa.Table = TABLE) -> None:
    path.write_text(PLAIN, encoding="utf-8")


WRITERS: dict[str, Callable[[Path], None]] = {
    "t.parquet": as_parquet,
    "t.feather": as_feather,
    "t.arrows": as_stream,
    "t.jsonl": as_json_lines,
    "t.json": as_json,
    "t.sqlite": as_sqlite,
    "t.xlsx": as_workbook,
    "t.csv": as_text,
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("called", [None, "t.csv", "t.xls", "t", "t.db"])
def test_the_same_table_is_read_from_every_format_whatever_it_is_called(
    tmp_path: Path, name: str, called: str | None
) -> None:
    path = tmp_path / (called or name)
    WRITERS[name](path)
    raw = read_raw(path)
    assert raw.names == ("id", "name", "x")
    assert raw.frame.iloc[3].tolist() == ["3", "n3", "0.75"]
    assert raw.frame["x"].astype(float).tolist() == [n / 4 for n in ROWS]
    alike = {("t.xlsx", "t.xls"), ("t.csv", "t.csv"), ("t.sqlite", "t.db")}
    assert ("read_wrong_name" in codes(raw)) == (called not in {None, "t"} and (name, called) not in alike)


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_cut_off_is_refused_or_told_and_never_read_in_part_silently(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    if name not in {"t.csv", "t.json", "t.jsonl"}:  # text has no end mark
        assert refusal(path).endswith("_damaged")
        return
    raw = read_raw(path)
    assert 0 < raw.n_rows < len(ROWS)
    assert name == "t.csv" or "read_bad_records" in codes(raw)


def test_a_stream_without_its_end_is_told(tmp_path: Path) -> None:
    as_stream(tmp_path / "t.arrows")
    data = (tmp_path / "t.arrows").read_bytes()
    raw = read_raw(write(tmp_path, data[:-8], "t.arrows"))
    assert "read_stream_open" in codes(raw)
    assert raw.n_rows == len(ROWS)


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "t.arrows"])
def test_typed_columns_are_written_as_text(tmp_path: Path, name: str) -> None:
    moments = [dt.datetime(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 30)]  # noqa: DTZ001 - columns without a zone
    table = pa.table(
        {
            "whole": pa.array([1.0, None]),
            "day": pa.array(moments[:1] * 2),
            "moment": pa.array(moments),
            "zoned": pa.array(moments, pa.timestamp("ns", "Europe/Berlin")),
            "time": pa.array([dt.time(8, 30), None]),
            "length": pa.array([dt.timedelta(minutes=1), None]),
            "code": pa.array(["a", "b"]).dictionary_encode(),
            "place": pa.array([{"town": "Ulm", "at": {"x": 1}}, None]),
            "list": pa.array([["a", None, "b"], []]),
            "records": pa.array([[{"a": 1}], None]),
            "word": pa.array([b"yes", b"no"]),
            "bytes": pa.array([b"\xff\xfe", b"no"]),
        }
    )
    WRITERS[name](tmp_path / name, table)  # type: ignore[call-arg]
    raw = read_raw(tmp_path / name)
    first = raw.frame.iloc[0].to_dict()
    assert first == {
        "whole": "1",
        "day": "2024-01-02",
        "moment": "2024-01-02 00:00:00",
        "zoned": "2024-01-02 00:00:00",
        "time": "08:30:00",
        "length": "60",
        "code": "a",
        "place.town": "Ulm",
        "place.at.x": "1",
        "list": "a; b",
        "word": "yes",
    }
    assert raw.frame.iloc[1].isna().sum() == 6
    assert raw.places == (*range(10), 11), "the list of records stands before the word"
    told = {"read_nested", "read_spread", "read_lists", "read_durations", "read_time_zones", "read_not_text"}
    assert told <= codes(raw)


def test_columns_of_one_name_are_all_read(tmp_path: Path) -> None:
    columns = [pa.array([1, 2]), pa.array(["u", "v"]), pa.array([3, 4]), pa.array([{"a": 5}, None])]
    as_parquet(tmp_path / "t.parquet", pa.table(columns, names=["x", "x", "s.a", "s"]))
    raw = read_raw(tmp_path / "t.parquet")
    assert raw.frame.iloc[0].to_dict() == {"x": "1", "x_2": "u", "s.a": "3", "s.a_2": "5"}


@pytest.mark.parametrize(
    ("text", "names", "row"),
    [
        (json.dumps(RECORDS), ("id", "ok", "place.town", "place.at"), ["1", None, "Ulm", "48.4; 10.0"]),
        (json.dumps({"result": {"rows": RECORDS}, "n": 2}), ("id", "ok", "place.town", "place.at"), ["1"]),
        ('{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}', ("a", "b"), ["1", "x"]),
        ('{"columns": ["a", "b"], "index": [0, 1], "data": [[1, 2], [3, 4]]}', ("a", "b"), ["1", "2"]),
        ('{"a": [1, 2], "b": ["x", "y"]}', ("a", "b"), ["1", "x"]),
        ('{"first": {"a": 1, "b": 2}, "second": {"a": 3, "b": 4}}', ("a", "b"), ["1", "2"]),
        ('[["a", "b"], [1, "x"], [2, "y"]]', ("a", "b"), ["1", "x"]),
        ('{\n "a": 1, "b": 2\n}\n{\n "a": 3, "b": 4\n}', ("a", "b"), ["1", "2"]),
    ],
)
def test_records_are_found_however_they_are_wrapped(
    tmp_path: Path, text: str, names: tuple[str, ...], row: list[str | None]
) -> None:
    raw = read_raw(write(tmp_path, text, "t.json"))
    assert set(raw.names) == set(names)
    assert raw.n_rows == 2
    found = raw.frame[list(names)].iloc[0]
    assert [None if cell != cell else cell for cell in found][: len(row)] == row


def test_numbers_in_json_keep_their_digits(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, '{"a": 12345678901234567890, "b": 1.10}\n{"a": NaN, "b": 2}\n', "t.jsonl"))
    assert raw.frame["a"].iloc[0] == "12345678901234567890"
    assert raw.frame["b"].tolist() == ["1.10", "2"]
    assert raw.frame["a"].isna().tolist() == [False, True]


def test_lines_that_are_no_record_are_kept_beside_the_table(tmp_path: Path) -> None:
    text = "\n".join([*(json.dumps({"a": n, "b": n}) for n in ROWS), "{broken", '"word"'])
    raw = read_raw(write(tmp_path, text, "t.jsonl"))
    assert raw.n_rows == len(ROWS)
    assert [(line.line, line.text) for line in raw.left_out] == [(41, "{broken"), (42, '"word"')]


def test_keys_that_look_alike_lose_nothing(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, '{"a.b": 1, "a": {"b": 2}, "x": 1}\n{"a": null, "x": 2, "a.b": 3}\n', "t.jsonl"))
    assert raw.frame.fillna("").to_dict("list") == {"a.b": ["1", "3"], "a.b_2": ["2", ""], "x": ["1", "2"]}
    assert {"read_renamed", "read_spread"} <= codes(raw)


def test_records_of_ever_new_keys_are_read_sparsely_and_refused_where_they_are_no_table(tmp_path: Path) -> None:
    lines = [f'{{"id": {n}, "k{n % 3000}": {n}}}\n' for n in range(6000)]
    raw = read_raw(write(tmp_path, "".join(lines), "t.jsonl"))
    assert (raw.n_rows, len(raw.names)) == (6000, 3001)
    assert raw.column(raw.names.index("k2999")).dropna().to_dict() == {2999: "2999", 5999: "5999"}
    assert raw.column(0).iloc[-1] == "5999"
    many = "".join(f'{{"id": {n}, "k{n}": 1}}\n' for n in range(12_000))
    assert refusal(write(tmp_path, many, "t.jsonl")) == "table_many_columns"


@pytest.mark.parametrize("text", ["[]", "{}", "[1, 2", "[" * 50_000, '{"a": '])
def test_json_without_records_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(write(tmp_path, text, "t.json")) == "table_json_damaged"


def packed(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", ".").replace("_of_", "/"), data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("t.csv.gz", gzip.compress),
        ("t.csv.bz2", bz2.compress),
        ("t.csv.xz", lzma.compress),
        ("t.zip", lambda data: packed(inside_of_t__csv=data)),
        ("t.csv", gzip.compress),
        ("t.zip", lambda data: packed(t__csv__gz=gzip.compress(data, mtime=0))),
    ],
)
def test_packed_tables_are_unpacked(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    raw = read_raw(write(tmp_path, pack(PLAIN.encode()), name))
    assert raw.names == ("id", "name", "x")
    assert raw.n_rows == len(ROWS)


def test_other_formats_are_unpacked_too(tmp_path: Path) -> None:
    as_parquet(tmp_path / "t.parquet")
    raw = read_raw(write(tmp_path, packed(t__parquet=(tmp_path / "t.parquet").read_bytes()), "t.zip"))
    assert raw.frame["x"].iloc[3] == "0.75"


def test_of_several_files_in_an_archive_the_largest_table_is_read_and_the_others_are_offered(tmp_path: Path) -> None:
    data = packed(a__csv=b"p,q\n1,2\n3,4\n", b__csv=PLAIN.encode(), read__pdf=b"%PDF" + b"x" * 9999)
    path = write(tmp_path, data, "t.zip")
    raw = read_raw(path)
    assert (raw.n_rows, raw.choices.sheets, raw.read_as.sheet) == (len(ROWS), ("a.csv", "b.csv"), "b.csv")
    (told,) = (message for message in raw.done if message.code == "read_member")
    assert told.parameters["others"] == "a.csv, read.pdf"
    assert read_raw(path, ReadingOptions(sheet="a.csv")).names == ("p", "q")
    assert refusal(path, ReadingOptions(sheet="c.csv")) == "table_no_such_member"


def test_a_remark_in_an_archive_is_no_table_however_long_it_is(tmp_path: Path) -> None:
    remark = b"This table tells, among others, of flowers.\n" * 99
    for name, members in {
        "sure.zip": {"t__csv": PLAIN.encode(), "notes__txt": remark},
        "maybe.zip": {"t__data": PLAIN.encode(), "README__txt": remark},
    }.items():
        path = write(tmp_path, packed(**members), name)
        assert read_raw(path).names == ("id", "name", "x")
        look = first_look(path)
        assert look is not None
        assert look.names == ("id", "name", "x")


@pytest.mark.parametrize(
    ("place", "central", "value", "code"),
    [(6, 8, 1, "table_archive_locked"), (8, 10, 9, "table_other_packing")],  # a password; Deflate64
)
def test_an_archive_that_cannot_be_opened_is_told_and_not_looked_into(
    tmp_path: Path, place: int, central: int, value: int, code: str
) -> None:
    data = bytearray(packed(t__csv=PLAIN.encode()))
    data[place] = data[data.index(b"PK\1\2") + central] = value
    path = write(tmp_path, bytes(data), "t.zip")
    assert first_look(path) is None
    assert refusal(path) == code


def test_what_unpacks_to_too_much_is_refused_and_not_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 500_000)
    text = PLAIN.encode() + b"1,a,2\n" * 100_000
    as_workbook(tmp_path / "t.xlsx")
    padded = io.BytesIO((tmp_path / "t.xlsx").read_bytes())
    with zipfile.ZipFile(padded, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(600_000))
    for name, data in {
        "t.csv.gz": gzip.compress(text, mtime=0),
        "t.csv.bz2": bz2.compress(text),
        "t.zip": packed(t__csv=text),
        "t.xlsx": padded.getvalue(),
    }.items():
        assert refusal(write(tmp_path, data, name)) == "table_too_large_inside"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("t.csv", b"%PDF-1.7 and so on", "table_other_format"),
        ("t.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "table_other_format"),
        ("t.docx", packed(word_of_document__xml=b"<w/>"), "table_other_format"),
        ("t.tar", bytes(257) + b"ustar" + bytes(300), "table_other_format"),
        ("t.zst", b"\x28\xb5\x2f\xfd" + bytes(50), "table_other_format"),
        ("t.exe", b"MZ" + bytes(500), "table_unknown_kind"),
        ("t.feather", b"FEA1" + bytes(50), "table_feather_old"),
        ("t.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "table_html"),
        (
            "t.xls",
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "table_xml_workbook",
        ),
        ("t.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "table_workbook_damaged"),
        ("t.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "table_encrypted"),
        ("t.parquet", b"PAR1 and then nothing", "table_parquet_damaged"),
        ("t.parquet", bytes(500), "table_parquet_damaged"),
        ("t.feather", b"ARROW1\0\0" + bytes(50), "table_arrow_damaged"),
        ("t.db", b"SQLite format 3\0" + bytes(500), "table_sqlite_damaged"),
        ("t.zip", b"PK\x03\x04" + bytes(50), "table_archive_damaged"),
        ("t.xlsx", b"PK\x03\x04" + bytes(50), "table_workbook_damaged"),
        ("t.csv.gz", gzip.compress(PLAIN.encode(), mtime=0)[:40], "table_archive_damaged"),
        ("t.csv.gz", gzip.compress(b"", mtime=0), "table_empty"),
        ("t.zip", packed(), "table_empty"),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_is(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    assert refusal(write(tmp_path, data, name)) == code


def test_a_text_named_like_a_workbook_is_read_in_wide_letters_too(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, PLAIN.replace(",", "\t"), "report.xls", "utf-16"))
    assert raw.names == ("id", "name", "x")
    assert "read_wrong_name" in codes(raw)


def test_the_upload_takes_what_can_be_read() -> None:
    assert {suffix for known in FORMATS for suffix in known.suffixes} | set(PACKED) == EXTENSIONS
