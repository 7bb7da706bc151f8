"""Where the table stands in a text file: what is above it, what names its columns, what is below."""

from dataclasses import dataclass
from pathlib import Path

from engine.table.dialect import Dialect, Row


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A text file that is UTF-8, and how to read it.

    `spans`: the bytes, from and to, in which the rows of the table stand, in order and whole lines each; what is
    outside has been read (names) or left out (titles, totals) already. `first_line`: the number in the file, from 1, of
    the first line of rows. `header`: the rows of names, none to three, as they stand. `originals`: one name for each
    column, put together from them; empty texts where there is no header. `n_before`: lines before the header.
    `is_regular`: nothing is known that would keep a simple reader from reading the spans.
    """

    path: Path
    dialect: Dialect
    n_before: int
    header: tuple[Row, ...]
    originals: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    first_line: int
    is_regular: bool = True

    @property
    def n_columns(self) -> int:
        """The number of cells of a regular row."""
        return len(self.originals)
