"""Times of day are kept as moments of one day; people read them as times, and they say of no row when it was."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.insight.effects import effects
from engine.insight.in_use.shift import shift_of
from engine.insight.positions import shown
from engine.insight.quality.groups import written
from engine.insight.quality.over_time import time_column
from engine.insight.surrogate import surrogate
from engine.messages import render
from engine.table.dates import days_since_1970
from engine.table.moments import MOMENT, date_texts
from engine.table.profile import profile
from engine.table.reading import read_table
from engine.table.schema import Cells, Kind, ReadingRules, Subkind, TableSchema
from exporters.golden import golden_rows
from exporters.predictor.reading import date_text
from tests.asking import column, predicting

AT = replace(column("at", Kind.DATE, date_formats=("%Y-%m-%d %H:%M:%S",)), subkind=Subkind.TIME)
DAY = column("day", Kind.DATE, date_formats=("%d.%m.%Y",))


def moments(n_rows: int, first_hour: int = 0) -> list[str]:
    return [f"1970-01-01 {first_hour + i % 12:02d}:{i % 60:02d}:00" for i in range(n_rows)]


def test_a_time_is_shown_as_people_write_it() -> None:
    assert shown("1970-01-01 07:05:00", AT) == "07:05"
    assert [written(value, AT) for value in (0.5, 7 / 24 + 1 / 86_400)] == ["12:00", "07:00:01"]
    assert written(0.5, DAY) == "1970-01-01"


def test_the_profile_of_a_column_of_times_speaks_of_times(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    rows = [f"{hour:02d}:{minute:02d};{hour}" for hour in range(6, 22) for minute in range(0, 60, 5)]
    path.write_text("at;n\n" + "\n".join(rows), encoding="utf-8")
    at, _n = profile(read_table(path))
    assert (at.minimum, at.median, at.maximum) == ("06:00", "13:57:30", "21:55")
    assert at.examples[:2] == ("06:00", "06:05")


def test_a_time_has_no_day_and_typed_cells_are_times_too() -> None:
    rules = ReadingRules(moments=("%H:%M",))
    written = ["10:21", "10:21:00", "2021-07-04 10:21:00", "2021-07-04", "25:00", "soon"]
    read = date_texts(pd.Series(written, dtype="str"), (MOMENT,), rules)
    assert read.tolist()[:3] == ["1970-01-01 10:21:00"] * 3
    assert read.isna().tolist()[3:] == [True] * 3
    told = {**asdict(rules), "words": []}
    assert [date_text(text, [MOMENT], told) for text in written] == [*read[:3], "", "", ""]


def test_what_a_bundle_shows_of_a_column_of_times_are_times() -> None:
    timed = replace(AT, cells=Cells.TEXT, rules=ReadingRules(moments=("%H:%M",)))
    rows = golden_rows([timed], {}, 0)
    assert {len(cell) for cell in rows["at"]} <= {0, 5}


def test_rules_and_sentences_speak_of_times() -> None:
    asked = predicting([AT], lambda rows: 10.0 * (days_since_1970(rows["at"], AT.date_formats) > 0.3))
    rows = pd.DataFrame({"at": moments(400)})
    made = surrogate(asked, rows)
    assert made is not None
    conditions = " ".join(render(condition) for rule in made.rules for condition in rule.conditions)
    assert "at is after 06:54." in conditions
    (effect,) = effects(asked, rows, ["at"])
    assert not any("1970" in cell for cell in effect.cells)


@pytest.mark.parametrize("names", [["at", "day"], ["day", "at"]])
def test_a_time_of_day_is_not_when_a_row_came_about(names: list[str]) -> None:
    cells = pd.DataFrame({"at": moments(60), "day": [f"{1 + i % 28:02d}.03.2024" for i in range(60)]})
    cells.loc[:5, "day"] = np.nan
    schema = TableSchema(tuple({"at": AT, "day": DAY}[name] for name in names))
    assert time_column(cells, schema) == DAY
    assert time_column(cells[["at"]], TableSchema((AT,))) is None


def test_later_times_of_day_are_a_shift_and_not_time_that_has_passed() -> None:
    found = shift_of(pd.Series(moments(200)), pd.Series(moments(200, first_hour=12)), AT, 0.5)
    assert not found.moves_on
    told = " ".join(render(each) for each in found.said)
    assert "1970" not in told
    assert ":" in told
