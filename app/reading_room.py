"""The folder in which one file is being read: what was asked, which process reads, what its beginning shows, the end.

Light, so that the process that reads can show the beginning before it opens the workspace.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from storage.text import to_text, write_whole

ORDER, PROCESS, FIRST, END = "order.json", "process.json", "first.json", "end.json"


def leave(room: Path, name: str, data: Mapping[str, Any]) -> None:
    """Leave word in a room, for its owner's eyes only: an address may hold a password."""
    write_whole(room / name, to_text(data), mode=0o600)


def found(room: Path, name: str) -> Mapping[str, Any] | None:
    """Return word that was left in a room; None when there is none yet."""
    try:
        data: Mapping[str, Any] = json.loads((room / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return data


def take_order(room: Path) -> Mapping[str, Any]:
    """Return what is to be read; what was given, which may hold a password, does not stay in the room."""
    order = found(room, ORDER) or {}
    leave(room, ORDER, {**order, "given": ""})
    return order


def leave_process(room: Path) -> None:
    """Leave word of this process, which reads."""
    own = psutil.Process(os.getpid())
    leave(room, PROCESS, {"pid": own.pid, "started": own.create_time()})


def process_in(room: Path) -> psutil.Process | None:
    """Return the process that reads in a room; None when it has ended or not begun."""
    noted = found(room, PROCESS)
    try:
        process = psutil.Process(noted["pid"]) if noted else None
        same = process is not None and abs(process.create_time() - (noted or {})["started"]) < 1
        ended = process is None or not same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return None if ended else process
