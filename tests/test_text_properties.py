"""Any table written in any dialect is read back; broken and changed files lose nothing."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import corruptions, mutations
from engine.table.reading import read_raw

TEXT = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp", "Zs"), exclude_characters="\ufeff"
    )
    | st.sampled_from(" ,;\t|^\"'\n\\#-"),
    max_size=12,
).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Draw rows of a number, a measure and some texts; the numbers tell the names from the values."""
    n_texts = draw(st.integers(1, 3))
    n_rows = draw(st.integers(6, 15))
    return [
        [str(i), f"{i}.{draw(st.integers(1, 99))}", *(draw(TEXT) for _ in range(n_texts))]
        for i in range(100, 100 + n_rows)
    ]


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=tables(),
    separator=st.sampled_from([",", ";", "\t", "|", "^", "~"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    with_names=st.booleans(),
)
def test_a_table_in_any_dialect_is_read_back(
    rows: list[list[str]], separator: str, quoting: int, line_end: str, encoding: str, with_names: bool
) -> None:
    content = io.StringIO()
    if line_end == "\r":
        quoting = csv.QUOTE_ALL  # csv leaves line feeds without quotes where lines end otherwise
    writer = csv.writer(content, delimiter=separator, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]
    names = ["number", "measure", *(f"text {'abc'[i]}" for i in range(len(rows[0]) - 2))]
    writer.writerows([names, *rows] if with_names else rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content.getvalue().encode(encoding))
        raw = read_raw(path)
    filled = [i for i, column in enumerate(zip(*rows, strict=True)) if with_names or any(column)]
    assert raw.left_out == ()
    assert raw.original_names == (tuple(names) if with_names else tuple(f"c{i}" for i in range(1, len(filled) + 1)))
    read = [["" if cell != cell else cell for cell in row] for row in raw.frame.to_numpy().tolist()]
    assert read == [[row[i] for i in filled] for row in rows]


@pytest.mark.parametrize("corruption", list(corruptions.corruptions()), ids=lambda each: each.name)
def test_a_broken_file_loses_nothing(tmp_path: Path, corruption: corruptions.Corruption) -> None:
    assert corruptions.failure(corruption, 30, tmp_path) == ""


def test_what_is_lost_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(corruptions.clean_lines()), encoding="utf-8")
    raw = read_raw(path)
    assert corruptions.lost(["k0001,a word that is nowhere"], raw)["nowhere"] == 1
    assert mutations.unaccounted(path.read_bytes() + b"\n1,2,3,4,5", raw) == 1
    assert mutations.lost_words(path.read_bytes() + b"\n1,nowhere", raw)["nowhere"] == 1


@pytest.mark.parametrize("seed", range(40))
def test_a_changed_file_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    lines = corruptions.clean_lines()
    text = "\n".join(line.replace(", nr", ",\nnr") if i % 9 == 5 else line for i, line in enumerate(lines))
    assert mutations.failure(mutations.mutated(text.encode(), seed), tmp_path) == ""
