"""Whether another table begins behind an empty line of a long file, without cutting all of it into cells."""

from collections.abc import Iterator

from engine.table.files.layout import Layout
from engine.table.files.records import Record, records
from engine.table.files.sections import find_sections
from engine.table.files.text_lines import text_lines

_BLOCK_BYTES = 1 << 24
_MOST_PAUSES = 100
_BYTES_ABOVE, _BYTES_BELOW = 5_000, 20_000


def has_more_tables(layout: Layout) -> bool:
    """Say whether another table begins behind one of the first hundred empty lines."""
    return any(_begins_table(layout, place) for place in _pauses(layout))


def _pauses(layout: Layout) -> Iterator[int]:
    """Yield where empty lines stand, in bytes."""
    (start, end) = layout.spans[0]
    n_found = 0
    with layout.path.open("rb") as file:
        file.seek(start)
        place, last = start, b""
        while n_found < _MOST_PAUSES and (block := file.read(min(_BLOCK_BYTES, end - place))):
            joined = last + block
            for pause in (b"\n\n", b"\n\r\n"):
                found = joined.find(pause)
                while found >= 0 and n_found < _MOST_PAUSES:
                    yield place - len(last) + found + 1
                    n_found += 1
                    found = joined.find(pause, found + 1)
            place += len(block)
            last = joined[-2:]


def _begins_table(layout: Layout, place: int) -> bool:
    (start, end) = layout.spans[0]
    above = text_lines(layout.path, start, min(start + _BYTES_ABOVE, place))
    below = text_lines(layout.path, place, min(place + _BYTES_BELOW, end))
    names = [Record(0, list(row)) for row in layout.header]
    cut = records([*above, *below], layout.dialect, n_columns=layout.n_columns)
    return sum(section.is_table for section in find_sections([*names, *cut])) > 1
