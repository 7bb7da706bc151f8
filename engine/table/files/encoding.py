"""In which encoding a text file is written: byte-order marks, UTF-16, UTF-8 with strays, code pages."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.codepages import best_code_page, close_code_page, score_of_code_pages

UNKNOWN_ENCODING = phrase(
    "table_unknown_encoding",
    "There is no encoding called {encoding}.",
    "Choose another, such as utf-8, cp1252, gb18030, big5, shift_jis or utf-16.",
)

MIXED = "UTF-8 mixed with cp1252"
SAMPLE_BYTES = 200_000
_CHUNK_BYTES = 1 << 22
# Text in one code page reads at least so well in it; UTF-8 with strays reads badly in all.
_GOOD_SCORE = 0.95
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def find_encoding(path: Path, told: str | None = None) -> tuple[str, int]:
    """Return the name of a file's encoding and the length of its byte-order mark; `told` is what a person says.

    Raises TableError when there is no such encoding.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    marked = next(((name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), None)
    if told and told != MIXED:
        return _told(told, marked)
    if marked and marked[0] != "utf-8":
        return marked
    n_mark_bytes = marked[1] if marked else 0
    wide = "" if marked else _wide(head)
    if wide:
        return wide, 0
    first_bad = first_stray(path)
    if first_bad is None:
        return "utf-8", n_mark_bytes
    sample = _foreign_lines(path, first_bad)
    if marked or (_is_mixed(sample) and score_of_code_pages(sample) < _GOOD_SCORE):
        return MIXED, n_mark_bytes
    return best_code_page(sample), 0


def other_encoding(path: Path, found: str) -> str:
    """Name another code page that fits the letters of a file nearly as well as the one found; mostly empty."""
    first_bad = None if found == MIXED or found.startswith("utf") else first_stray(path)
    return "" if first_bad is None else close_code_page(_foreign_lines(path, first_bad), found)


def chunks(path: Path, n_bytes: int = _CHUNK_BYTES) -> Iterator[bytes]:
    """Yield the bytes of a file in parts."""
    with path.open("rb") as file:
        while chunk := file.read(n_bytes):
            yield chunk


def _told(told: str, marked: tuple[str, int] | None) -> tuple[str, int]:
    try:
        general = codecs.lookup(told).name.replace("utf-8-sig", "utf-8")
        "".encode(general)
        name = f"{general}-le" if general in {"utf-16", "utf-32"} else general
        # Some can only read the names of hosts and the like, and give up at anything else.
        codecs.getincrementaldecoder(name)(errors="replace").decode(b"a\xff\x81", final=True)
    except (LookupError, ValueError, AttributeError) as problem:
        raise TableError(UNKNOWN_ENCODING(encoding=told)) from problem
    return marked if marked and marked[0].startswith(general) else (name, 0)


def _wide(sample: bytes) -> str:
    """Know UTF-16 without a mark by its NULs: ASCII letters have one in every second place, and in that place only."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for name, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many > 0.02 * len(sample) and few < 0.05 * many:
            # A table has line ends and many a sign of ASCII; bytes that are merely paired give neither.
            try:
                text = codecs.getincrementaldecoder(name)().decode(sample)
            except UnicodeDecodeError:
                continue
            if "\n" in text or "\r" in text:
                return name
    return ""


def first_stray(path: Path) -> int | None:
    """Return the place of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    start = 0
    for chunk in chunks(path):
        kept = len(decoder.getstate()[0])
        if kept or not chunk.isascii():
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as problem:
                return start - kept + problem.start
        start += len(chunk)
    return start if decoder.getstate()[0] else None


def _foreign_lines(path: Path, first_bad: int) -> bytes:
    """Return the lines around the first byte that is not UTF-8 that hold more than ASCII."""
    with path.open("rb") as file:
        file.seek(max(first_bad - SAMPLE_BYTES // 2, 0))
        sample = file.read(5 * SAMPLE_BYTES)
    first = sample.find(b"\n") + 1 if first_bad > SAMPLE_BYTES // 2 else 0
    lines = [line for line in sample[first:].splitlines(keepends=True) if not line.isascii()]
    return b"".join(lines)[:SAMPLE_BYTES] or sample


def _is_mixed(sample: bytes) -> bool:
    """Know UTF-8 into which lines of another encoding were copied: few letters of code pages look like UTF-8.

    Different letters count, since two bytes that look like UTF-8 by chance may stand in every other row.
    """
    foreign = {letter for letter in sample.decode("utf-8", errors="surrogateescape") if not letter.isascii()}
    n_strays = sum("\udc80" <= letter <= "\udcff" for letter in foreign)
    return len(foreign) - n_strays >= n_strays / 2
