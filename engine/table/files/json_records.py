"""Finds the records of a JSON file, however they are wrapped: one a line, in an array, under a key, by column."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A part of the file that is no record. `line`: its number, or that of the entry in an array, from 1."""

    line: int
    text: str


# Numbers stay as they are written: no digit is lost, and no ".0" is added.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=lambda word: None if word == "NaN" else word)
_FIRST_LINES = 20
_DEEPEST = 3


@dataclass(frozen=True, kw_only=True)
class Records:
    """What was found. `each`: records (or rows: lists), and what is neither. `key`: where they stood; mostly empty."""

    each: Iterator[Record | list[Any] | Unread]
    key: str = ""


def find_records(path: Path) -> Records:
    """Find out how the records are wrapped; they are read while they are taken."""
    with path.open("rb") as file:
        encoding = json.detect_encoding(file.read(4))
    with path.open(encoding=encoding, errors="replace", newline="\n") as lines:
        first = [line for line in islice(lines, _FIRST_LINES) if line.strip()]
        if _is_one_a_line(first):
            return Records(each=_of_lines(path, encoding))
        lines.seek(0)
        text = lines.read()
    if text.lstrip()[:1] == "[":
        return Records(each=_of_array(text))
    value = _parsed(text)
    if not isinstance(value, dict):
        return Records(each=_one_after_the_other(text))
    key, entries = _inside(value)
    return Records(each=(_record(entry, n) for n, entry in enumerate(entries, start=1)), key=key)


def _is_one_a_line(first: list[str]) -> bool:
    whole = [_parsed(line) for line in first]
    n_whole = sum(isinstance(value, dict | list) for value in whole)
    return len(first) > 1 and n_whole > len(first) / 2


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text.strip())
    except (ValueError, RecursionError):
        return None


def _record(value: Any, line: int, text: str | None = None) -> Record | list[Any] | Unread:
    if isinstance(value, dict | list) and value:
        return value
    return Unread(line=line, text=(json.dumps(value) if text is None else text.strip())[:1000])


def _of_lines(path: Path, encoding: str) -> Iterator[Record | list[Any] | Unread]:
    with path.open(encoding=encoding, errors="replace", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _record(_parsed(line), number, line)


def _inside(document: Mapping[str, Any], above: str = "", depth: int = 0) -> tuple[str, list[Any]]:
    """Return the records of a document that is one object: the longest list of them, its columns, or itself."""
    lists = {key: value for key, value in document.items() if isinstance(value, list) and value}
    records = {key: value for key, value in lists.items() if all(isinstance(each, dict | list) for each in value)}
    if records:
        key = max(records, key=lambda each: len(records[each]))
        rows, names = records[key], document.get("columns")
        if isinstance(names, list) and all(isinstance(row, list) for row in rows):
            rows = [dict(zip(map(str, names), row, strict=False)) for row in rows]
        return above + key, rows
    if len(lists) == len(document) > 1 and len({len(value) for value in lists.values()}) == 1:
        return "", [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    inner = {key: value for key, value in document.items() if isinstance(value, dict) and value}
    if len(inner) == len(document) > 1 and len({tuple(value) for value in inner.values()}) == 1:
        return "", _crossed(inner)
    for key, value in inner.items():
        found, entries = _inside(value, f"{above}{key}.", depth + 1) if depth < _DEEPEST else ("", [])
        if found:
            return found, entries
    return "", [document]


def _crossed(objects: Mapping[str, Record]) -> list[Record]:
    """Return the rows of objects of equal keys: each is a column where those keys are row numbers, else a row."""
    rows = list(next(iter(objects.values())))
    if all(row.isdecimal() for row in rows):
        return [{name: column[row] for name, column in objects.items()} for row in rows]
    return list(objects.values())


def _of_array(text: str) -> Iterator[Record | list[Any] | Unread]:
    """Take the entries one by one, so that an array which is cut off gives all that are whole."""
    position, number = _next(text, text.index("[") + 1), 0
    while position < len(text) and text[position] != "]":
        number += 1
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            yield Unread(line=number, text=text[position : position + 1000])
            return
        yield _record(value, number, text[position:end])
        position = _next(text, end)
        if text[position : position + 1] == ",":
            position = _next(text, position + 1)
    rest = text[position + 1 :].strip()
    if position >= len(text) or rest:
        yield Unread(line=number + 1, text=rest[:1000])


def _one_after_the_other(text: str) -> Iterator[Record | list[Any] | Unread]:
    """Take records that follow each other, each over several lines."""
    position, number = _next(text, 0), 0
    while position < len(text):
        number += 1
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            yield Unread(line=number, text=text[position : position + 1000])
            return
        yield _record(value, number, text[position:end])
        position = _next(text, end)


def _next(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
