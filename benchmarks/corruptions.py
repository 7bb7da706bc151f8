"""Breaks a clean table in the ways files are broken, and says whether every row and cell is still accounted for.

Each corruption is made in several places of the file. A cell is accounted for when it stands in the table, or in a line
that reading left out and shows. Run it with `python benchmarks/corruptions.py`; it ends with 1 when something is lost.
"""

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import TableError
from engine.table.files.raw import RawTable
from engine.table.options import ReadingOptions
from engine.table.reading import read_raw

Lines = list[str]
Breaks = Callable[[Lines, int], str | bytes]
_ROWS = 60
_TOWNS = ("Ulm", "Bad Aibling", "Köln", "Sankt Peter", "Aue")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class Corruption:
    """One way to break a file. `n_rows`: rows it then has; None where either answer is right."""

    name: str
    breaks: Breaks
    n_rows: int | None = _ROWS
    names_stay: bool = True


def clean_lines(n_rows: int = _ROWS) -> Lines:
    """Return the lines of a table with numbers, dates and a text in quotes, its names first."""
    made = random.Random(7)
    rows = [
        f"k{i:04d},{made.randint(100, 999)}.{made.randint(10, 99)},2024-{i % 12 + 1:02d}-{i % 28 + 1:02d},"
        f'"{made.choice(_TOWNS)}, nr {i}",{made.choice(("red", "green", "blue"))}'
        for i in range(n_rows)
    ]
    return ["code,price,day,place,colour", *rows]


def corruptions() -> Iterator[Corruption]:
    """Yield all ways; the number given to them is the line that is broken."""
    yield Corruption(name="nothing", breaks=lambda lines, _n: _text(lines))
    yield from _delimiter_faults()
    yield from _quote_faults()
    yield from _row_faults()
    yield from _header_faults()
    yield from _file_faults()


def _delimiter_faults() -> Iterator[Corruption]:
    yield Corruption(name="a separator is missing", breaks=_line(lambda line: line.replace(",", "", 1)))
    yield Corruption(name="a separator too many", breaks=_line(lambda line: line.replace(",", ",,", 1)))
    yield Corruption(name="a separator at the end of a row", breaks=_line(lambda line: line + ","))
    yield Corruption(name="another separator in a row", breaks=_line(lambda line: ";".join(_cells(line))))
    for separator in (";", "\t", "|", "^", "~", "||", "::", " , ", ", "):
        yield Corruption(name=f"separated by {separator!r}", breaks=_separated_by(separator))
    yield Corruption(
        name="separators at the end of all lines", breaks=lambda lines, _n: _text([f"{line}," for line in lines])
    )


def _quote_faults() -> Iterator[Corruption]:
    yield Corruption(name="a closing quote is missing", breaks=_line(lambda line: line.replace('",', ",", 1)))
    yield Corruption(name="an opening quote is missing", breaks=_line(lambda line: line.replace(',"', ",", 1)))
    yield Corruption(
        name="a quote too many at the start of a cell", breaks=_line(lambda line: line.replace(",", ',"', 1))
    )
    yield Corruption(name="a quote too many within a cell", breaks=_line(lambda line: line.replace("0", '0"', 1)))
    yield Corruption(name="a quote within quotes", breaks=_line(lambda line: line.replace(" nr", ' "nr', 1)))
    yield Corruption(name="two quotes within quotes", breaks=_line(lambda line: line.replace(" nr", ' "nr"', 1)))
    yield Corruption(name="a closing quote is missing in two rows", breaks=_two_open)
    yield Corruption(
        name="no quotes at all",
        breaks=lambda lines, _n: _text([line.replace('"', "") for line in lines]),
        names_stay=False,
    )
    yield Corruption(
        name="all cells in quotes",
        breaks=lambda lines, _n: _text(
            [",".join(f'"{cell.strip(chr(34))}"' for cell in _cells(line)) for line in lines]
        ),
    )
    yield Corruption(
        name="quotes escaped by a backslash",
        breaks=lambda lines, _n: _text([line.replace(" nr ", ' \\"nr\\" ') for line in lines]),
    )
    yield Corruption(name="a line break within quotes", breaks=_line(lambda line: line.replace(", nr", ",\nnr", 1)))


def _row_faults() -> Iterator[Corruption]:
    yield Corruption(name="a row is cut", breaks=_line(lambda line: line[: line.index(",") + 3]))
    yield Corruption(name="a row has more cells", breaks=_line(lambda line: f"{line},more,cells"))
    yield Corruption(name="a row twice", breaks=_line(lambda line: f"{line}\n{line}"), n_rows=_ROWS + 1)
    yield Corruption(name="an empty line", breaks=_line(lambda line: f"\n{line}"))
    yield Corruption(name="several empty lines", breaks=_line(lambda line: f"\n\n\n{line}"))
    yield Corruption(name="a line of separators", breaks=_line(lambda line: f",,,,\n{line}"))
    yield Corruption(name="a remark between the rows", breaks=_line(lambda line: f"# checked by hand\n{line}"))
    yield Corruption(name="empty lines between all rows", breaks=lambda lines, _n: "\n\n".join(lines))
    yield Corruption(name="the last line has no end", breaks=lambda lines, _n: "\n".join(lines))
    yield Corruption(name="a total below", breaks=lambda lines, _n: _text([*lines, "Total,33000,,,"]))
    yield Corruption(name="totals and a source below", breaks=_totals_below)


def _header_faults() -> Iterator[Corruption]:
    yield Corruption(name="no header", breaks=lambda lines, _n: _text(lines[1:]), names_stay=False)
    yield Corruption(name="the header twice", breaks=lambda lines, _n: _text([lines[0], *lines]))
    yield Corruption(
        name="the header again in the middle", breaks=_line(lambda line: f"code,price,day,place,colour\n{line}")
    )
    yield Corruption(
        name="units below the header",
        breaks=lambda lines, _n: _text([lines[0], ",EUR,,,", *lines[1:]]),
        names_stay=False,
    )
    yield Corruption(
        name="groups above the header",
        breaks=lambda lines, _n: _text([",Sale,,Buyer,", *lines]),
        names_stay=False,
    )
    yield Corruption(
        name="a name too few",
        breaks=lambda lines, _n: _text([lines[0].removesuffix(",colour"), *lines[1:]]),
        names_stay=False,
    )
    yield Corruption(
        name="a name is missing",
        breaks=lambda lines, _n: _text([lines[0].replace("day", ""), *lines[1:]]),
        names_stay=False,
    )
    yield Corruption(name="a title above", breaks=lambda lines, _n: _text(["Sales of the year", "", *lines]))
    yield Corruption(
        name="titles with separators above",
        breaks=lambda lines, _n: _text(["Sales, all,,,", "by hand, 2024,,,", *lines]),
    )
    yield Corruption(name="remarks above", breaks=lambda lines, _n: _text(["# made by hand", "# in 2024", *lines]))
    yield Corruption(name="a line that names the separator", breaks=lambda lines, _n: _text(["sep=,", *lines]))


def _file_faults() -> Iterator[Corruption]:
    for name, end in (("carriage returns", "\r"), ("both line ends", "\r\n"), ("three letters as line end", "\r\r\n")):
        yield Corruption(name=f"lines end with {name}", breaks=_ended_by(end))
    yield Corruption(
        name="line ends of several kinds",
        breaks=lambda lines, _n: "".join(line + ("\n", "\r\n", "\r")[i % 3] for i, line in enumerate(lines)),
    )
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"):
        yield Corruption(name=f"written in {encoding}", breaks=_encoded_in(encoding))
    yield Corruption(name="a line in another encoding", breaks=_mixed)
    yield Corruption(name="NUL letters", breaks=_line(lambda line: line.replace(",", ",\0", 2)))
    yield Corruption(name="a byte-order mark in the middle", breaks=_line(lambda line: f"\ufeff{line}"))
    yield Corruption(name="a control letter", breaks=_line(lambda line: line.replace(",", ",\x0b", 1)))
    yield Corruption(
        name="spaces around separators", breaks=lambda lines, _n: _text([" , ".join(_cells(line)) for line in lines])
    )
    yield Corruption(name="another table below", breaks=_stacked)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def _line(change: Callable[[str], str]) -> Breaks:
    return lambda lines, n: _text([*lines[:n], change(lines[n]), *lines[n + 1 :]])


def _separated_by(separator: str) -> Breaks:
    return lambda lines, _n: _text([separator.join(_cells(line)) for line in lines])


def _ended_by(end: str) -> Breaks:
    return lambda lines, _n: end.join(lines) + end


def _encoded_in(encoding: str) -> Breaks:
    return lambda lines, _n: _text(lines).encode(encoding)


def _cells(line: str) -> list[str]:
    return re.findall(r'"[^"]*"|[^,]+', line)


def _two_open(lines: Lines, n: int) -> str:
    other = n + 7 if n + 7 < len(lines) else n - 7
    return _text([line.replace('",', ",", 1) if i in {n, other} else line for i, line in enumerate(lines)])


def _totals_below(lines: Lines, _n: int) -> str:
    return _text([*lines, "", "Total,33000,,,", "Mean,550,,,", "Source: the shop, by hand"])


def _mixed(lines: Lines, n: int) -> bytes:
    parts = [line.encode("latin-1" if i == n else "utf-8") for i, line in enumerate(lines)]
    return b"\n".join(parts) + b"\n"


def _stacked(lines: Lines, _n: int) -> str:
    other = [f"t{i},{i * 3},{i / 2}" for i in range(12)]
    return _text([*lines, "", "shop,visitors,hours", *other])


def lost(lines: Sequence[str], raw: RawTable) -> Counter[str]:
    """Count the words of a file that stand neither in the table read nor in what was left out."""
    kept = Counter(
        word
        for column in (raw.column(i) for i in range(len(raw.names)))
        for cell in column.dropna()
        for word in _WORDS.findall(cell)
    )
    for line in raw.left_out:
        kept.update(_WORDS.findall(line.text))
    for name in (*raw.names, *raw.original_names):
        kept.update(_WORDS.findall(name))
    return Counter(word for line in lines for word in _WORDS.findall(line)) - kept


def failure(corruption: Corruption, n: int, folder: Path) -> str:
    """Break a file, read it, and say what is wrong; empty where nothing is."""
    clean = clean_lines()
    text = corruption.breaks(clean, n)
    path = folder / "broken.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        raw = read_raw(path, ReadingOptions())
    except TableError as problem:
        return f"refused: {problem}"
    missing = lost(clean if isinstance(text, bytes) else [text], raw)
    if missing:
        return f"lost: {dict(missing)}"
    if corruption.n_rows is not None and raw.n_rows != corruption.n_rows:
        return f"{raw.n_rows} rows instead of {corruption.n_rows}"
    if corruption.names_stay and raw.names != tuple(clean[0].split(",")):
        return f"names: {raw.names}"
    return ""


def main() -> int:
    """Run all corruptions in several places and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", default="1,2,30,59,60", help="which lines are broken")
    places = [int(n) for n in parser.parse_args().lines.split(",")]
    n_wrong = n_all = 0
    with tempfile.TemporaryDirectory() as folder:
        for corruption in corruptions():
            wrong = {n: failure(corruption, n, Path(folder)) for n in places}
            n_all += len(wrong)
            n_wrong += sum(map(bool, wrong.values()))
            print("ok  " if not any(wrong.values()) else "LOST", corruption.name)
            for n, what in wrong.items():
                if what:
                    print(f"       line {n}: {what}")
    print(f"{n_all - n_wrong} of {n_all} corrupted files accounted for in full")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
