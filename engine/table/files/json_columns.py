"""Records become columns: what is inside a record gets a column of its own, under all the keys that lead to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.table.files.cell_text import cell_text
from engine.table.files.json_records import Record
from engine.table.files.kept_texts import TextsWriter, is_enough
from engine.table.files.limits import refuse_too_many_columns

Keys = tuple[str, ...]


@dataclass(kw_only=True)
class JsonColumns:
    """Takes records one by one and writes their cells; a record without a key has an empty cell there.

    `positions`: of the columns, by the keys that lead to them, in the order in which they came. `lists`: columns with
    lists in them, and whether all their items are plain.
    """

    name: str
    writer: TextsWriter
    positions: dict[Keys, int] = field(default_factory=dict)
    lists: dict[int, bool] = field(default_factory=dict)
    _filled: set[int] = field(default_factory=set)
    _cells: dict[int, list[str | None]] = field(default_factory=dict)
    _n_rows: int = 0
    _n_letters: int = 0

    def add(self, record: Record) -> None:
        """Take a record; raises TableError when there are too many different keys."""
        for keys, value in leaves(record):
            position = self.positions.setdefault(keys, len(self.positions))
            if isinstance(value, list):
                self.lists[position] = self.lists.get(position, True) and all(map(_is_plain, value))
            text = value or None if isinstance(value, str) else cell_text(value)
            if text is not None:
                self._filled.add(position)
                self._n_letters += len(text)
            cells = self._cells.setdefault(position, [])
            if len(cells) < self._n_rows:
                cells += [None] * (self._n_rows - len(cells))
            cells.append(text)
        refuse_too_many_columns(len(self.positions), self.name)
        self._n_rows += 1
        if is_enough(self._n_rows, len(self._cells), self._n_letters):
            self.write()

    def write(self) -> None:
        """Write what is waiting."""
        if self._n_rows:
            for cells in self._cells.values():
                cells += [None] * (self._n_rows - len(cells))
            self.writer.write_columns(self._cells)
            self._cells, self._n_rows, self._n_letters = {}, 0, 0

    def columns(self) -> dict[Keys, int]:
        """Return the columns, without those that are always empty where other records have records of their own."""
        empty = {keys for keys, position in self.positions.items() if position not in self._filled}
        above = {keys[:n] for keys in self.positions for n in range(1, len(keys))} & empty if empty else set()
        return {keys: position for keys, position in self.positions.items() if keys not in above}


def leaves(record: Record) -> Iterator[tuple[Keys, Any]]:
    """Yield what is in a record and in the records inside it, with the keys that lead there.

    >>> list(leaves({"a.b": 1, "a": {"b": 2, "c": {}}}))
    [(('a.b',), 1), (('a', 'b'), 2), (('a', 'c'), None)]
    """
    waiting: list[tuple[Keys, Any]] = [((key,), value) for key, value in reversed(record.items())]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [((*keys, key), inner) for key, inner in reversed(value.items())]
        else:
            yield keys, None if value == {} else value


def _is_plain(item: object) -> bool:
    return not isinstance(item, list | dict)
