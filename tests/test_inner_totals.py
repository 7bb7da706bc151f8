"""Subtotals within a table are left out where sums prove them, and ordinary rows stay whatever they are called."""

import random
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from engine.table.files.raw import RawTable
from engine.table.options import ReadingOptions
from engine.table.reading import read_raw
from tests.tables import write

WITHIN = "read_inner_totals"


def grouped(n_groups: int, n_rows: int, *, word: str, separator: str = ";") -> list[str]:
    """Return lines of groups of orders, each with its sum below, written as in Germany."""
    chance = random.Random(0)
    lines = [separator.join(["order", "customer", "amount", "state"])]
    for group in range(n_groups):
        values = [chance.randrange(100_000, 900_000) for _ in range(n_rows)]
        for n, value in enumerate(values):
            lines.append(separator.join([f"A{group}-{n}", chance.choice(["Ox & Co", "Ewe"]), german(value), "late"]))
        lines.append(separator.join([word.format(group=group), "", german(sum(values)), ""]))
    return lines


def german(cents: int) -> str:
    whole = f"{cents // 100:,}".replace(",", ".")
    return f"{whole},{cents % 100:02}"


def left_within(raw: RawTable) -> list[int]:
    return [line.line for line in raw.left_out if line.why.code == WITHIN]


@pytest.mark.parametrize(
    "word",
    [
        "Zwischensumme",
        "Subtotal",
        "Sous-total",
        "小计",
        "Итого:",
        "Total group {group}",
        "{group}. group Total",
        "华北小计",
    ],
)
@pytest.mark.parametrize("n_rows", [2, 30])
def test_subtotals_are_left_out_and_told(tmp_path: Path, word: str, n_rows: int) -> None:
    lines = [*grouped(5, n_rows, word=word), "Z9;Ox & Co;1,00;late", "Z10;Ewe;2,00;late"]
    raw = read_raw(write(tmp_path, "\n".join(lines) + "\n"))
    assert raw.n_rows == 5 * n_rows + 2
    assert left_within(raw) == [1 + (n_rows + 1) * group for group in range(1, 6)]
    assert raw.column(0).iloc[n_rows] == "A1-0"
    assert [message.parameters["n"] for message in raw.done if message.code == WITHIN] == [5]


@pytest.mark.parametrize("options", [ReadingOptions(keep_totals=True), ReadingOptions(keep_all_rows=True)])
def test_subtotals_can_be_kept(tmp_path: Path, options: ReadingOptions) -> None:
    lines = grouped(5, 30, word="Zwischensumme")
    raw = read_raw(write(tmp_path, "\n".join(lines) + "\n"), options)
    assert raw.n_rows == len(lines) - 1
    assert not raw.left_out


def test_subtotals_of_long_files_are_left_out(tmp_path: Path) -> None:
    lines = grouped(1_200, 50, word="Zwischensumme")
    lines[700:700] = ["short;row", "", "order;customer;amount;state"]
    raw = read_raw(write(tmp_path, "\n".join(lines) + "\n"))
    assert raw.n_rows == 1_200 * 50 + 1
    within = left_within(raw)
    assert len(within) == 1_200
    assert all(lines[line - 1].startswith("Zwischensumme") for line in within)
    assert not raw.column(0).str.startswith("Zwischen").any()


def test_short_lines_may_be_subtotals(tmp_path: Path) -> None:
    lines = [line.rstrip(";") for line in grouped(900, 50, word="Subtotal")]
    raw = read_raw(write(tmp_path, "\n".join([*lines, "Z9;Ox & Co;1,00;late"]) + "\n"))
    assert raw.n_rows == 900 * 50 + 1
    assert {line.why.code for line in raw.left_out} == {WITHIN}


def test_sums_of_sums_are_left_out_in_workbooks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["region", "month", "product", "sales"])
    for region in ("North", "South"):
        for month in ("1", "2", "3"):
            for product, sales in (("ale", 700.5), ("rum", 310.25), ("tea", 55.0 + int(month))):
                sheet.append([region, month, product, sales])
            sheet.append([region, f"{month} Total", None, 700.5 + 310.25 + 55 + int(month)])
        sheet.append([f"Total {region}", None, None, 3 * (700.5 + 310.25 + 55) + 6])
    sheet.append(["East", "1", "ale", 5.0])
    book.save(tmp_path / "table.xlsx")
    raw = read_raw(tmp_path / "table.xlsx")
    assert len(left_within(raw)) == 8
    assert raw.n_rows == 19


ORDINARY: tuple[Sequence[str], ...] = (
    ["brand,country,price,stars", "Shell,FR,4,2", "Total,,8,", "Elf,FR,3,1", "BP,UK,5,2", "Total,,3,", "Eni,IT,2,2"],
    ["city,land,n,size", "All,CH,5,3", "Bex,CH,2,1", "All,,7,", "Aigle,CH,1,2", "Bex,CH,1,1"],
    ["item,group,n,m", "Total Care,x,1,", "Total Care,,2,", "Soap,y,3,4", "Total Care,,3,", "Soap,y,2,2", "Oil,y,2,2"],
    ["word,kind,hits,rank", "sum,noun,1,2", "total,,2,", "all,,3,", "media,noun,6,1", "ally,noun,2,2"],
)


@pytest.mark.parametrize("lines", ORDINARY)
def test_words_alone_are_no_sums(tmp_path: Path, lines: Sequence[str]) -> None:
    raw = read_raw(write(tmp_path, "\n".join(lines) + "\n"))
    assert raw.n_rows == len(lines) - 1
    assert not raw.left_out


def test_a_name_that_also_heads_whole_rows_is_no_sum(tmp_path: Path) -> None:
    lines = grouped(4, 10, word="Total")
    lines[5:5] = ["Total;Ewe;12,00;late"]
    raw = read_raw(write(tmp_path, "\n".join([*lines, "Z9;Ox & Co;1,00;late"]) + "\n"))
    assert raw.n_rows == len(lines)
    assert not left_within(raw)
