"""Pieces of a page. Every text is escaped here, once; what these functions return is never escaped again."""

from collections.abc import Iterable, Sequence
from html import escape


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph; nothing for an empty text.

    >>> paragraph("a < b")
    '<p>a &lt; b</p>'
    """
    return f"<p{_class(kind)}>{escape(text)}</p>" if text else ""


def points(texts: Iterable[str]) -> str:
    """Return texts as a list; nothing without texts."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts if text)
    return f"<ul>{items}</ul>" if items else ""


def section(title: str, *blocks: str, name: str = "") -> str:
    """Return a part of the page with its heading; nothing when it is empty."""
    inside = "".join(blocks)
    anchor = f' id="{escape(name)}"' if name else ""
    return f"<section{anchor}><h2>{escape(title)}</h2>{inside}</section>\n" if inside else ""


def under(title: str, *blocks: str) -> str:
    """Return a part of a section with its heading; nothing when it is empty."""
    inside = "".join(blocks)
    return f"<h3>{escape(title)}</h3>{inside}" if inside else ""


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Sequence[int] = (),
    *,
    is_titled: bool = False,
) -> str:
    """Return a table whose first column names its rows; nothing without rows.

    `right`: places of columns of figures; `is_titled`: the heading above it says what it is, so its name is not shown.

    >>> table("T", ["a"], [["<b>"]])
    '<div class="wide" role="group" tabindex="0" aria-label="T"><table><caption>T</caption><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><th scope="row">&lt;b&gt;</th></tr></tbody></table></div>'
    """  # noqa: E501 - one line of HTML
    lines = [_row(row, right) for row in rows]
    if not lines:
        return ""
    names = "".join(
        f'<th scope="col"{_class("figure" if i in right else "")}>{escape(n)}</th>' for i, n in enumerate(head)
    )
    body = "".join(lines)
    named = escape(caption)
    return (
        f'<div class="wide" role="group" tabindex="0" aria-label="{named}">'
        f"<table><caption{_class('unseen' if is_titled else '')}>{named}</caption><thead><tr>{names}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def verbatim(text: str) -> str:
    """Return a text letter by letter."""
    return f"<pre>{escape(text)}</pre>"


def _row(row: Sequence[object], right: Sequence[int]) -> str:
    first, *others = (escape(str(cell)) for cell in row)
    cells = (f"<td{_class('figure' if i in right else '')}>{cell}</td>" for i, cell in enumerate(others, 1))
    return f'<tr><th scope="row">{first}</th>{"".join(cells)}</tr>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
