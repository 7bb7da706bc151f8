"""How a text file is cut into cells: separator, quotes, comments."""

import csv
import io
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


def cut(text: str | Sequence[str], separator: str, quote: str) -> list[Row]:
    """Cut a text, or its lines, into rows of cells; empty lines are left out."""
    source = io.StringIO(text, newline="") if isinstance(text, str) else text
    csv.field_size_limit(1 << 30)
    rows = csv.reader(
        source,
        delimiter=separator,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=separator != "\t",
    )
    return [row for row in rows if row]


def usual_width(rows: Sequence[Row]) -> int:
    """Return the most common number of cells."""
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
