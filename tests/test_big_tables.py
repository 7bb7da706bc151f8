"""Long tables are read in passing, with the same outcome as patient reading, and typed without going through each cell."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.table.distinct import count_distinct
from engine.table.kinds import find_column
from engine.table.layout import Layout, find_layout
from engine.table.levels import levels_of
from engine.table.options import AUTOMATIC, LeftOut
from engine.table.patient import read_patiently
from engine.table.raw import RawTable, Source
from engine.table.regular import read_regular
from engine.table.rules import canonical_cells

N_LINES = 60_000


def _lines() -> list[str]:
    words = np.random.default_rng(0).choice(np.array(["red", "green", "deep blue"]), N_LINES)
    return [f"{i},{i * 0.25},{word},2024-01-{i % 28 + 1:02d}" for i, word in enumerate(words)]


def _source(folder: Path, lines: list[str]) -> tuple[Source, Layout]:
    path = folder / "long.csv"
    path.write_text("\n".join(["id,share,color,day", *lines]) + "\n", encoding="utf-8")
    source = Source(path=path, name=path.name, room=folder)
    return source, find_layout(path, path.name, AUTOMATIC)


def _simply(folder: Path, lines: list[str], *, keep_totals: bool = False) -> RawTable | None:
    source, layout = _source(folder, lines)
    return read_regular(layout, source, keep_totals=keep_totals)


def _both(folder: Path, lines: list[str], *, keep_totals: bool = False) -> tuple[RawTable | None, RawTable]:
    simple = _simply(folder, lines, keep_totals=keep_totals)
    source, layout = _source(folder, lines)
    return simple, read_patiently(layout, source, keep_totals=keep_totals)


def _same(one: RawTable, other: RawTable) -> None:
    assert one.names == other.names
    assert sorted(map(str, one.done)) == sorted(map(str, other.done))
    assert [_shown(line) for line in one.left_out] == [_shown(line) for line in other.left_out]
    pd.testing.assert_frame_equal(one.frame, other.frame)


def _shown(line: LeftOut) -> tuple[int, str, str]:
    return line.line, line.why.code, line.text.strip(",")  # of an empty row nobody minds how it is shown


def test_rows_that_are_all_alike_are_read_simply(tmp_path: Path) -> None:
    simple, patient = _both(tmp_path, _lines())
    assert simple is not None
    assert simple.n_rows == N_LINES
    assert not simple.done
    _same(simple, patient)


@pytest.mark.parametrize("keep_totals", [False, True])
def test_odd_rows_have_the_outcome_of_patient_reading(tmp_path: Path, keep_totals: bool) -> None:
    lines = _lines()
    lines[10] = "10,2.5"  # short
    lines[11] = "11,2.75,red,2024-01-12,beyond,more"
    lines[12] = "12,3.0,green,2024-01-13,"  # nothing beyond
    lines[40_000] = ",,,"
    lines[40_001] = ""
    lines[40_002] = "id,share,color,day"
    lines[40_003] = "---,---,---,---"
    lines[40_004] = "-,-,-,-"  # a row whose cells mean "no value" is a row
    lines[45_000:45_000] = ["1", "", "2,3"] * 50
    lines += ["Total,99,,", "Source: a book"]
    simple, patient = _both(tmp_path, lines, keep_totals=keep_totals)
    assert simple is not None
    _same(simple, patient)
    assert simple.n_rows + sum(
        line.why.code not in {"read_short_rows", "read_long_rows"} for line in simple.left_out
    ) == len(lines)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (45_000, '1,2,"a ""deep\n blue""",2024-01-01'),
        (45_000, '1,2,"red,2024-01-01\n2,3,red",2024-01-01'),
        (45_000, '1,2,5" wide" tube,2024-01-01'),
        (45_000, '1,2, "red, green",2024-01-01'),
        (20, '1,2,"never closed,2024-01-01'),
    ],
)
def test_text_whose_quotes_are_not_plain_is_left_to_patience(tmp_path: Path, place: int, line: str) -> None:
    lines = _lines()
    lines[place] = line
    assert _simply(tmp_path, lines) is None


def test_quoted_cells_are_read_simply(tmp_path: Path) -> None:
    lines = _lines()
    lines[45_000] = '1,"2","a, ""deep"" b",2024-01-01'
    simple, patient = _both(tmp_path, lines)
    assert simple is not None
    assert simple.column(2)[45_000] == 'a, "deep" b'
    _same(simple, patient)


def test_short_text_and_text_of_odd_rows_are_left_to_patience(tmp_path: Path) -> None:
    assert _simply(tmp_path, _lines()[:1000]) is None
    assert _simply(tmp_path, [line if i % 3 else f"{i}" for i, line in enumerate(_lines())]) is None
