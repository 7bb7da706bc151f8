"""Several tables in one file: blocks of rows with empty lines between them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.table.files.dialect import Row
from engine.table.files.header import surely_has_header
from engine.table.files.records import Record
from engine.table.files.totals import is_summary

_MOST_HEAD_ROWS = 30
_FEWEST_ROWS = 3
_MANY_ROWS = 10


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows that belong together. `first_line` to `end_line`: in the file, from 1, the latter behind the last row."""

    first_line: int
    end_line: int
    n_rows: int
    width: int
    is_table: bool


@dataclass
class _Block:
    """Rows without an empty line between them, or several such that belong together."""

    first_line: int
    end_line: int = 0
    n_rows: int = 0
    n_filled: int = 0
    widths: Counter[int] = field(default_factory=Counter)
    head: list[Row] = field(default_factory=list)

    @property
    def width(self) -> int:
        return self.widths.most_common(1)[0][0]

    @property
    def is_note(self) -> bool:
        """Say whether no row fills more than one cell."""
        return self.n_filled <= 1

    @property
    def is_new(self) -> bool:
        """Say whether these rows can be a table of their own."""
        if self.n_rows < _FEWEST_ROWS or self.width < 2 or self.widths[self.width] < 0.8 * self.n_rows:
            return False
        return not all(is_summary(row, [["0"] * len(row)]) for row in self.head)

    def add(self, record: Record) -> None:
        self.n_rows += 1
        self.end_line = record.line + record.n_lines
        self.widths[len(record.cells)] += 1
        self.n_filled = max(self.n_filled, sum(bool(cell.strip()) for cell in record.cells))
        if len(self.head) < _MOST_HEAD_ROWS:
            self.head.append(record.cells)

    def take(self, other: "_Block") -> None:
        self.n_rows += other.n_rows
        self.end_line = other.end_line
        self.widths.update(other.widths)
        if len(self.head) < _MOST_HEAD_ROWS:
            self.head += other.head[: _MOST_HEAD_ROWS - len(self.head)]


def find_sections(cut: Iterable[Record]) -> tuple[Section, ...]:
    """Return the parts of a file that may be tables, in order; remarks between them are none.

    >>> rows = ["a,b", "1,2", "3,4", "", "x,y,z", "1,2,3", "4,5,6"]
    >>> [section.width for section in find_sections(Record(n, row.split(",")) for n, row in enumerate(rows, 1))]
    [2, 3]
    """
    found: list[_Block] = []
    for block in _blocks(cut):
        if block.is_note:
            continue
        if found and _continues(found[-1], block):
            found[-1].take(block)
        else:
            found.append(block)
    return tuple(
        Section(
            first_line=block.first_line,
            end_line=block.end_line,
            n_rows=block.n_rows,
            width=block.width,
            is_table=block.is_new and (block.n_rows >= _MANY_ROWS or surely_has_header(block.head)),
        )
        for block in found
    )


def _blocks(cut: Iterable[Record]) -> Iterable[_Block]:
    block: _Block | None = None
    for record in cut:
        if record.is_blank:
            if block:
                yield block
            block = None
            continue
        block = block or _Block(record.line)
        block.add(record)
    if block:
        yield block


def _continues(section: _Block, block: _Block) -> bool:
    """Say whether a block goes on with the table above it."""
    if block.width == section.width:
        return not block.is_new or block.head[0] == section.head[0] or not _starts_anew(section.head, block.head)
    return not block.is_new and section.n_rows > 1


def _starts_anew(above: Sequence[Row], below: Sequence[Row]) -> bool:
    return surely_has_header(below) and (len(above) < _FEWEST_ROWS or surely_has_header([below[0], *above[1:]]))
