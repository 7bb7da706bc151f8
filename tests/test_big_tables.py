"""Long tables are read in passing, with the outcome of patient reading, and typed without going through each cell."""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.errors import TableError
from engine.table.columns.kinds import find_column
from engine.table.columns.levels import levels_of
from engine.table.distinct import count_distinct, most_common
from engine.table.files.layout import Layout, find_layout
from engine.table.files.patient import read_patiently
from engine.table.files.raw import RawTable, Source
from engine.table.files.regular import read_regular
from engine.table.fingerprint import fingerprint
from engine.table.first_look import N_ROWS, FirstLook, first_look
from engine.table.options import AUTOMATIC, LeftOut, ReadingOptions
from engine.table.reading import read_raw
from engine.table.rules import canonical_cells
from engine.table.schema import Kind

N_LINES = 60_000


def _lines() -> list[str]:
    words = np.random.default_rng(0).choice(np.array(["red", "green", "deep blue"]), N_LINES)
    return [f"{i},{i * 0.25},{word},2024-01-{i % 28 + 1:02d}" for i, word in enumerate(words)]


def _source(folder: Path, lines: list[str]) -> tuple[Source, Layout]:
    path = folder / "long.csv"
    path.write_text("\n".join(["id,share,color,day", *lines]) + "\n", encoding="utf-8")
    source = Source(path=path, name=path.name, room=folder)
    return source, find_layout(path, path.name, AUTOMATIC)


def _simply(folder: Path, lines: list[str], options: ReadingOptions = AUTOMATIC) -> RawTable | None:
    source, layout = _source(folder, lines)
    return read_regular(layout, source, options)


def _both(folder: Path, lines: list[str], options: ReadingOptions = AUTOMATIC) -> tuple[RawTable | None, RawTable]:
    simple = _simply(folder, lines, options)
    source, layout = _source(folder, lines)
    return simple, read_patiently(layout, source, options)


def _same(one: RawTable, other: RawTable) -> None:
    assert one.names == other.names
    assert sorted(map(str, one.done)) == sorted(map(str, other.done))
    assert [_shown(line) for line in one.left_out] == [_shown(line) for line in other.left_out]
    pd.testing.assert_frame_equal(one.frame, other.frame)


def _shown(line: LeftOut) -> tuple[int, str, str]:
    return line.line, line.why.code, line.text


def test_rows_that_are_all_alike_are_read_simply(tmp_path: Path) -> None:
    simple, patient = _both(tmp_path, _lines())
    assert simple is not None
    assert simple.n_rows == N_LINES
    assert not simple.done
    _same(simple, patient)


@pytest.mark.parametrize(
    "options", [AUTOMATIC, ReadingOptions(keep_totals=True), ReadingOptions(keep_all_rows=True)], ids=str
)
def test_odd_rows_have_the_outcome_of_patient_reading(tmp_path: Path, options: ReadingOptions) -> None:
    lines = _lines()
    lines[10] = "10,2.5"  # short
    lines[11] = "11,2.75,red,2024-01-12,beyond,more"
    lines[12] = "12,3.0,green,2024-01-13,"  # nothing beyond
    lines[40_000] = ",,,"
    lines[40_001] = ""
    lines[40_005] = "  "
    lines[40_006] = " , ,,"
    lines[40_007] = "#5,2"
    lines[40_008] = "#6"
    lines[40_002] = "id,share,color,day"
    lines[40_003] = "---,---,---,---"
    lines[40_004] = "-,-,-,-"  # a row whose cells mean "no value" is a row
    lines[45_000:45_000] = ["1", "", "2,3"] * 50
    lines += ["Total,99,,", "Source: a book"]
    simple, patient = _both(tmp_path, lines, options)
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


def _packed(path: Path) -> Path:
    packed = path.with_name("long.csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    return packed


def _zipped(path: Path) -> Path:
    packed = path.with_name("long.zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "inner/long.csv")
    return packed


def _wide_letters(path: Path) -> Path:
    other = path.with_name("wide.csv")
    other.write_text(path.read_text(encoding="utf-8"), encoding="utf-16")
    return other


def _parquet(path: Path) -> Path:
    other = path.with_name("long.parquet")
    pd.read_csv(path).to_parquet(other)
    return other


@pytest.mark.parametrize("made", [Path, _packed, _zipped, _wide_letters, _parquet])
def test_the_beginning_of_a_file_shows_names_kinds_and_rows(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    path = made(_source(tmp_path, _lines())[0].path)
    look = first_look(path)
    assert look is not None
    assert look.names == ("id", "share", "color", "day")
    assert look.kinds == (Kind.ID, Kind.NUMBER, Kind.CATEGORY, Kind.DATE)
    assert len(look.rows) == N_ROWS
    assert look.rows[3][0] == "3"
    assert look.n_rows_estimated == pytest.approx(N_LINES, rel=0.1)
    assert look.n_bytes == path.stat().st_size
    assert FirstLook.from_json(json.loads(json.dumps(look.to_json()))) == look


def test_what_is_no_table_has_no_first_look(tmp_path: Path) -> None:
    for name, data in {
        "a.csv": b"\0\1\2" * 9,
        "b.csv.gz": b"\x1f\x8bno",
        "c.parquet": b"PAR1no",
        "d.zip": b"PK\3\4",
    }.items():
        (tmp_path / name).write_bytes(data)
        assert first_look(tmp_path / name) is None


@pytest.fixture(scope="module")
def many() -> pd.Series:
    """Three hundred thousand different numbers, with a few cells that are none."""
    cells = [f"{i * 7919 % 999_983}.{i % 100:02d}" for i in range(300_000)]
    cells[200_000], cells[250_000], cells[299_999] = "broken", "n/a", ""
    return pd.Series(cells, name="x", dtype="str").mask(lambda text: text == "")


def test_levels_of_very_many_are_a_selection_that_stands_for_all(many: pd.Series) -> None:
    levels = levels_of(many, "x")
    assert levels.n == many.nunique() - 1
    assert levels.n_filled == len(many) - 2
    assert levels.n_rows == len(many)
    assert len(levels.texts) < 50_000
    assert levels.texts.is_unique
    assert "broken" in set(levels.texts)
    numbers = pd.to_numeric(many, errors="coerce")
    chosen = pd.to_numeric(levels.texts, errors="coerce")
    assert (chosen.min(), chosen.max()) == (numbers.min(), numbers.max())


def test_a_cell_that_is_none_is_counted_in_a_column_of_very_many_numbers(many: pd.Series) -> None:
    column = find_column(many)
    assert column.kind is Kind.NUMBER
    cells = canonical_cells(many, column)
    assert cells.isna().sum() == 3
    assert float(pd.to_numeric(cells).iloc[17]) == float(many.iloc[17])


def test_distinct_texts_are_counted_exactly(many: pd.Series) -> None:
    assert count_distinct(many) == many.nunique()
    assert count_distinct(pd.concat([many, many])) == many.nunique()
    assert most_common(pd.concat([many, many.iloc[:1]]).dropna(), 1) == ([(many.iloc[0], 2)], many.nunique())


def test_a_fingerprint_in_parts_is_that_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"x": [1.5, np.nan, 3.0] * 50, "t": pd.Series(["é", None, "b"] * 50, dtype="str")})
    whole = hashlib.sha256(b"x\x1ft" + pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    assert fingerprint(frame) == whole.hexdigest()[:16]
    monkeypatch.setattr("engine.table.fingerprint._CELLS_AT_ONCE", 14)
    assert fingerprint(frame) == whole.hexdigest()[:16]


def test_a_file_larger_than_memory_or_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _source(tmp_path, _lines()[:100])[0].path
    for name, value, code in (
        ("_DISK_PER_BYTE", 1e18, "table_no_disk_space"),
        ("_BYTES_PER_CELL", 1e18, "table_too_large"),
        ("_MOST_SHARE_OF_MEMORY", 1e-15, "table_too_large"),
    ):
        with monkeypatch.context() as limit:
            limit.setattr(f"engine.table.files.limits.{name}", value)
            with pytest.raises(TableError) as refused:
                read_raw(path)
        assert refused.value.message.code == code
