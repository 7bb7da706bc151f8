"""Bytes become UTF-8 text: byte-order marks, UTF-16, Western and Eastern code pages."""

import codecs
import re

from engine.messages import Message, phrase

DECODED = phrase("read_decoded", "The file is not UTF-8; its letters were read as {encoding}.")
NULS_REMOVED = phrase("read_nuls", "NUL characters removed: {n}.")
UNREADABLE_LETTERS = phrase(
    "read_bad_letters", "Letters that could not be read, shown as a question mark in a box: {n}."
)

_MIXED = "UTF-8 mixed with cp1252"
_STRAYS = re.compile("[\udc80-\udcff]")
SAMPLE_BYTES = 200_000
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜÝ€°²³µ§£«»¿¡–—‘’“”…•™®©\u00a0")
# Between these a guess by frequency is a matter of luck when words are few.
_LATIN = frozenset(
    "cp1250 cp1252 cp1254 cp1257 cp1258 latin_1 iso8859_2 iso8859_4 iso8859_9 iso8859_10 iso8859_14 iso8859_15".split()
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def to_utf8(data: bytes) -> tuple[bytes, str, tuple[Message, ...]]:
    """Return the same text in UTF-8 without a byte-order mark, and with line feeds where it had only carriage returns.

    Beside it stand the name of its encoding and what was done.

    >>> to_utf8("größe".encode("utf-16"))[0].decode()
    'größe'
    """
    data, encoding = _encoding(data)
    done: list[Message] = []
    if encoding not in {"utf-8", "ascii"}:
        text = _mixed(data) if encoding == _MIXED else data.decode(encoding, errors="replace")
        done.append(DECODED(encoding=encoding))
        n_unreadable = text.count("\ufffd")
        if n_unreadable:
            done.append(UNREADABLE_LETTERS(n=n_unreadable))
        data = text.encode("utf-8", errors="replace")
    n_nuls = data.count(b"\0")
    if n_nuls:
        data = data.replace(b"\0", b"")
        done.append(NULS_REMOVED(n=n_nuls))
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return data, encoding, tuple(done)


def _encoding(data: bytes) -> tuple[bytes, str]:
    """Return the bytes behind a byte-order mark, and the name of their encoding."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :], encoding
    wide = _utf16(data[:SAMPLE_BYTES])
    if wide:
        return data, wide
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        sample = _sample(data, problem.start)
        return data, _MIXED if _is_mixed(sample) else _code_page(sample)
    return data, "utf-8"


def _is_mixed(sample: bytes) -> bool:
    """Know UTF-8 into which lines of another encoding were copied: code pages hardly ever look like UTF-8."""
    foreign = [letter for letter in sample.decode("utf-8", errors="surrogateescape") if not letter.isascii()]
    n_strays = sum("\udc80" <= letter <= "\udcff" for letter in foreign)
    return len(foreign) - n_strays >= n_strays / 2


def _mixed(data: bytes) -> str:
    """Read UTF-8, and stray bytes as Western letters."""
    text = data.decode("utf-8", errors="surrogateescape")
    return _STRAYS.sub(lambda stray: bytes([ord(stray[0]) - 0xDC00]).decode("cp1252", errors="replace"), text)


def _utf16(sample: bytes) -> str:
    """Know UTF-16 without a mark by its NULs: ASCII letters have one in every second place, and in that place only."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _sample(data: bytes, first_bad: int) -> bytes:
    """Return whole lines around the first byte that is not UTF-8: the start of a long file may be plain ASCII."""
    start = data.rfind(b"\n", 0, max(first_bad - SAMPLE_BYTES // 2, 0)) + 1
    end = data.find(b"\n", start + SAMPLE_BYTES)
    return data[start : end if end > 0 else None]


def _code_page(sample: bytes) -> str:
    """Name the code page: Western when accents are the exception among letters, else what fits best."""
    letters = [letter for letter in sample.decode("cp1252", errors="replace") if letter.isalpha()]
    n_foreign = sum(not letter.isascii() for letter in letters)
    if n_foreign < 0.15 * len(letters):
        return "cp1252" if _fits(sample, "cp1252") else "latin-1"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None or (best.encoding in _LATIN and _looks_western(sample)):
        return "cp1252" if _fits(sample, "cp1252") else "latin-1"
    return best.encoding


def _looks_western(sample: bytes) -> bool:
    """Say whether nearly all foreign letters are accents of Western Europe, when read so."""
    foreign = [letter for letter in sample.decode("cp1252", errors="replace") if not letter.isascii()]
    return sum(letter in _WESTERN for letter in foreign) >= 0.9 * len(foreign)


def _fits(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
