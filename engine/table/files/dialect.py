"""How a text file is cut into cells: separator, quotes, comments."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Row = list[str]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How to cut lines into cells.

    `separator`: one sign or several; a space stands for any number of spaces. `quote` is empty when quotes are ordinary
    letters. `escape`: the sign before a quote within quotes; empty when it is doubled. `has_padding`: spaces around
    cells belong to no cell. `comment`: what begins a line that is no row; empty for none.
    """

    separator: str
    quote: str = '"'
    escape: str = ""
    has_padding: bool = False
    comment: str = ""


def usual_width(rows: Sequence[Row]) -> int:
    """Return the most common number of cells."""
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
