"""What people bring that is no clean table is refused in words, or read and told, or asked about."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from engine.config import ExperimentConfig
from engine.errors import InputError, TableError
from engine.table.inspection import inspect_table
from engine.table.reading import read_table
from engine.table.schema import Cells, Kind
from engine.tasks.detection import task_of
from tests.tables import write

N = 60
ROWS = range(N)
CLEAN = "id,x,name\n" + "".join(f"{i},{i}.5,n{i % 7}\n" for i in ROWS)


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"a": list(ROWS), "b": [1.5] * N}).to_parquet(stream)
    return stream.getvalue()


GRID: list[Sequence[object]] = [["id", "x"], *([i, i + 0.5] for i in ROWS)]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", lambda: b"", "table_empty"),
        ("header.csv", lambda: b"a,b,c\n", "table_header_only"),
        ("one_row.csv", lambda: b"a,b,c\n1,2,3\n", "table_one_row"),
        ("binary.csv", lambda: bytes(range(256)) * 40, "table_binary"),
        ("page.xls", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "table_html"),
        ("cut.xlsx", lambda: workbook(("S", GRID))[:900], "table_workbook_damaged"),
        ("cut.parquet", lambda: parquet()[:-40], "table_parquet_damaged"),
        ("one_column.csv", lambda: b"a\n1\n2\n3\n", "table_one_column"),
        ("empty_sheet.xlsx", lambda: workbook(("S", [])), "table_empty"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: Callable[[], bytes], code: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(write(tmp_path, content(), name))
    assert refused.value.message.code == code
    assert name in str(refused.value) or code == "table_one_row"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["same"] * N, "target_constant"),
        ([""] * N, "target_missing"),
        ([f"value {i} of many words" for i in ROWS], "target_all_unique"),
        (["a"] * 59 + ["b"], "target_class_rare"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(tmp_path: Path, cells: list[str], code: str) -> None:
    lines = "".join(f"{i % 11},{i % 7},{cell}\n" for i, cell in enumerate(cells))
    table = read_table(write(tmp_path, f"a,b,t\n{lines}"))
    with pytest.raises(InputError) as refused:
        task_of(table, "t")
    assert refused.value.message.code == code


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("mark.csv", "\ufeff" + CLEAN, ()),
        ("utf16.csv", CLEAN.encode("utf-16"), ("read_decoded",)),
        ("utf16_bare.csv", CLEAN.encode("utf-16-le"), ("read_decoded",)),
        ("latin.csv", CLEAN.replace("n0", "é").encode("latin-1"), ("read_decoded",)),
        ("cyrillic.csv", CLEAN.replace("n0", "Москва").encode("cp1251"), ("read_decoded",)),
        ("japanese.csv", CLEAN.replace("n0", "東京都").encode("shift_jis"), ("read_decoded",)),
        ("chinese.csv", CLEAN.replace("n0", "北京市").encode("gb18030"), ("read_decoded",)),
        ("nul.csv", CLEAN.replace("n1", "n\0001"), ("read_nuls",)),
        ("returns.csv", CLEAN.replace("\n", "\r"), ()),
        ("semicolon.csv", CLEAN.replace(",", ";"), ()),
        ("tab.csv", CLEAN.replace(",", "\t"), ()),
        ("bar.csv", CLEAN.replace(",", "|"), ()),
        ("sep.csv", "sep=;\n" + CLEAN.replace(",", ";"), ()),
        ("title.csv", "Report\n\n" + CLEAN, ("read_skipped_lines",)),
        ("comments.csv", "# made by a machine\n" + CLEAN, ()),
        ("totals.csv", CLEAN + "Total,1800.0,\n", ("read_totals",)),
        ("no_header.csv", CLEAN.partition("\n")[2], ("read_no_header",)),
        ("two_headers.csv", CLEAN.replace("name\n", "name\n,kg,\n", 1), ("read_joined_names",)),
        ("repeated.csv", CLEAN.replace("id,x,name", "x,x,"), ("read_renamed",)),
        ("short.csv", CLEAN + "60,60.5\n", ("read_short_rows",)),
        ("long.csv", CLEAN + "60,60.5,n4,more\n", ("read_long_rows",)),
        ("spaces.csv", CLEAN.replace(",", ", "), ()),
        ("newline.csv", CLEAN.replace("n1\n", '"n\n1"\n'), ()),
        ("wrong_name.csv", workbook(("S", GRID)), ("read_wrong_name",)),
        ("sheets.xlsx", workbook(("S", GRID), ("T", GRID[:9])), ("read_sheet",)),
    ],
)
def test_what_can_be_understood_is_read_and_told(
    tmp_path: Path, name: str, content: str | bytes, told: tuple[str, ...]
) -> None:
    table = read_table(write(tmp_path, content, name))
    assert table.n_rows in {N, N + 1}
    numbers = pd.to_numeric(table.frame.iloc[:, 1], errors="coerce")
    assert numbers.head(N).tolist() == [i + 0.5 for i in ROWS]
    assert {message.code for message in table.done_to_the_file} >= set(told)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1,5", "2,25"], Kind.NUMBER, [1.5, 2.25]),
        (["1.234,5", "12.345,0"], Kind.NUMBER, [1234.5, 12345.0]),
        (["45%", "50.5%"], Kind.NUMBER_WITH_UNIT, [45.0, 50.5]),
        (["$1,200", "$900"], Kind.NUMBER_WITH_UNIT, [1200.0, 900.0]),
        (["(12.50)", "30.25"], Kind.NUMBER, [-12.5, 30.25]),
        (["007", "012"], Kind.CATEGORY, None),
        (["9223372036854775809", "9223372036854775810"], Kind.CATEGORY, None),
        (["yes", "N", "TRUE", "no"], Kind.YES_NO, None),
        (["1.5", "inf"], Kind.NUMBER, None),
    ],
)
def test_cells_are_read_as_people_mean_them(
    tmp_path: Path, cells: list[str], kind: Kind, values: list[float] | None
) -> None:
    lines = "".join(f"{i};{cells[i % len(cells)]}\n" for i in ROWS)
    table = read_table(write(tmp_path, f"row;v\n{lines}"))
    column = table.schema["v"]
    assert column.kind is kind or (kind is Kind.CATEGORY and column.kind in {Kind.CATEGORY, Kind.ID})
    if values is not None:
        assert pd.to_numeric(table.frame["v"]).head(len(values)).tolist() == values
    elif kind is Kind.CATEGORY:
        assert column.cells is Cells.TEXT
        assert set(table.frame["v"]) == set(cells), "codes keep every sign"


def test_late_texts_and_words_for_nothing_leave_a_column_of_numbers(tmp_path: Path) -> None:
    cells = [f"{i}.5" for i in range(2000)] + ["broken"] + ["n/a", "k.A.", "-", "NULL", "?"] * 4
    table = read_table(write(tmp_path, "row,v\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))))
    column = table.schema["v"]
    assert (column.kind, column.n_missing) == (Kind.NUMBER, 21)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([f"{i % 12 + 1:02d}/{i % 12 + 1:02d}/2024,{i % 2}" for i in ROWS], "date_order_unsure"),
        ([f"r{i:05d},{i % 2}" for i in ROWS], "ids_left_out"),
        ([f"{'paid' if i % 2 else 'open'},{i % 2}" for i in ROWS], "leak"),
    ],
)
def test_what_only_a_person_knows_is_asked(tmp_path: Path, lines: list[str], code: str) -> None:
    body = "".join(f"{i % 13},{line}\n" for i, line in enumerate(lines))
    seen = inspect_table(read_table(write(tmp_path, f"a,b,t\n{body}")), ExperimentConfig(target="t"))
    assert code in {finding.code for finding in seen.findings}


def test_dangerous_cells_and_names_are_only_texts(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "=1+1", "😀 שלום", "../../etc/passwd"]
    lines = "".join(f"=cmd{i % 3},<b>{i % 4}</b>,{i},😀{i % 5}\n" for i in ROWS)
    table = read_table(write(tmp_path, ",".join(names) + "\n" + lines, "table_in_a_path.csv"))
    assert [column.original_name for column in table.schema.columns] == names
    assert table.frame.iloc[0, 0] == "=cmd0"
