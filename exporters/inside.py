"""Which of the person's values a model file holds: who gets the file can read them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.table.columns.judgement import MISSING_AMONG_NUMBERS
from engine.table.schema import ColumnSchema, ReadingRules


def values_inside(path: Path, columns: Iterable[ColumnSchema]) -> dict[str, tuple[str, ...]]:
    """Return by column the texts of the training table that stand in the file: levels, words, spellings.

    They are in the label encoders of the graph, and in the reading rules that the file carries.
    """
    import onnx

    graph = onnx.load(str(path)).graph
    sources = _sources(graph)
    found: dict[str, dict[str, None]] = {column.name: {} for column in columns}
    for node in graph.node:
        if node.op_type == "LabelEncoder":
            for name in sources[node.output[0]]:
                found[name].update(dict.fromkeys(_keys(node)))
    for column in columns:
        found[column.name].update(dict.fromkeys(_written(column.rules)))
    return {name: tuple(values) for name, values in found.items() if values}


def _written(rules: ReadingRules) -> list[str]:
    """Return the texts that the rules of one column name, without those that every column of its kind is given."""
    own = [word for word in rules.missing if word not in MISSING_AMONG_NUMBERS]
    return [*(text for pair in rules.same for text in pair), *own, *rules.prefixes, *rules.suffixes]


def _sources(graph: Any) -> Mapping[str, frozenset[str]]:
    """Return for each value of a graph the inputs that it is made from."""
    found: dict[str, frozenset[str]] = {value.name: frozenset([value.name]) for value in graph.input}
    for node in graph.node:
        made = frozenset(name for each in node.input for name in found.get(each, ()))
        found.update(dict.fromkeys(node.output, made))
    return found


def _keys(node: Any) -> list[str]:
    keys = []
    for attribute in node.attribute:
        if attribute.name in {"keys_tensor", "keys_strings"}:
            keys += [key.decode() for key in (*attribute.strings, *attribute.t.string_data)]
    return [key for key in keys if key]
