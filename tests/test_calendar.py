"""The graph reads every day that Python knows, and no other."""

from datetime import UTC, datetime

import numpy as np
import onnxruntime
import pytest
import spox

from engine.graph.calendar import FIELDS, calendar

YEARS = (1, 4, 99, 100, 399, 400, 401, 1600, 1899, 1900, 1968, 1969, 1970, 1999, 2000, 2023, 2024, 2100, 9999)


def read(cells: list[str], *formats: str) -> list[list[float] | None]:
    text = spox.argument(spox.Tensor(np.str_, ("N", 1)))
    file = spox.build({"text": text}, {"fields": calendar(text, formats)}).SerializeToString()
    (rows,) = onnxruntime.InferenceSession(file).run(None, {"text": np.array(cells, dtype=object)[:, None]})
    return [None if np.isnan(row).all() else row.tolist() for row in rows]


def expected(text: str, form: str) -> list[float] | None:
    try:
        day = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    passed = day - datetime(1970, 1, 1, tzinfo=UTC)
    part = passed.seconds / 86400
    parts = (day.year, day.month, day.day, day.weekday(), day.timetuple().tm_yday, day.hour)
    made = dict(zip(FIELDS, (passed.days + part, *parts), strict=True))
    return [float(made[name]) for name in FIELDS]


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y", "%Y%m%d"])
def test_every_day_and_no_other(form: str) -> None:
    days = [(year, month, day) for year in (0, *YEARS) for month in range(14) for day in range(33)]
    written = form.replace("%Y", "{0:04d}").replace("%m", "{1:02d}").replace("%d", "{2:02d}")
    cells = [written.format(*day) for day in days]
    read_so, wanted = read(cells, form), [expected(cell, form) for cell in cells]
    assert [cell for cell, one, other in zip(cells, read_so, wanted, strict=True) if one != other] == []
    assert len([each for each in read_so if each]) == sum(365 + (i in (4, 400, 1600, 1968, 2000, 2024)) for i in YEARS)


@pytest.mark.parametrize(
    ("form", "cells"),
    [
        ("%Y-%m-%d %H:%M", [f"2024-02-29 {hour:02d}:{minute:02d}" for hour in range(26) for minute in (0, 1, 59, 60)]),
        ("%Y-%m-%d %H:%M:%S", [f"1969-12-31 23:59:{second:02d}" for second in (0, 1, 59)]),
        ("%d.%m.%Y %I:%M %p", [f"01.03.1900 {hour:02d}:30 {half}" for hour in range(14) for half in ("AM", "pm")]),
        ("%Y-%m-%d %H", [f"2000-01-01 {hour:02d}" for hour in (0, 12, 23, 24)]),
        ("%B %Y", ["February 2024", "march 1999", "Smarch 2000"]),
        ("%m/%Y", ["00/2000", "01/2000", "12/2000", "13/2000"]),
        ("%d %b %y", ["29 Feb 00", "29 Feb 99", "31 Dec 68", "1 Jan 69"]),
        ("%Y", ["0000", "0001", "2024"]),
    ],
)
def test_times_of_day_and_dates_in_part(form: str, cells: list[str]) -> None:
    assert read(cells, form) == [expected(cell, form) for cell in cells]


def test_the_first_format_that_fits_counts() -> None:
    cells = ["01/02/2024", "13/02/2024", "02/13/2024", "2024-02-01", ""]
    days = [row and row[0] for row in read(cells, "%d/%m/%Y", "%m/%d/%Y")]
    assert days == [19754.0, 19766.0, 19766.0, None, None]
