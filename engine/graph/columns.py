"""Reads the cells of a table inside the graph: each column once, however many pipelines use it."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Tensor, Var, argument

from engine.graph.calendar import calendar
from engine.table.schema import Cells, ColumnSchema

# Digits and exponent are bounded so that the conversion can neither overflow nor underflow, which would be an error.
NUMBER_PATTERN = r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?"

MADE = " made "
"""The output of a graph that nobody but us runs: no column has a space at an end of its name."""

Vocabulary = tuple[str, ...]


class ColumnReader:
    """The inputs of a graph and the few ways of reading them. Every reading is made once and shared.

    `vocabularies`: for each column whose levels are looked up, all levels that any pipeline of the graph knows;
    the empty text is the level "missing".
    """

    def __init__(self, columns: Iterable[ColumnSchema], vocabularies: Mapping[str, Vocabulary] | None = None) -> None:
        self.columns = {column.name: column for column in columns}
        self.inputs: dict[str, Var] = {
            column.name: argument(Tensor(np.float64 if column.cells is Cells.NUMBER else np.str_, ("N", 1)))
            for column in self.columns.values()
        }
        self._vocabularies = dict(vocabularies or {})
        self._made: dict[tuple[object, ...], Var] = {}

    def text(self, name: str) -> Var:
        """Return a text column as it is: strings [N, 1]."""
        return self.inputs[name]

    def numbers(self, names: tuple[str, ...]) -> Var:
        """Return columns as doubles [N, len(names)]; what is not a number is NaN."""
        return self._once(("numbers", names), lambda: self._numbers(names))

    def dates(self, name: str) -> Var:
        """Return a date column as calendar numbers: doubles [N, len(FIELDS)], all NaN where there is no date."""
        return self._once(("dates", name), lambda: calendar(self.inputs[name], self.columns[name].date_formats))

    def zeros(self) -> Var:
        """Return a column of zeros, for a model that needs no cells: float32 [N, 1]."""
        any_input = next(iter(self.inputs.values()))
        return op.expand(op.const(np.zeros((1, 1), np.float32)), op.shape(any_input))

    def codes(self, vocabularies: Mapping[str, Vocabulary]) -> Var:
        """Return the position of each cell in its column's vocabulary: int64 [N, number of columns].

        A cell that is not in the vocabulary gets the position after the last.
        """
        names = tuple(vocabularies)
        shared = [self._shared(name, vocabularies[name]) for name in names]
        ids = self._once(("levels", names), lambda: op.concat([self._level(n) for n in names], axis=1))
        if all(own == all_levels for own, all_levels in zip(vocabularies.values(), shared, strict=True)):
            return ids
        tables = [_positions(own, every) for own, every in zip(vocabularies.values(), shared, strict=True)]
        offsets = np.cumsum([0, *(len(table) for table in tables[:-1])])
        return op.gather(op.const(np.concatenate(tables)), op.add(ids, op.const(offsets[None, :])))

    def _shared(self, name: str, own: Vocabulary) -> Vocabulary:
        return self._vocabularies.setdefault(name, own)

    def _level(self, name: str) -> Var:
        return self._once(("level", name), lambda: self._look_up(name))

    def _look_up(self, name: str) -> Var:
        levels = self._vocabularies[name]
        other = np.array([len(levels)])
        if self.columns[name].cells is Cells.TEXT:
            positions = np.arange(len(levels))
            keys = np.array(levels, dtype=np.str_)
            return ml.label_encoder(self.inputs[name], keys_tensor=keys, values_tensor=positions, default_tensor=other)
        known = [(float(level), position) for position, level in enumerate(levels) if level]
        found = ml.label_encoder(
            self.inputs[name],
            keys_tensor=np.array([key for key, _ in known] or [0.0]),
            values_tensor=np.array([position for _, position in known] or other),
            default_tensor=other,
        )
        missing = np.array(levels.index("") if "" in levels else len(levels))
        return op.where(op.isnan(self.inputs[name]), op.const(missing), found)

    def _numbers(self, names: tuple[str, ...]) -> Var:
        plain = [name for name in names if self.columns[name].cells is Cells.NUMBER]
        texts = [name for name in names if self.columns[name].cells is Cells.TEXT]
        blocks = [op.concat([self.inputs[name] for name in plain], axis=1)] if plain else []
        if texts:
            cells = op.concat([self.inputs[name] for name in texts], axis=1)
            readable = op.regex_full_match(cells, pattern=NUMBER_PATTERN)
            blocks.append(op.cast(op.where(readable, cells, op.const(np.array("nan"))), to=np.float64))
        both = op.concat(blocks, axis=1) if len(blocks) > 1 else blocks[0]
        order = [(plain + texts).index(name) for name in names]
        return both if order == sorted(order) else op.gather(both, op.const(np.array(order)), axis=1)

    def _once(self, key: tuple[object, ...], make: Callable[[], Var]) -> Var:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def union(vocabularies: Iterable[Mapping[str, Vocabulary]]) -> dict[str, Vocabulary]:
    """Merge what several pipelines look up into one sorted vocabulary per column.

    >>> union([{"colour": ("", "red")}, {"colour": ("blue", "red")}])
    {'colour': ('', 'blue', 'red')}
    """
    merged: dict[str, set[str]] = {}
    for each in vocabularies:
        for name, levels in each.items():
            merged.setdefault(name, set()).update(levels)
    return {name: tuple(sorted(levels)) for name, levels in merged.items()}


def _positions(own: Vocabulary, every: Vocabulary) -> NDArray[np.int64]:
    position = {level: i for i, level in enumerate(own)}
    return np.array([position.get(level, len(own)) for level in every] + [len(own)])
