"""Files as people have them become tables, and files that are no tables are refused in one sentence."""

import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from engine.errors import TableError
from engine.table.dataset import Dataset
from engine.table.reading import read_raw, read_table
from exporters.predictor.reading import places_of
from tests.tables import write

ROWS = range(60)
PLAIN = "id,x,name\n" + "".join(f"{i},{i}.5,n{i % 7}\n" for i in ROWS)
GERMAN = "id;größe;straße\n" + "".join(f"{i};{i},5;Königstraße {i % 7}\n" for i in ROWS)


def codes(path: Path) -> set[str]:
    return {message.code for message in read_raw(path).done}


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("comma.csv", PLAIN, "utf-8"),
        ("mark.csv", PLAIN, "utf-8-sig"),
        ("utf16.csv", PLAIN, "utf-16"),
        ("utf16_without_mark.csv", PLAIN, "utf-16-le"),
        ("utf16_big.csv", PLAIN, "utf-16-be"),
        ("semicolon.csv", PLAIN.replace(",", ";"), "utf-8"),
        ("tab.tsv", PLAIN.replace(",", "\t"), "utf-8"),
        ("bar.txt", PLAIN.replace(",", "|"), "utf-8"),
        ("spaces.dat", PLAIN.replace(",", "   "), "utf-8"),
        ("carriage_returns.csv", PLAIN.replace("\n", "\r"), "utf-8"),
        ("windows.csv", PLAIN.replace("\n", "\r\n"), "utf-8"),
        ("after_comma.csv", PLAIN.replace(",", ", "), "utf-8"),
        (
            "quoted_after_comma.csv",
            PLAIN.replace(",n", ', "n').replace('"name', "name").replace("\n", '"\n').replace('name"', "name"),
            "utf-8",
        ),
        ("comments.csv", "# made by tool v3\n# units: kg, m, s\n" + PLAIN, "utf-8"),
        ("title.csv", "Report of the year 2024\n\n" + PLAIN, "utf-8"),
        ("padded_title.csv", "Report of the year 2024,,\n,,\n" + PLAIN, "utf-8"),
        ("told_separator.csv", "sep=;\n" + PLAIN.replace(",", ";"), "utf-8"),
        ("nul.csv", PLAIN.replace("n", "\0n").replace("\0name", "name"), "utf-8"),
        ("trailing.csv", PLAIN.replace("\n", ",\n"), "utf-8"),
        ("quoted.csv", "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in PLAIN.split()), "utf-8"),
    ],
)
def test_the_same_table_is_read_from_every_way_of_writing_it(
    tmp_path: Path, name: str, text: str, encoding: str
) -> None:
    raw = read_raw(write(tmp_path, text, name, encoding))
    assert list(raw.frame.columns) == ["id", "x", "name"]
    assert raw.frame["x"].str.strip().tolist() == [f"{i}.5" for i in ROWS]
    assert raw.frame["name"].str.strip().tolist() == [f"n{i % 7}" for i in ROWS]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16"])
def test_accents_come_out_right(tmp_path: Path, encoding: str) -> None:
    table = read_table(write(tmp_path, GERMAN, encoding=encoding))
    assert table.schema.names == ("id", "größe", "straße")
    assert table.frame["straße"].iloc[0] == "Königstraße 0"
    assert pd.to_numeric(table.frame["größe"]).sum() == 1800


@pytest.mark.parametrize(
    ("encoding", "city"),
    [
        ("gb18030", "北京市朝阳区"),
        ("shift_jis", "東京都千代田区"),
        ("big5", "臺北市中正區"),
        ("cp1251", "Москва центр"),
    ],
)
def test_other_scripts_come_out_right(tmp_path: Path, encoding: str, city: str) -> None:
    lines = "".join(f"{i},{city}{i},{i % 2}\n" for i in ROWS)
    raw = read_raw(write(tmp_path, f"{city},b,c\n{lines}", encoding=encoding))
    assert raw.frame.columns[0] == city
    assert raw.frame["b"].iloc[5] == f"{city}5"


def test_a_stray_line_of_another_encoding_is_read_too(tmp_path: Path) -> None:
    data = "".join(f"{i},Zoë\n" for i in ROWS).encode() + "60,Noël\n".encode("latin-1")
    raw = read_raw(write(tmp_path, b"id,name\n" + data))
    assert raw.frame["name"].iloc[[0, 60]].tolist() == ["Zoë", "Noël"]


def test_quoted_line_breaks_and_quotes_stay_in_their_cell(tmp_path: Path) -> None:
    rows = "".join(f'{i},"line one, {i}\nline ""two""\n\n",{i}.5\n' for i in ROWS)
    raw = read_raw(write(tmp_path, "id,text,x\n" + rows))
    assert len(raw.frame) == len(ROWS)
    assert raw.frame["text"].iloc[3] == 'line one, 3\nline "two"\n\n'


def test_quotes_inside_a_cell_are_letters(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, "id,size,x\n" + "".join(f'{i},{i}" pipe,{i}.5\n' for i in ROWS)))
    assert raw.frame["size"].iloc[5] == '5" pipe'


def test_a_quote_that_is_never_closed_does_not_swallow_rows(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN.replace("30,30.5,", '30,30.5,"'))
    assert len(read_raw(path).frame) == len(ROWS)
    assert "read_quotes_ignored" in codes(path)


def test_single_quotes_that_hold_a_separator_are_taken_off(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, "".join(f"{i}.5,{i % 9},'a, {i % 2}'\n" for i in ROWS)))
    assert set(raw.frame["c3"]) == {"a, 0", "a, 1"}


def test_other_single_quotes_belong_to_the_value(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, "".join(f"{i}.5,{i % 9},'{i % 2}'\n" for i in ROWS)))
    assert set(raw.frame["c3"]) == {"'0'", "'1'"}


@pytest.mark.parametrize(
    ("line", "code"), [("9,9.5,n,more,and more\n", "read_long_rows"), ("9,9.5\n", "read_short_rows")]
)
def test_rows_of_other_lengths_are_kept_and_told(tmp_path: Path, line: str, code: str) -> None:
    path = write(tmp_path, PLAIN + line)
    raw = read_raw(path)
    assert raw.frame.shape == (61, 3)
    assert raw.frame["x"].iloc[-1] == "9.5"
    assert code in codes(path)


def test_tables_without_a_header_get_numbered_names(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN.split("\n", 1)[1])
    assert list(read_raw(path).frame.columns) == ["c1", "c2", "c3"]
    assert len(read_raw(path).frame) == len(ROWS)
    assert "read_no_header" in codes(path)


@pytest.mark.parametrize(
    "text",
    [
        "type,odor\n" + "".join(f"{'pe'[i % 2]},{'nfa'[i % 3]}\n" for i in ROWS),
        "country,2019,2020\n" + "".join(f"c{i},{i}.5,{i}\n" for i in ROWS),
        "label,text\n" + "".join(f"{'ham' if i % 3 else 'spam'},message number {i}\n" for i in ROWS),
    ],
)
def test_a_header_is_known_among_words_and_years(tmp_path: Path, text: str) -> None:
    raw = read_raw(write(tmp_path, text))
    assert list(raw.frame.columns) == text.split("\n", 1)[0].split(",")
    assert len(raw.frame) == len(ROWS)


def test_names_become_unique_and_the_schema_keeps_the_originals(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "x,x,,prediction\n" + "".join(f"{i},{i}.5,{i},{i}\n" for i in ROWS)))
    assert table.schema.names == ("x", "x_2", "c3", "prediction_in")
    assert [column.original_name for column in table.schema.columns] == ["x", "x", "", "prediction"]
    assert [column.position for column in table.schema.columns] == [0, 1, 2, 3]


def test_names_of_nothing_are_those_of_who_reads_the_first_row_alone(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "x,,y,,z\n" + "".join(f"{i},,{i}.5,{i % 9},{i % 7}\n" for i in ROWS)))
    assert table.schema.names == ("x", "y", "c4", "z")
    assert "read_empty_columns" in [message.code for message in table.done_to_the_file]
    columns = [column.to_json() for column in table.schema.columns]
    assert places_of(["x", "", "y", "", "z"], columns) == {"x": 0, "y": 2, "c4": 3, "z": 4}


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    packed = write(tmp_path, gzip.compress(PLAIN.encode(), mtime=0), "table.csv.gz")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("inside/table.csv", PLAIN)
    zipped = write(tmp_path, content.getvalue(), "table.zip")
    assert read_raw(packed).frame.equals(read_raw(zipped).frame)
    assert read_raw(packed).frame.shape == (60, 3)


def test_workbooks_are_read_from_the_first_sheet_with_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("data")
    sheet.append(["Report 2024"])
    sheet.append([])
    sheet.append(["when", "n", "share", "ok"])
    for i in ROWS:
        sheet.append([dt.datetime(2024, 1, 1 + i % 28), i, i / 4, i % 2 == 0])  # noqa: DTZ001 - sheets have no zones
    book.save(tmp_path / "book.xlsx")
    raw = read_raw(tmp_path / "book.xlsx")
    assert raw.frame.iloc[1].tolist() == ["2024-01-02", "1", "0.25", "false"]
    assert {"read_sheet", "read_title_rows"} <= codes(tmp_path / "book.xlsx")


def test_parquet_gives_the_same_table_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "whole": pd.array([None if i % 5 == 0 else i for i in ROWS], dtype="Int64"),
            "part": [i / 4 for i in ROWS],
            "flag": [i % 2 == 0 for i in ROWS],
            "day": pd.date_range("2024-01-01", periods=60),
            "moment": pd.date_range("2024-01-01 08:30", periods=60, freq="h"),
            "level": pd.Categorical([f"k{i % 3}" for i in ROWS]),
            "list": [[i] for i in ROWS],
        }
    )
    frame.to_parquet(tmp_path / "table.parquet")
    table = read_table(tmp_path / "table.parquet")
    assert table.schema.names == ("whole", "part", "flag", "day", "moment", "level", "list")
    assert table.frame["whole"].isna().sum() == 12
    assert table.frame["day"].iloc[0] == "2024-01-01"
    assert table.frame["moment"].iloc[0] == "2024-01-01 08:30:00"
    assert "read_lists" in {message.code for message in table.done_to_the_file}


def test_a_dataset_survives_saving(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, GERMAN))
    table.save(tmp_path)
    again = Dataset.load(tmp_path)
    assert again.schema == table.schema
    assert again.fingerprint == table.fingerprint
    pd.testing.assert_frame_equal(again.frame, table.frame)


def _bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", b"0" * 210_000_000)
    return content.getvalue()


def _workbook() -> bytes:
    content = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.csv", b"", "table_empty"),
        ("blank.csv", b"\n  \n\n", "table_empty"),
        ("header.csv", b"a,b,c\n", "table_header_only"),
        ("one.csv", b"a\n1\n2\n", "table_one_column"),
        ("binary.csv", bytes(range(256)) * 20, "table_binary"),
        ("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", "table_html"),
        ("cut.parquet", b"PAR1 and then nothing", "table_parquet_damaged"),
        ("cut.xlsx", _workbook()[:2000], "table_workbook_damaged"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "table_encrypted"),
        ("header.xlsx", _workbook(), "table_header_only"),
        ("cut.csv.gz", gzip.compress(PLAIN.encode(), mtime=0)[:40], "table_archive_damaged"),
        ("bomb.zip", _bomb(), "table_too_large_inside"),
        ("paper.pdf", b"%PDF-1.7", "table_other_format"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(write(tmp_path, data, name))
    assert caught.value.message.code == code
    assert name in str(caught.value)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "nothing.csv", "table_no_file"), (tmp_path, "table_folder_without_parts")):
        with pytest.raises(TableError) as caught:
            read_table(path)
        assert caught.value.message.code == code


def test_the_quick_and_the_patient_way_read_the_same(tmp_path: Path) -> None:
    regular = read_raw(write(tmp_path, PLAIN)).frame
    patient = read_raw(write(tmp_path, PLAIN + "60,60.5\n")).frame.iloc[:60]
    pd.testing.assert_frame_equal(regular, patient)
