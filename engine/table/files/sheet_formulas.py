"""Counts, in the XML of an Excel sheet, what a reader cannot tell from an empty cell: errors, and formulas unsolved."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from engine.table.files.archives import PROBLEMS

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*\w+:id=\"([^\"]+)\"")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ERROR = re.compile(rb"<(?:\w+:)?c\s[^>]*\bt=\"e\"[^>]*>(?!\s*</)")
_UNSOLVED = re.compile(
    rb"<(?:\w+:)?c(?![^>]*\bt=\"str\")(?:\s[^>]*)?>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_END_OF_ROW = re.compile(rb"</(?:\w+:)?row>")
_BLOCK_BYTES = 1 << 24
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"


def count_lacking(path: Path, sheet: int) -> tuple[int, int]:
    """Return how many cells of a sheet hold errors, and how many formulas have no result. `sheet`: its place, from 0.

    Files of another kind, or built in another way, give zeros.
    """
    n_errors = n_unsolved = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for text in _rows(archive, sheet):
                n_errors += sum(1 for _ in _ERROR.finditer(text))
                n_unsolved += sum(1 for _ in _UNSOLVED.finditer(text))
    except (*PROBLEMS, KeyError, IndexError, RuntimeError):
        return 0, 0
    return n_errors, n_unsolved


def _rows(archive: zipfile.ZipFile, sheet: int) -> Iterator[bytes]:
    """Yield the XML of a sheet in pieces of whole rows."""
    rest = b""
    with archive.open(_member(archive, sheet)) as file:
        while block := file.read(_BLOCK_BYTES):
            text = rest + block
            end = max((found.end() for found in _END_OF_ROW.finditer(text)), default=0)
            yield text[:end]
            rest = text[end:]
    yield rest


def _member(archive: zipfile.ZipFile, sheet: int) -> str:
    identifier = _SHEET.findall(archive.read(_WORKBOOK))[sheet]
    for relation in _RELATION.findall(archive.read(_RELATIONS)):
        facts = dict(re.findall(rb"(\w+)=\"([^\"]*)\"", relation))
        if facts.get(b"Id") == identifier:
            target = facts[b"Target"].decode()
            return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    raise KeyError(sheet)
