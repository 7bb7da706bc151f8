"""Dates, moments and times of day are read in many forms, and brought to one that a graph can read."""

import pandas as pd
import pytest

from engine.graph.calendar import supports
from engine.messages import render
from engine.table.columns.dates import FORMATS
from engine.table.columns.kinds import find_column
from engine.table.moments import MOMENT
from engine.table.options import DateOrder, ReadingOptions
from engine.table.rules import canonical_cells
from engine.table.schema import ColumnSchema, Kind, Subkind
from tests.test_calendar import read as graph_read

N = 60


def read(cells: list[str], name: str = "c", order: DateOrder | None = None) -> tuple[ColumnSchema, list[str | None]]:
    raw = pd.Series((cells * N)[: max(N, len(cells))], name=name, dtype="str")
    found = find_column(raw, ReadingOptions(date_order=order))
    canonical = canonical_cells(raw, found)
    assert canonical_cells(canonical, found).equals(canonical)
    return found, [None if cell != cell else str(cell) for cell in canonical.iloc[: len(cells)]]


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        (["Jan  3, 2021", "Feb 12, 2021"], ["Jan 03, 2021", "Feb 12, 2021"]),
        (["03/ 4/2021", "12/31/2021"], ["03/04/2021", "12/31/2021"]),
        (["2021-01-03 9:5", "2021-01-03 19:15"], ["2021-01-03 09:05", "2021-01-03 19:15"]),
        (["3\u00a0Jan 2021", "13 Jan 2021"], ["03 Jan 2021", "13 Jan 2021"]),
    ],
)
def test_dates_padded_with_spaces_are_written_as_a_graph_reads_them(cells: list[str], written: list[str]) -> None:
    found, canonical = read(cells)
    assert canonical == written
    assert None not in graph_read(written, *found.date_formats)


def moments(cells: list[str | None], found: ColumnSchema) -> list[str | None]:
    """Say canonical cells as moments."""
    made = pd.Series(pd.NaT, index=range(len(cells)), dtype="datetime64[us]")
    for form in found.date_formats:
        read_so = pd.to_datetime(pd.Series(cells, dtype="str"), format=form, errors="coerce").astype("datetime64[us]")
        made = made.fillna(read_so)
    return [None if pd.isna(each) else each.strftime(MOMENT) for each in made]


@pytest.mark.parametrize(
    ("cells", "subkind", "first"),
    [
        (["13:45", "9:05"], Subkind.TIME, "1970-01-01 13:45:00"),
        (["1:45 PM", "11:05 AM"], Subkind.TIME, "1970-01-01 13:45:00"),
        (["2024-01-31T08:30:00+02:00", "2024-02-01T08:30:00Z"], Subkind.DATE_TIME, "2024-01-31 06:30:00"),
        (["2024-01-31 08:30:00 +0530", "2024-02-01 08:30:00 +0530"], Subkind.DATE_TIME, "2024-01-31 03:00:00"),
        (["2024-01-31 08:30:00.25+00", "2024-02-01 08:30:00+00"], Subkind.DATE_TIME, "2024-01-31 08:30:00"),
        (["2024-01-31 08:30:00 UTC", "2024-02-01 08:30:00 UTC"], Subkind.DATE_TIME, "2024-01-31 08:30:00"),
        (
            ["Wed, 31 Jan 2024 08:30:00 +0200", "Thu, 1 Feb 2024 08:30:00 +0200"],
            Subkind.DATE_TIME,
            "2024-01-31 06:30:00",
        ),
        (["2024-01-31 08:30:00.1234567", "2024-02-01 08:30:00.7654321"], Subkind.DATE_TIME, "2024-01-31 08:30:00"),
        (["2024-01-31 00:00:00", "2024-02-01 00:00:00"], Subkind.DAY, "2024-01-31 00:00:00"),
        (["1/31/2024 3:30PM", "2/1/2024 11:05AM"], Subkind.DATE_TIME, "2024-01-31 15:30:00"),
        (["01JAN2024", "02FEB2023"], Subkind.DAY, "2024-01-01 00:00:00"),
        (["2024-01", "2023-12"], Subkind.YEAR_MONTH, "2024-01-01 00:00:00"),
        (["2024-01-04", "20240103"], Subkind.DAY, "2024-01-04 00:00:00"),
        (["Jan 2024", "Feb 2023"], Subkind.YEAR_MONTH, "2024-01-01 00:00:00"),
        (["2024年1月3日", "2023年11月13日"], Subkind.DAY, "2024-01-03 00:00:00"),
        (["2024年1月", "2023年11月"], Subkind.YEAR_MONTH, "2024-01-01 00:00:00"),
        (["3. Januar 2024", "12. März 2024", "1. Mai 2023"], Subkind.DAY, "2024-01-03 00:00:00"),
        (["12 août 2024", "1er mai 2023"], Subkind.DAY, "2024-08-12 00:00:00"),
        (["3 de enero de 2024", "12 de agosto de 2023"], Subkind.DAY, "2024-01-03 00:00:00"),
        (["3 gennaio 2024", "12 ago 2023"], Subkind.DAY, "2024-01-03 00:00:00"),
        (["1 de fevereiro de 2024", "3 de março de 2023"], Subkind.DAY, "2024-02-01 00:00:00"),
        (["3 maart 2024", "12 mei 2023"], Subkind.DAY, "2024-03-03 00:00:00"),
        (["Sept. 5, 2024", "January 3rd, 2023"], Subkind.DAY, "2024-09-05 00:00:00"),
    ],
)
def test_dates_are_read(cells: list[str], subkind: Subkind, first: str) -> None:
    found, made = read(cells)
    assert (found.kind, found.subkind) == (Kind.DATE, subkind)
    read_as = moments(made, found)
    assert read_as[0] == first
    assert None not in read_as
    assert all(supports(form) for form in found.date_formats)


@pytest.mark.parametrize(
    ("name", "cells", "probability"),
    [
        ("created_at", [str(1_600_000_000 + i * 3600) for i in range(N)], 0.95),
        ("timestamp", [str(1_600_000_000_000 + i * 3_600_000) for i in range(N)], 0.95),
        ("when", [f"{1_600_000_000 + i * 3600}.25" for i in range(N)], 0.95),
        ("x", [str(1_600_000_000 + i * 3600) for i in range(N)], 0.6),
    ],
)
def test_seconds_since_1970_are_moments_and_asked_about_where_the_name_is_silent(
    name: str, cells: list[str], probability: float
) -> None:
    found, made = read(cells, name)
    assert (found.kind, found.subkind, found.probability) == (Kind.DATE, Subkind.EPOCH, probability)
    assert made[:2] == ["2020-09-13 12:26:40", "2020-09-13 13:26:40"]


def test_days_without_signs_and_days_of_spreadsheets() -> None:
    found, made = read([f"202401{i:02d}" for i in range(1, 32)])
    assert (found.kind, found.date_formats, made[0]) == (Kind.DATE, ("%Y%m%d",), "20240101")
    found, _ = read(["202401", "202312", "202402"], "month")
    assert (found.kind, found.subkind) == (Kind.DATE, Subkind.YEAR_MONTH)
    found, made = read([str(44_000 + i) for i in range(N)], "order date")
    assert (found.kind, made[0]) == (Kind.DATE, "2020-06-18 00:00:00")
    assert read([str(44_000 + i * i) for i in range(N)], "income")[0].kind is Kind.NUMBER


@pytest.mark.parametrize("name", ["id", "x"])
def test_numbers_that_are_no_days_stay_numbers(name: str) -> None:
    assert read([str(20_240_100 + i * 37) for i in range(N)], name)[0].kind is not Kind.DATE


def test_a_person_decides_between_day_and_month() -> None:
    cells = [f"{i % 12 + 1:02d}/{i % 12 + 1:02d}/2024" for i in range(N)]
    assert read(cells)[0].probability == 0.5
    for order, form in ((DateOrder.DAY_FIRST, "%d/%m/%Y"), (DateOrder.MONTH_FIRST, "%m/%d/%Y")):
        found, _ = read(cells, order=order)
        assert found.date_formats == (form,)
        assert found.probability > 0.9
    # What cannot be read in the wanted order is read in the other one.
    assert read(["31/01/2024", "01/02/2024"], order=DateOrder.MONTH_FIRST)[0].date_formats == ("%d/%m/%Y",)


def test_three_formats_are_recorded_and_the_rest_is_told() -> None:
    cells = [("2024-01-31", "31.01.2024", "Jan 5, 2024")[i % 3] for i in range(N)]
    found, _ = read([*cells, "soon"])
    assert set(found.date_formats) == {"%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y"}
    assert found.reason.parameters["lost"] == "soon"
    assert "soon" in render(found.reason)


def test_a_short_time_may_be_a_duration() -> None:
    assert read(["3:45", "4:10", "2:59"], "length")[0].probability < 0.8
    assert read(["03:45", "14:10", "12:59"], "length")[0].probability > 0.8


@pytest.mark.parametrize(
    "cells", [["10.0.0.1", "192.168.1.1"], ["1.2.10", "2.0.1"], ["19-Dec", "Ready"], ["12-34-56", "99-99-99"]]
)
def test_what_only_looks_like_dates_is_none(cells: list[str]) -> None:
    assert read(cells)[0].kind is not Kind.DATE


def test_every_format_can_be_read_by_the_graph() -> None:
    assert [form for form in FORMATS if not supports(form)] == []


def test_years_are_whole_numbers() -> None:
    found, _ = read([str(1990 + i % 9) for i in range(N)], "yr")
    assert (found.kind, found.subkind) == (Kind.NUMBER, Subkind.WHOLE)
    assert found.probability > 0.9
    assert read(["2023", "2024"], "year")[0].kind is Kind.NUMBER


@pytest.mark.parametrize("cell", ["1600000000", "20240131", "2024-01-31", "13:45"])
def test_one_moment_everywhere_is_constant(cell: str) -> None:
    assert read([cell], "created_at")[0].kind is Kind.CONSTANT
