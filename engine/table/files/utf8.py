"""A text file in any encoding becomes a UTF-8 file that can be read in parts."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.files.encoding import MIXED, SAMPLE_BYTES, chunks, find_encoding, first_stray, other_encoding
from engine.table.files.raw import Source

LETTERS_DOUBTED = phrase(
    "read_letters_doubted",
    "So few letters tell how the file was written that it could also be read as {encoding}.",
    "Look at names and texts; where letters are wrong, choose that encoding.",
)
DECODED = phrase("read_decoded", "The file is not UTF-8; its letters were read as {encoding}.")
NULS_REMOVED = phrase("read_nuls", "NUL characters removed: {n}.")
CONTROLS_REMOVED = phrase("read_controls", "Control characters, which nobody sees, removed: {n}.")
MARKS_REMOVED = phrase("read_marks", "Byte-order marks in the middle of the file removed: {n}.")
UNREADABLE_LETTERS = phrase(
    "read_bad_letters", "Letters that could not be read, shown as a question mark in a box: {n}."
)
BINARY = phrase(
    "table_binary",
    "{name} is not a text file, although its name says so.",
    "Save the table as CSV, Excel or Parquet and choose that file.",
)

WRONG_ENCODING = phrase(
    "table_wrong_encoding",
    "{name} is not written in {encoding}: its letters cannot be read.",
    "Leave the encoding open, or choose another one.",
)

_STRAYS = re.compile("[\udc80-\udcff]")
_MARK = codecs.BOM_UTF8
# Signs that some databases write between cells.
_MAY_SEPARATE = (b"\x01", b"\x1f")
_CONTROLS = bytes(code for code in (*range(1, 32), 127) if code not in b"\t\n\r")
_MOST_BAD = 0.1


@dataclass(frozen=True, kw_only=True)
class Utf8File:
    """A UTF-8 file without byte-order marks and control letters, whose lines end with line feeds.

    `encoding`: of the original. `done`: what was done to make it.
    """

    path: Path
    encoding: str
    done: tuple[Message, ...]


def write_utf8(source: Source, encoding: str | None = None) -> Utf8File:
    """Return the file itself where it is plain UTF-8, else a copy in the source's room.

    Raises TableError when it is no text, when there is no such encoding, or when it is written in another one.
    """
    name, n_mark_bytes = find_encoding(source.path, encoding)
    with source.path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if not name.startswith(("utf-16", "utf-32")):
        _refuse_binary(head, source.name)
    elif encoding and not _has_line_ends(head[n_mark_bytes:], name):
        raise TableError(WRONG_ENCODING(name=source.name, encoding=encoding))
    removed = _removed_controls(head)
    is_sound = name == "utf-8" and (encoding is None or first_stray(source.path) is None)
    if is_sound and not n_mark_bytes and _is_plain(source.path, removed):
        return Utf8File(path=source.path, encoding=name, done=())
    counts = _Counts()
    path = source.room / "text.csv"
    with path.open("wb") as file:
        n_bytes = 0
        for piece in _line_ends(_cleaned(_decoded(source.path, name, n_mark_bytes, counts), removed, counts)):
            n_bytes += file.write(piece)
    if counts.n_bad > _MOST_BAD * n_bytes:
        wrong = WRONG_ENCODING(name=source.name, encoding=encoding) if encoding else BINARY(name=source.name)
        raise TableError(wrong)
    other = "" if encoding else other_encoding(source.path, name)
    doubt = [LETTERS_DOUBTED(encoding=other)] if other else []
    return Utf8File(path=path, encoding=name, done=(*counts.messages(name), *doubt))


@dataclass
class _Counts:
    """What was changed so far."""

    n_nuls: int = 0
    n_controls: int = 0
    n_marks: int = 0
    n_bad: int = 0

    def messages(self, encoding: str) -> tuple[Message, ...]:
        told = [DECODED(encoding=encoding)] if encoding != "utf-8" else []
        counted = (
            (UNREADABLE_LETTERS, self.n_bad),
            (NULS_REMOVED, self.n_nuls),
            (CONTROLS_REMOVED, self.n_controls),
            (MARKS_REMOVED, self.n_marks),
        )
        return (*told, *(say(n=n) for say, n in counted if n))


def _refuse_binary(head: bytes, name: str) -> None:
    controls = bytes(code for code in _CONTROLS if code not in b"\x0c\x1a\x1b")
    n_control = len(head) - len(head.translate(None, controls))
    n_separating = max(head.count(each) for each in _MAY_SEPARATE)
    if n_control - n_separating > 0.02 * len(head):
        raise TableError(BINARY(name=name))


def _has_line_ends(head: bytes, encoding: str) -> bool:
    """Say whether lines end in this encoding, if bytes that end lines in some other come at all."""
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    return "\n" in text or "\r" in text or not (b"\n" in head or b"\r" in head)


def _removed_controls(head: bytes) -> bytes:
    """Return the control letters that are no separators here."""
    n_lines = max(head.count(b"\n"), head.count(b"\r"), 1)
    return bytes(code for code in _CONTROLS if bytes([code]) not in _MAY_SEPARATE or head.count(code) < n_lines)


def _is_plain(path: Path, removed: bytes) -> bool:
    """Say whether nothing is to be changed: no marks, no control letters, no carriage returns of their own."""
    last = b""
    for chunk in chunks(path):
        if _MARK in last + chunk or len(chunk.translate(None, removed + b"\0")) < len(chunk):
            return False
        joined = last[-1:] + chunk
        n_returns = joined.count(b"\r") - joined.endswith(b"\r")
        if n_returns != joined.count(b"\r\n"):
            return False
        last = chunk[-2:]
    return not last.endswith(b"\r")


def _decoded(path: Path, encoding: str, n_mark_bytes: int, counts: _Counts) -> Iterator[bytes]:
    """Yield the text of a file as UTF-8."""
    mixed = encoding == MIXED
    decoder = codecs.getincrementaldecoder("utf-8" if mixed else encoding)(
        errors="surrogateescape" if mixed else "replace"
    )
    # A file in UTF-8 may hold such letters itself.
    own = "\ufffd".encode() if encoding == "utf-8" else b""
    first, last = True, b""
    for chunk in chunks(path):
        text = decoder.decode(chunk[n_mark_bytes:] if first else chunk)
        counts.n_bad -= (last + chunk).count(own) if own else 0
        first, last = False, chunk[-2:]
        yield _bytes(text, mixed, counts)
    yield _bytes(decoder.decode(b"", final=True), mixed, counts)


def _bytes(text: str, mixed: bool, counts: _Counts) -> bytes:
    if mixed:
        text = _STRAYS.sub(lambda stray: bytes([ord(stray[0]) - 0xDC00]).decode("cp1252", errors="replace"), text)
    counts.n_bad += text.count("\ufffd")
    return text.encode("utf-8", errors="replace")


def _cleaned(pieces: Iterator[bytes], removed: bytes, counts: _Counts) -> Iterator[bytes]:
    """Take out NULs, control letters and marks."""
    for piece in pieces:
        n_nuls, n_marks = piece.count(0), piece.count(_MARK)
        if n_marks:
            piece = piece.replace(_MARK, b"")
        clean = piece.translate(None, removed + b"\0")
        counts.n_nuls += n_nuls
        counts.n_marks += n_marks
        counts.n_controls += len(piece) - len(clean) - n_nuls
        yield clean


def _line_ends(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Let lines end with a line feed where they end with a carriage return alone, or with two and a line feed."""
    kept = b""
    for piece in pieces:
        piece = kept + piece
        kept = piece[len(piece.rstrip(b"\r")) :] if piece.endswith(b"\r") else b""
        piece = piece[: len(piece) - len(kept)]
        yield piece.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    yield kept.replace(b"\r", b"\n")
