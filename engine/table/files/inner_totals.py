"""Rows within a table that sum up the rows above them, such as subtotals: known by a word, gaps and their sums."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.table.files.dialect import Row
from engine.table.files.raw import Texts
from engine.table.files.written_sums import decimals, told_numbers

# The word that tells stands in one of the first columns.
_LABEL_COLUMNS = 4
_SAMPLE_ROWS = 500
# Where more rows look like sums, they are a usual thing of the table.
_MOST_FOUND = 50_000
_MOST_SUMMED_COLUMNS = 100
_FEWEST_DIGITS_SUMMED = 1_000
_SAMPLE_FILLED = 0.6
_WORDS = (
    r"(?:grand|sub|overall|running|partial)?[- ]?totals?|(?:gesamt|zwischen|teil|end)?summen?|"
    r"(?:zwischen|teil)ergebnis|insgesamt|gesamt|sums?|somme|sous[- ]total|(?:sub)?totale?s?|"
    r"soma|suma|somma|(?:sub|tussen)?totaal|(?:del|väli)?summa|razem|ogółem|celkem|mezisoučet|spolu|"
    r"összesen|részösszeg|(?:ara |genel )?toplam|(?:промежуточный )?итог[ио]?|подытог|всего|сумма|всього|разом"
)
_SIGNS = (
    r"小\s*计|合\s*计|总\s*计|共\s*计|汇总|小\s*計|合\s*計|總\s*計|総\s*計|소\s*계|합\s*계|총\s*계|المجموع|الإجمالي"
)
_LABEL = re.compile(
    rf"[*\-\s]*(?:({_WORDS})(?:[\s:：.\-–(].{{0,60}})?|({_SIGNS}).{{0,20}}|"
    rf".{{1,60}}[\s:：\-–]({_WORDS}|ergebnis)\s*[:：]?|.{{1,20}}({_SIGNS}|計|계)\s*[:：]?)",
    re.IGNORECASE | re.DOTALL,
)
# What Arrow can look for: any of the words at the beginning or the end.
_HINT = rf"(?is)^[*\-\s]*(?:{_WORDS}|{_SIGNS})|(?:{_WORDS}|ergebnis|{_SIGNS}|計|계)\s*[:：]?\s*$"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be a sum. `row`: its place, from 0. `line`: in the file. `key`: where a word stands, and which."""

    row: int
    line: int
    cells: Row
    key: tuple[int, str]


@dataclass
class InnerTotals:
    """Looks at the rows that go by, and keeps those that may be sums of the rows above."""

    n_rows: int = 0
    _sample: list[Row] = field(default_factory=list)
    _found: list[Candidate] = field(default_factory=list)

    @property
    def is_looking(self) -> bool:
        """Say whether it is still worth while to look at rows."""
        return len(self._found) <= _MOST_FOUND

    def see(self, cells: Row, line: int) -> None:
        """Look at the next row of the table."""
        self.look_at(cells, line, self.n_rows)
        self.n_rows += 1

    def look_at(self, cells: Row, line: int, row: int) -> None:
        """Look at a row of which the place is known."""
        key = _key(cells) if self.is_looking and "" in cells else None
        if key:
            self._found.append(Candidate(row, line, cells, key))
        elif len(self._sample) < _SAMPLE_ROWS:
            self._sample.append(cells)

    def take_sample(self, table: pa.Table) -> None:
        """Know from the first rows which columns are usually filled, and with what."""
        rows = [cells_of(table, row) for row in range(min(len(table), _SAMPLE_ROWS))]
        self._sample += [cells for cells in rows if not ("" in cells and _key(cells))]

    def proven(self, texts: Texts) -> list[Candidate]:
        """Return the rows that are sums: for some of them the numbers above prove it, and the others are like them."""
        found = sorted((each for each in self._found if each.row < texts.n_rows), key=lambda each: each.row)
        if not found or not self.is_looking or len(self._sample) < 2:
            return []
        usual = _usually_filled(self._sample)
        text_columns = [i for i in usual if not _is_of_numbers(self._sample, i)]
        found = [each for each in found if _has_gaps(each, usual, text_columns)]
        if not found or 2 * len(found) > texts.n_rows:
            return []
        evidence = _Evidence(found, texts)
        keys = {each.key for each in found}
        sums = {key for key in keys if evidence.proves(key) and _are_alike(key, found, texts)}
        return [each for each in found if each.key in sums]


def cells_of(table: pa.Table, row: int) -> Row:
    """Return the cells of one row of a piece of a table."""
    return [str(column[row].as_py() or "") for column in table.columns]


def rows_with_hints(table: pa.Table) -> list[int]:
    """Return the rows of a piece of a table that have a gap, and a word for a sum in one of the first columns."""
    gaps = [column.is_null() for column in table.columns if 0 < column.null_count < _SAMPLE_FILLED * len(table)]
    if not gaps:
        return []
    with_gap = gaps[0]
    for each in gaps[1:]:
        with_gap = pc.or_(with_gap, each)
    places = pc.indices_nonzero(with_gap)
    hints = None
    for column in table.columns[:_LABEL_COLUMNS]:
        found = pc.match_substring_regex(pc.fill_null(column.take(places), ""), _HINT)
        hints = found if hints is None else pc.or_(hints, found)
    return list(pc.filter(places, hints).to_pylist())


def _key(cells: Row) -> tuple[int, str] | None:
    """Return in which column a row says that it is a sum, and by which word.

    >>> _key(["", "Subtotal North", "", "7"]), _key(["North Total", "", "7"]), _key(["Totally", ""])
    ((1, 'subtotal'), (0, 'total'), None)
    """
    for i, cell in enumerate(cells[:_LABEL_COLUMNS]):
        found = _LABEL.fullmatch(cell.strip()) if cell else None
        if found:
            word = next(group for group in found.groups() if group)
            return i, "".join(word.casefold().split())
    return None


def _usually_filled(rows: Sequence[Row]) -> list[int]:
    n_columns = max(map(len, rows))
    n_filled = [sum(bool(row[i].strip()) for row in rows if i < len(row)) for i in range(n_columns)]
    return [i for i, n in enumerate(n_filled) if n > 0.8 * len(rows)]


def _is_of_numbers(rows: Sequence[Row], i: int) -> bool:
    cells = [row[i] for row in rows if i < len(row) and row[i].strip()]
    n_numbers = max(int(np.isfinite(told_numbers(cells, decimal)).sum()) for decimal in ".,")
    return n_numbers > 0.5 * len(cells)


def _has_gaps(each: Candidate, usual: Sequence[int], text_columns: Sequence[int]) -> bool:
    """Say whether a third of what is usually filled is empty, or whatever text stands behind the word."""
    n_gaps = sum(not each.cells[i].strip() for i in usual)
    texts = [i for i in text_columns if i > each.key[0]]
    return n_gaps >= max(1, len(usual) / 3) or (bool(texts) and not any(each.cells[i].strip() for i in texts))


def _are_alike(key: tuple[int, str], found: Sequence[Candidate], texts: Texts) -> bool:
    """Say whether no other row has such a word: "Total" may be the name of something."""
    label, rows = key[0], {each.row for each in found}
    column = texts.column(label).reset_index(drop=True).dropna()
    hinted = column[pd.array(pc.match_substring_regex(pa.array(column, pa.string()), _HINT).to_numpy(False), "bool")]
    return all(row in rows or _key([""] * label + [cell]) != key for row, cell in hinted.items())


class _Evidence:
    """What the numbers above say about rows that may be their sums."""

    def __init__(self, found: Sequence[Candidate], texts: Texts) -> None:
        self._found = found
        self._n_same = dict.fromkeys((each.row for each in found), 0)
        self._beyond_chance: set[int] = set()
        columns = {i: [each.cells[i] for each in found] for i in range(texts.n_columns)}
        columns = {i: told for i, told in columns.items() if any(_holds_numbers(told, decimal) for decimal in ".,")}
        for i, told in islice(columns.items(), _MOST_SUMMED_COLUMNS):
            cells = texts.column(i).fillna("").tolist()
            for decimal in ".,":
                for row in set(self._sums(told_numbers(cells, decimal), told, decimal)):
                    self._n_same[row] += 1

    def proves(self, key: tuple[int, str]) -> bool:
        """Say whether rows with this word are sums: one beyond chance, or most of several."""
        rows = [each.row for each in self._found if each.key == key]
        n_proven = sum(self._n_same[row] > 0 for row in rows)
        if self._beyond_chance.intersection(rows):
            return True
        return n_proven > 1 and 2 * n_proven >= len(rows)

    def _sums(self, numbers: Floats, told_cells: Sequence[str], decimal: str) -> Iterator[int]:
        """Yield the rows that hold the sum of those since the last of their kind, of any kind, or the first."""
        rows = [each.row for each in self._found]
        told = told_numbers(told_cells, decimal)
        above = np.nan_to_num(numbers)
        above[rows] = 0.0
        to_here, n_to_here = np.append(0.0, above.cumsum()), np.append(0, (above != 0).cumsum())
        last: dict[tuple[int, str], int] = {}
        before = 0
        for each, number, cell in zip(self._found, told, told_cells, strict=True):
            for start in {before, last.get(each.key, 0), 0} if np.isfinite(number) and number else ():
                n_summed, total = int(n_to_here[each.row] - n_to_here[start]), to_here[each.row] - to_here[start]
                n_decimals = decimals(cell, decimal)
                rounding = 10.0**-n_decimals * n_summed**0.5 if n_decimals else 0.0
                within = max(1e-6 * abs(number), min(rounding, 1e-3 * abs(number)))
                if n_summed > 1 and abs(total - number) <= within:
                    if n_summed > 2 and abs(number) * 10**n_decimals >= _FEWEST_DIGITS_SUMMED:
                        self._beyond_chance.add(each.row)
                    yield each.row
            before = last[each.key] = each.row + 1


def _holds_numbers(cells: Sequence[str], decimal: str) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and bool(np.isfinite(told_numbers(filled, decimal)).any())
