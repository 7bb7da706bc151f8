"""Processes as they are noted on disk, so that they are found again: by number and beginning."""

import contextlib
from collections.abc import Mapping
from typing import Any

import psutil


def noted(process: psutil.Process) -> dict[str, float]:
    """Return what tells a process from all others, as plain data."""
    return {"process_id": process.pid, "began": process.create_time()}


def still_runs(note: Mapping[str, Any]) -> psutil.Process | None:
    """Return the noted process if it runs; a process of its number that began at another time is a stranger."""
    process = process_of(int(note["process_id"]))
    with contextlib.suppress(psutil.Error):  # it ended meanwhile
        if process is not None and process.status() != psutil.STATUS_ZOMBIE:
            return process if abs(process.create_time() - float(note["began"])) < 1 else None
    return None


def process_of(process_id: int) -> psutil.Process | None:
    """Return the process of this number; None when there is none."""
    try:
        return psutil.Process(process_id)
    except psutil.NoSuchProcess:
        return None
