"""How values become text in the database and in small files, and how a small file is written whole or not at all."""

import json
import os
import uuid
from pathlib import Path
from typing import Any


def to_text(data: Any) -> str:
    """Return JSON in ASCII; numbers of numpy become plain numbers.

    >>> import numpy as np
    >>> to_text({"depth": np.int64(3)})
    '{"depth": 3}'
    """
    return json.dumps(data, default=_plain_number)


def write_whole(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a file so that a reader sees the old content or the new, never a part. `mode`: who may read it, at most."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _plain_number(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")
