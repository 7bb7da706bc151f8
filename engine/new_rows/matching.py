"""Which column of a file is which column of a model: by names, and none twice."""

from collections.abc import Iterable, Mapping

from engine.table.schema import ColumnSchema


def matched(names: Iterable[str], columns: Iterable[ColumnSchema]) -> Mapping[str, str]:
    """Return the file's name of each column that the file has, by the schema's name.

    Own names go first: of two columns called x, the second is x_2, so that a file with a single x has only the first.

    >>> from engine.messages import Message
    >>> from engine.table.schema import Cells, Kind
    >>> plain = {"original_name": "x", "position": 0, "cells": Cells.TEXT, "reason": Message("x"), "kind": Kind.TEXT}
    >>> columns = [ColumnSchema(name=name, **plain) for name in ("x", "x_2")]
    >>> matched(["x.1", "x"], columns), matched(["x"], columns), matched(["x"], columns[1:])
    ({'x': 'x', 'x_2': 'x.1'}, {'x': 'x'}, {'x_2': 'x'})
    """
    columns, left = tuple(columns), dict.fromkeys(names)
    found: dict[str, str] = {}
    for accepted in (_own, _original):
        for column in columns:
            name = next((name for name in accepted(column) if name in left), None)
            if column.name not in found and name is not None:
                found[column.name] = name
                del left[name]
    return found


def _own(column: ColumnSchema) -> tuple[str, ...]:
    """Spreadsheet programs take "-x" for a formula, so tables made for them have an apostrophe before such names."""
    return (column.name, f"'{column.name}")


def _original(column: ColumnSchema) -> tuple[str, ...]:
    """Where pandas has written the file, a second x is x.1. A name is trimmed as it was when the table was read."""
    name = " ".join(column.original_name.split())
    second = column.name.removeprefix(f"{name}_")
    renamed = (f"{name}.{int(second) - 1}",) if second != column.name and second.isdecimal() else ()
    return (*renamed, name, f"'{name}")
