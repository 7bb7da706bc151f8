"""Files of every format with bytes flipped, cut out, doubled or put in are read or refused in words: nothing else."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from engine.errors import TableError
from engine.table.reading import read_raw
from tests.test_other_formats import WRITERS

N_FILES = 60


def mutated(data: bytes, draw: random.Random) -> bytes:
    """Damage a file in one of the ways in which files are damaged, once or several times."""
    for _time in range(draw.choice([1, 1, 2, 10])):
        start = draw.randrange(len(data) or 1)
        end = start + draw.randrange(1, 60)
        middle = draw.choice(
            [bytes(byte ^ (1 << draw.randrange(8)) for byte in data[start : start + 1]) + data[start + 1 : end]] * 3
            + [b"", bytes(end - start), draw.randbytes(9) + data[start:end], 2 * data[start:end]]
        )
        data = data[:start] + middle + data[end:]
    return data if draw.random() < 0.8 else data[: draw.randrange(len(data) or 1)]


@pytest.mark.parametrize("name", WRITERS)
def test_damage_is_said_in_words(tmp_path: Path, name: str) -> None:
    draw = random.Random(name)
    path = tmp_path / name
    WRITERS[name](path)
    whole = path.read_bytes()
    for _file in range(N_FILES):
        path.write_bytes(mutated(whole, draw))
        with suppress(TableError):
            raw = read_raw(path)
            assert len(raw.frame) == raw.n_rows > 0
