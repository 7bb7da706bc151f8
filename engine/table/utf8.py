"""A text file in any encoding becomes a UTF-8 file that can be read in parts."""

from dataclasses import dataclass
from pathlib import Path

from engine.messages import Message
from engine.table.encoding import to_utf8
from engine.table.raw import Source


@dataclass(frozen=True, kw_only=True)
class Utf8File:
    """A UTF-8 file without a byte-order mark, and what was done to make it. `encoding`: of the original."""

    path: Path
    encoding: str
    done: tuple[Message, ...]


def write_utf8(source: Source) -> Utf8File:
    """Return the file itself where it is plain UTF-8, else a copy in the source's room."""
    data = source.path.read_bytes()
    text, encoding, done = to_utf8(data)
    if text == data:
        return Utf8File(path=source.path, encoding=encoding, done=())
    path = source.room / "text.csv"
    path.write_bytes(text)
    return Utf8File(path=path, encoding=encoding, done=done)
