"""The results that are kept: one line of JSON per run, so that a benchmark that is killed goes on where it was."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Key = tuple[str, int, float, str]

FOLDER = Path(__file__).parent / "results"
FILE = "runs.jsonl"


def key_of(record: Mapping[str, Any]) -> Key:
    """Return what makes a run the same run.

    >>> key_of({"table": "adult", "split": 0, "seconds": 60})
    ('adult', 0, 60.0, '')
    """
    return record["table"], int(record["split"]), float(record["seconds"]), record.get("variant", "")


def read_records(path: Path) -> list[Record]:
    """Return what is kept, the latest of each run; a line that was cut off by a kill does not count."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    return list({key_of(record): record for record in map(json.loads, whole.splitlines())}.values())


def append_record(path: Path, record: Mapping[str, Any]) -> None:
    """Add one line, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = (json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n").encode()
    with path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        if whole < end:
            file.truncate(whole)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def left_to_do(wanted: Iterable[Key], kept: Iterable[Record], *, again: bool = False) -> list[Key]:
    """Return the runs that are not kept yet, in order; with `again`, those that failed count as not kept.

    >>> left_to_do([("a", 0, 10.0, ""), ("b", 0, 10.0, "")], [{"table": "a", "split": 0, "seconds": 10}])
    [('b', 0, 10.0, '')]
    """
    done = {key_of(record) for record in kept if not (again and record.get("problem"))}
    return [key for key in wanted if key not in done]
