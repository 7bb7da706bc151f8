"""Which kind of file it is: what stands in it decides, then what it is called."""

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.files import suffixes
from engine.table.files.archives import PROBLEMS, ZIP_MARKS, is_stream
from engine.table.files.delimited import read_delimited
from engine.table.files.feather import FILE_MARK, OLD_MARK, STREAM_MARK, read_feather
from engine.table.files.json_lines import read_json
from engine.table.files.parquet import read_parquet
from engine.table.files.raw import Reader
from engine.table.files.sqlite import read_sqlite
from engine.table.files.sqlite_file import MARK
from engine.table.files.workbooks import OLE_MARK, read_workbook

UNKNOWN_KIND = phrase(
    "table_unknown_kind",
    "{name} is not a kind of file that can be read as a table.",
    "Choose one of these: {choices}.",
)
OTHER_FORMAT = phrase(
    "table_other_format",
    "{name} is a file of the kind {format}, which cannot be read as a table.",
    "Save or export the table as CSV, Excel or Parquet and choose that file.",
)
XML_WORKBOOK = phrase(
    "table_xml_workbook",
    "{name} is a spreadsheet in an old XML format.",
    "Open it in a spreadsheet program and save it as .xlsx.",
)
WRONG_NAME = phrase(
    "read_wrong_name",
    "The name ends in {suffix}, but what is in the file is {format}; it was read as that.",
)


@dataclass(frozen=True, kw_only=True)
class Format:
    """One kind of file. `label`: for messages."""

    label: str
    suffixes: tuple[str, ...]
    read: Reader


TEXT = Format(label="CSV", suffixes=suffixes.TEXT, read=read_delimited)
WORKBOOK = Format(label="Excel or OpenDocument", suffixes=suffixes.WORKBOOK, read=read_workbook)
PARQUET = Format(label="Parquet", suffixes=suffixes.PARQUET, read=read_parquet)
ARROW = Format(label="Arrow or Feather", suffixes=suffixes.ARROW, read=read_feather)
JSON = Format(label="JSON", suffixes=suffixes.JSON, read=read_json)
SQLITE = Format(label="SQLite", suffixes=suffixes.SQLITE, read=read_sqlite)
FORMATS = (TEXT, WORKBOOK, PARQUET, ARROW, JSON, SQLITE)
_MARKS: Mapping[bytes, Format] = {
    b"PAR1": PARQUET,
    FILE_MARK: ARROW,
    OLD_MARK: ARROW,
    STREAM_MARK: ARROW,
    MARK: SQLITE,
    OLE_MARK: WORKBOOK,
}
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x89HDF": "HDF5",
    b"$FL2": "SPSS",
    b"<stata_dta>": "Stata",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"RDX": "R",
    b"RDA": "R",
}
_WORKBOOK_PARTS = ("xl/", "content.xml", "[Content_Types].xml", "mimetype")
_OTHER_DOCUMENTS = {"word/": "Word", "ppt/": "PowerPoint", "visio/": "Visio"}
_XML_SHEET = re.compile(rb"progid=.Excel\.Sheet|schemas-microsoft-com:office:spreadsheet|opendocument:xmlns:office")
_JSON_START = re.compile(r"\s*(\{\s*[\"}]|\[\s*[\[{\]])")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def find_format(path: Path, head: bytes, called: str, name: str) -> tuple[Format, tuple[Message, ...]]:
    """Choose by the first bytes of a file, then by what it is called; `name` is for messages.

    Raises TableError when it is a kind of file that holds no table, or none that can be read.
    """
    suffix = PurePath(called).suffix.lower()
    promised = next((known for known in FORMATS if suffix in known.suffixes), None)
    found = _by_content(path, head, name) or _by_name(head, promised, suffix, name)
    told = promised is not None and found is not promised
    return found, (WRONG_NAME(suffix=suffix, format=found.label),) if told else ()


def is_packed(path: Path, head: bytes, called: str) -> bool:
    """Say whether a file has to be unpacked first; spreadsheets are zip archives too, but they have not."""
    if not head.startswith(ZIP_MARKS):
        return is_stream(head)
    inside = _members(path)
    return not any(_begins(inside, part) for part in (*_WORKBOOK_PARTS, *_OTHER_DOCUMENTS)) and (
        bool(inside) or PurePath(called).suffix.lower() not in suffixes.WORKBOOK
    )


def _by_content(path: Path, head: bytes, name: str) -> Format | None:
    if head.startswith(ZIP_MARKS):
        other = next((label for part, label in _OTHER_DOCUMENTS.items() if _begins(_members(path), part)), None)
        if other is None:
            return WORKBOOK
        raise TableError(OTHER_FORMAT(name=name, format=other))
    for mark, known in _MARKS.items():
        if head.startswith(mark):
            return known
    other = next((label for mark, label in _OTHERS.items() if head.startswith(mark)), None)
    if other or head[257:262] == b"ustar":
        raise TableError(OTHER_FORMAT(name=name, format=other or "tar"))
    if head.lstrip().startswith(b"<") and _XML_SHEET.search(head):
        raise TableError(XML_WORKBOOK(name=name))
    text = head.decode(json.detect_encoding(head), errors="replace")
    return JSON if _JSON_START.match(text) else None


def _by_name(head: bytes, promised: Format | None, suffix: str, name: str) -> Format:
    binary = b"\0" in head and not head.startswith(_WIDE_MARKS)
    if promised is JSON:
        return JSON if b"{" in head or b"[" in head else TEXT
    if promised not in {None, TEXT}:
        return promised if binary else TEXT
    if promised is None and suffix and binary:
        raise TableError(UNKNOWN_KIND(name=name, choices=_choices()))
    return TEXT


def _choices() -> str:
    return ", ".join((*suffixes.TEXT[:3], *suffixes.WORKBOOK[:2], *(each.suffixes[0] for each in FORMATS[2:]), ".zip"))


def _members(path: Path) -> list[str]:
    """Return what is in a zip archive; nothing where it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except PROBLEMS:
        return []


def _begins(members: list[str], part: str) -> bool:
    return any(member.startswith(part) for member in members)
