"""Spreadsheets as people keep them: which sheet and which table is read, and what its cells stand for."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from engine.errors import TableError
from engine.table.files.raw import RawTable
from engine.table.files.sheet_tables import Block, find_blocks
from engine.table.options import ReadingOptions
from engine.table.reading import read_raw
from tests.tables import write

ROWS = range(30)
HEAD = ["id", "region", "amount"]
BODY = [[n, "NS"[n % 2], n * 1.5] for n in ROWS]


class Book:
    """A workbook that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "book.xlsx"
        self.book = openpyxl.Workbook()
        self.sheet: Worksheet = self.book.active

    def add(self, name: str, rows: Iterable[Sequence[object]], *, hidden: bool = False) -> Worksheet:
        sheet = self.book.create_sheet(name)
        sheet.sheet_state = "hidden" if hidden else "visible"
        return fill(sheet, rows)

    def read(self, options: ReadingOptions = ReadingOptions()) -> RawTable:  # noqa: B008 - frozen
        self.book.save(self.path)
        return read_raw(self.path, options)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def fill(sheet: Worksheet, rows: Iterable[Sequence[object]]) -> Worksheet:
    for row in rows:
        sheet.append(list(row))
    return sheet


def codes(raw: RawTable) -> set[str]:
    return {message.code for message in raw.done}


def left_out(raw: RawTable, code: str) -> list[int]:
    return [line.line for line in raw.left_out if line.why.code == code]


def test_titles_totals_and_notes_around_a_table_are_left_out_and_shown(book: Book) -> None:
    fill(book.sheet, [["Sales of the year"], [], HEAD, *BODY, ["Total", None, 652.5], [], ["Source: our books"]])
    book.sheet.merge_cells("A1:C1")
    raw = book.read()
    assert raw.names == tuple(HEAD)
    assert raw.n_rows == len(BODY)
    assert left_out(raw, "read_title_rows") == [1]
    assert left_out(raw, "read_totals") == [34]
    assert left_out(raw, "read_notes") == [36]
    assert (raw.read_as.n_skipped_rows, raw.read_as.n_header_rows) == (2, 1)
    assert book.read(ReadingOptions(keep_totals=True)).n_rows > len(BODY)


def test_reading_again_as_it_was_read_gives_the_same_table(book: Book) -> None:
    fill(book.sheet, [["Legend", "meaning", "since"], ["N", "north", 2001], ["S", "south", 2002], []])
    fill(book.sheet, [["Sales of the year"], HEAD, *BODY])
    book.add("other", [HEAD, [1, 2, 3]])
    raw = book.read()
    again = book.read(raw.read_as)
    assert raw.n_rows == len(BODY)
    assert again.frame.equals(raw.frame)
    assert again.read_as == raw.read_as


def test_the_sheet_that_can_be_seen_with_the_most_cells_is_read(book: Book) -> None:
    book.add("few", [HEAD, *BODY[:5]])
    book.add("most", [HEAD, *BODY])
    book.add("secret", [HEAD, *BODY, *BODY], hidden=True)
    raw = book.read()
    assert raw.read_as.sheet == "most"
    assert raw.choices.sheets == ("Sheet", "few", "most", "secret")
    assert {"read_sheet", "read_hidden_sheets"} <= codes(raw)
    assert book.read(ReadingOptions(sheet="secret")).n_rows == 2 * len(BODY)
    assert "read_sheet" not in codes(book.read(ReadingOptions(sheet="few")))


def test_of_sheets_of_one_size_the_first_is_read(book: Book) -> None:
    book.add("one", [HEAD, *BODY])
    book.add("two", [HEAD, *BODY])
    assert book.read().read_as.sheet == "one"


@pytest.mark.parametrize(
    ("sheet", "code"), [(None, "table_only_hidden"), ("Sheet", "table_sheet_empty"), ("no", "table_no_such_sheet")]
)
def test_sheets_without_a_table_are_refused_by_name(book: Book, sheet: str | None, code: str) -> None:
    book.add("secret", [HEAD, *BODY], hidden=True)
    with pytest.raises(TableError) as caught:
        book.read(ReadingOptions(sheet=sheet))
    assert caught.value.message.code == code


def test_an_empty_workbook_is_refused(book: Book) -> None:
    with pytest.raises(TableError) as caught:
        book.read()
    assert caught.value.message.code == "table_empty"


def test_the_larger_of_two_tables_is_read_and_the_other_is_offered(book: Book) -> None:
    fill(book.sheet, [["name", "age"], ["Ada", 36], ["Alan", 41], ["Emmy", 53], [], HEAD, *BODY])
    raw = book.read()
    assert raw.names == tuple(HEAD)
    assert (raw.choices.n_tables, raw.read_as.table) == (2, 2)
    assert "read_tables_in_sheet" in codes(raw)
    assert left_out(raw, "read_beside") == [1, 2, 3, 4]
    first = book.read(ReadingOptions(table=1))
    assert first.names == ("name", "age")
    assert left_out(first, "read_beside") == list(range(6, 6 + len(BODY) + 1))
    with pytest.raises(TableError) as caught:
        book.read(ReadingOptions(table=3))
    assert caught.value.message.code == "table_no_such_block"


def test_tables_beside_each_other_are_told_apart(book: Book) -> None:
    other: list[list[object]] = [["name", "age"], ["Ada", 36], ["Alan", 41], ["Emmy", 53]]
    left: list[Sequence[object]] = [HEAD, *BODY]
    rows = [[*row, None, *(other[n] if n < len(other) else [])] for n, row in enumerate(left)]
    fill(book.sheet, rows)
    raw = book.read()
    assert (raw.names, raw.n_rows, raw.choices.n_tables) == (tuple(HEAD), len(BODY), 2)
    assert book.read(ReadingOptions(table=2)).frame["age"].tolist() == ["36", "41", "53"]


def test_an_empty_column_for_the_eye_does_not_cut_a_table(book: Book) -> None:
    rows = [[n, f"n{n % 7}", None, (n * 7) % 5, n % 3 / 2] for n in ROWS]
    fill(book.sheet, [["id", "name", None, "v", "w"], *rows])
    raw = book.read()
    assert (raw.names, raw.n_rows, raw.choices.n_tables) == (("id", "name", "v", "w"), len(ROWS), 1)
    assert raw.places == (0, 1, 3, 4)
    assert "read_spacers" in codes(raw)


def test_the_places_of_columns_are_those_of_the_sheet(book: Book) -> None:
    rows: list[Sequence[object]] = [HEAD, *BODY]
    fill(book.sheet, [[], *([None, None, *row] for row in rows)])
    assert book.read().places == (2, 3, 4)


def test_tables_of_the_same_rows_can_be_read_as_one(book: Book) -> None:
    rows = [[n, f"a{n}", None, f"b{n}", n % 3] for n in ROWS]
    fill(book.sheet, [["id", "name", None, "other", "w"], *rows])
    raw = book.read()
    assert (raw.names, raw.choices.n_tables) == (("id", "name"), 3)
    assert "read_tables_together" in codes(raw)
    both = book.read(ReadingOptions(table=3))
    assert (both.names, both.n_rows, both.left_out) == (("id", "name", "other", "w"), len(ROWS), ())


def test_empty_rows_within_a_table_do_not_end_it(book: Book) -> None:
    rows = [each for n, row in enumerate(BODY) for each in ([row, []] if n % 5 == 4 else [row])]
    fill(book.sheet, [HEAD, [], *rows])
    raw = book.read()
    assert (raw.n_rows, raw.choices.n_tables) == (len(BODY), 1)


def test_a_table_may_stand_anywhere(book: Book) -> None:
    rows: list[Sequence[object]] = [HEAD, *BODY]
    for n, row in enumerate(rows):
        for i, cell in enumerate(row):
            book.sheet.cell(row=7 + n, column=4 + i, value=cell)
    raw = book.read()
    assert raw.names == tuple(HEAD)
    assert raw.read_as.n_skipped_rows == 6


def test_groups_above_names_are_put_before_them(book: Book) -> None:
    fill(book.sheet, [["region", "size", None, "price"], [None, "width", "height", None]])
    fill(book.sheet, [[f"r{n}", n, n + 1, n / 2] for n in ROWS])
    for cells in ("A1:A2", "B1:C1", "D1:D2"):
        book.sheet.merge_cells(cells)
    raw = book.read()
    assert raw.names == ("region", "size width", "size height", "price")
    assert raw.n_rows == len(ROWS)
    assert raw.read_as.n_header_rows == 2


def test_merged_cells_in_rows_count_for_every_row(book: Book) -> None:
    fill(book.sheet, [HEAD, *([n, f"r{n // 3}" if n % 3 == 0 else None, n] for n in ROWS)])
    for n in ROWS[::3]:
        book.sheet.merge_cells(start_row=n + 2, end_row=n + 4, start_column=2, end_column=2)
    raw = book.read()
    assert raw.frame["region"].tolist() == [f"r{n // 3}" for n in ROWS]
    (told,) = (message for message in raw.done if message.code == "read_merged")
    assert told.parameters["n"] == 20


def test_formulas_without_results_and_errors_count_as_missing_and_are_told(book: Book) -> None:
    fill(book.sheet, [[*HEAD, "twice"], *([*row, f"=C{n + 2}*2"] for n, row in enumerate(BODY))])
    book.sheet["C5"].value = "#DIV/0!"
    assert book.sheet["C5"].data_type == "e"
    raw = book.read()
    told = {message.code: message.parameters.get("n") for message in raw.done}
    assert told["read_formulas"] == len(BODY)
    assert told["read_error_cells"] == 1
    assert raw.frame["twice"].isna().all()
    assert raw.frame["amount"].isna().sum() == 1


def test_formulas_that_give_an_empty_text_have_a_result(book: Book) -> None:
    fill(book.sheet, [HEAD, *BODY])
    book.book.save(book.path)
    cell = b'<c r="D2" t="str"><f>IF(1,"","x")</f><v></v></c>'
    edit(book.path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b"</row>", cell + b"</row>", 1))
    assert "read_formulas" not in codes(read_raw(book.path))


def edit(path: Path, member: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = change(parts[member])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_cells_are_written_as_a_text_file_would_hold_them(book: Book) -> None:
    hours = dt.timedelta(hours=30)
    for n in range(3):
        moment = dt.datetime(2024, 1, 1 + n, 5 * n)  # noqa: DTZ001 - sheets have no zones
        book.sheet.append([moment.date(), moment, dt.time(8, n), hours, n == 0, 1234567.0, 0.25, f"'00{n}"])
    book.sheet.insert_rows(1)
    for i, name in enumerate("day moment time length flag whole share code".split(), start=1):
        book.sheet.cell(row=1, column=i, value=name)
    book.sheet["G2"].number_format = "0%"
    raw = book.read()
    assert raw.frame.iloc[1].tolist() == [
        *("2024-01-02", "2024-01-02 05:00:00", "08:01:00", "108000", "false", "1234567", "0.25", "001")
    ]
    assert raw.frame["moment"].iloc[0] == "2024-01-01 00:00:00"
    assert {"read_apostrophes", "read_lengths"} <= codes(raw)


def test_dates_that_count_from_1904_are_the_same_days(book: Book) -> None:
    book.book.epoch = CALENDAR_MAC_1904
    fill(book.sheet, [["day", "n"], *([dt.date(2024, 2, 1 + n), n] for n in range(5))])
    assert book.read().frame["day"].iloc[0] == "2024-02-01"


def test_rows_and_names_are_taken_as_the_person_says(book: Book) -> None:
    fill(book.sheet, [["old", "names", "here"], HEAD, *BODY])
    assert book.read(ReadingOptions(n_skipped_rows=1)).names == tuple(HEAD)
    raw = book.read(ReadingOptions(n_skipped_rows=2, n_header_rows=0))
    assert raw.names == ("c1", "c2", "c3")
    assert raw.n_rows == len(BODY)
    assert book.read(ReadingOptions(n_header_rows=2)).names == ("old id", "names region", "here amount")
    with pytest.raises(TableError) as caught:
        book.read(ReadingOptions(n_skipped_rows=500))
    assert caught.value.message.code == "table_nothing_below"


def test_a_cell_far_out_is_refused_before_room_is_made_for_all_that_lies_between(book: Book) -> None:
    fill(book.sheet, [HEAD, *BODY])["XFD1048576"] = 1
    with pytest.raises(TableError) as caught:
        book.read()
    assert caught.value.message.parameters == {"name": book.path.name, "row": 1048576, "column": "XFD"}


def test_open_document_sheets_are_read(tmp_path: Path) -> None:
    cells = [["id", "x"], *([str(n), str(n * 2)] for n in range(5))]
    rows = "".join("<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>" for row in cells)
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" '
        f'xmlns:text="{names}text:1.0"><office:body><office:spreadsheet><table:table table:name="data">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{names}manifest:1.0"/>')
        archive.writestr("content.xml", content)
    raw = read_raw(write(tmp_path, packed.getvalue(), "book.ods"))
    assert raw.frame["x"].tolist() == ["0", "2", "4", "6", "8"]
    assert raw.choices.sheets == ("data",)


def _ods_cell(value: str) -> str:
    typed = f'office:value-type="float" office:value="{value}"' if value.isdecimal() else 'office:value-type="string"'
    return f"<table:table-cell {typed}><text:p>{value}</text:p></table:table-cell>"


def test_blocks_are_found_by_what_is_between_them() -> None:
    picture = ["T......", ".......", "ab..cde", "12..345", "12..345", "....345"]
    grid = [[letter.replace(".", "") for letter in row] for row in picture]
    assert find_blocks(grid) == [
        Block(top=0, bottom=1, left=0, right=1),
        Block(top=2, bottom=5, left=0, right=2),
        Block(top=2, bottom=6, left=4, right=7),
    ]
