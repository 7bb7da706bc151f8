"""Changes files at random and reads them: no crash, no endless reading, and no row that vanishes unsaid.

Run it with `python benchmarks/mutations.py FILE... --n 2000`; without files it takes the samples that come with the
project. It ends with 1 when a file was not read as it should be, and keeps that file to look at.
"""

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.errors import TableError
from engine.messages import render
from engine.table.files.raw import RawTable
from engine.table.reading import read_raw

MOST_SECONDS = 20.0
_SAMPLES = Path(__file__).parent.parent / "sample_data"
_MOST_BYTES = 60_000
_SIGNS = (
    b'"',
    b"'",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\t",
    b"\0",
    b"\\",
    b" ",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\n\n",
    b"#",
    b'""',
)
_WORDS = re.compile(r"[^\W_]+")
Mutation = Callable[[bytes, random.Random], bytes]


def flip(data: bytes, dice: random.Random) -> bytes:
    """Change some bytes into others."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 20)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut_off(data: bytes, dice: random.Random) -> bytes:
    """Leave out the end, or the start."""
    place = dice.randrange(1, len(data))
    return data[:place] if dice.random() < 0.8 else data[place:]


def shuffle(data: bytes, dice: random.Random) -> bytes:
    """Put lines in another order."""
    lines = data.splitlines(keepends=True)
    dice.shuffle(lines)
    return b"".join(lines)


def insert(data: bytes, dice: random.Random) -> bytes:
    """Put quotes, separators and other signs somewhere."""
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(data) + 1)
        data = data[:place] + dice.choice(_SIGNS) + data[place:]
    return data


def drop(data: bytes, dice: random.Random) -> bytes:
    """Leave out a stretch in the middle."""
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randint(1, 200) :]


def double(data: bytes, dice: random.Random) -> bytes:
    """Repeat some lines, perhaps the first."""
    lines = data.splitlines(keepends=True)
    start = dice.choice((0, dice.randrange(len(lines))))
    return b"".join((*lines, *lines[start : start + dice.randint(1, 30)]))


MUTATIONS: tuple[Mutation, ...] = (flip, cut_off, shuffle, insert, drop, double)


def mutated(data: bytes, seed: int) -> bytes:
    """Change a file in one to three ways."""
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 3)):
        data = dice.choice(MUTATIONS)(data, dice) or data[:1]
    return data


def unaccounted(data: bytes, raw: RawTable) -> int:
    """Return how many lines of a file are neither rows, nor names, nor inside quotes, nor told to be left out."""
    assert raw.read_as.n_skipped_rows is not None
    assert raw.read_as.n_header_rows is not None
    text = data.decode(_encoding(raw), errors="replace")
    n_lines = sum(bool(re.sub(r"[\s\"\0\ufeff\x01-\x1f\x7f]", "", line)) for line in re.split(r"\r\n|\r|\n", text))
    cells = (cell for i in range(len(raw.names)) for cell in raw.column(i).dropna())
    inside = sum(_n_more_lines(cell) for cell in (*cells, *raw.original_names))
    still_rows = {"read_long_rows", "read_short_rows", "read_quotes_ignored", "read_joined_names"}
    n_left_out = sum(
        _n_more_lines(line.text) + bool(line.text.strip() and line.why.code not in still_rows) for line in raw.left_out
    )
    return n_lines - raw.n_rows - raw.read_as.n_header_rows - n_left_out - inside


def lost_words(data: bytes, raw: RawTable) -> Counter[str]:
    """Count the words in plain lines of a file that stand neither in the table nor in what was left out."""
    text = data.decode(_encoding(raw), errors="replace")
    plain = (line for line in re.split(r"\r\n|\r|\n", text) if line.isascii() and line.isprintable())
    kept = Counter(
        word for i in range(len(raw.names)) for cell in raw.column(i).dropna() for word in _WORDS.findall(cell)
    )
    for told in (*(line.text for line in raw.left_out), *raw.names, *raw.original_names):
        kept.update(_WORDS.findall(told))
    return Counter(word for line in plain for word in _WORDS.findall(line)) - kept


def _n_more_lines(cell: str) -> int:
    """Count the lines a cell adds to that on which it begins: those that hold something, and that of its last quote."""
    parts = cell.split("\n")
    return sum(bool(part.strip()) for part in parts[1:-1]) + (len(parts) > 1)


def _encoding(raw: RawTable) -> str:
    name = raw.read_as.encoding or "utf-8"
    return "utf-8" if name.startswith("UTF-8") else name


def failure(data: bytes, folder: Path) -> str:
    """Read a file and say what is wrong; empty where nothing is."""
    path = folder / "mutated.csv"
    path.write_bytes(data)
    start = time.monotonic()
    n_lost, words = 0, Counter[str]()
    try:
        raw = read_raw(path)
        n_lost, words = unaccounted(data, raw), lost_words(data, raw)
    except TableError as problem:
        if not render(problem.message):
            return "refused without a word"
    except Exception as problem:  # noqa: BLE001 - any other error is what is looked for
        return f"{type(problem).__name__}: {problem}"
    seconds = time.monotonic() - start
    if seconds > MOST_SECONDS:
        return f"{seconds:.0f} s"
    if words:
        return f"words vanished: {dict(words.most_common(5))}"
    return f"{n_lost} lines vanished" if n_lost > 0 else ""


def starts(files: Sequence[Path]) -> list[bytes]:
    """Return the first rows of some files."""
    return [
        data[: data.rfind(b"\n", 0, _MOST_BYTES) + 1 or _MOST_BYTES] for data in (path.read_bytes() for path in files)
    ]


def main() -> int:
    """Change files at random and report what was not read as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--n", type=int, default=2000, help="how many changed files are read")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    originals = starts(told.files or sorted(_SAMPLES.glob("*.csv")))
    kept = Path(tempfile.mkdtemp(prefix="mutations-"))
    n_wrong = 0
    for n in range(told.n):
        data = mutated(originals[n % len(originals)], told.seed + n)
        what = failure(data, kept)
        if what:
            n_wrong += 1
            (kept / f"{told.seed + n}.csv").write_bytes(data)
            print(f"seed {told.seed + n}: {what}")
    print(f"{told.n - n_wrong} of {told.n} changed files read as they should; the others are in {kept}")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
