"""Files that are being read: each in a process of its own that leaves on disk first what it sees at once, then the end.

A page that is closed, reloaded or opened twice finds it there; nothing hangs on the session of a browser.
"""

import json
import os
import re
import shutil
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import psutil

from app.launch import start_detached
from app.opened import workspace
from app.uploads import QUARANTINE
from engine.errors import InputError
from engine.messages import Message, phrase
from engine.table.first_look import FirstLook
from engine.table.options import AUTOMATIC, ReadingOptions
from storage.text import to_text, write_whole

FOLDER = "readings"
ORDER, PROCESS, FIRST, END = "order.json", "process.json", "first.json", "end.json"
KEPT_SECONDS = 24 * 3600
STARTING_SECONDS = 30.0
BROKE_OFF = phrase(
    "reading_broke_off",
    "Reading {name} broke off; the computer may have run out of memory.",
    "Close other programs and try again, or use fewer rows.",
)
NO_READING = phrase("reading_unknown", "This file is no longer being read.", "Open the file again.")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A file that is being read, or has been. `first`: what its beginning shows; None before that is known.

    `dataset_id`: the table, once it is read. `problem`: why there is none.
    """

    id: str
    name: str
    n_bytes: int
    begun_at: float
    first: FirstLook | None = None
    dataset_id: str | None = None
    problem: Message | None = None

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.dataset_id is not None or self.problem is not None


def begin(
    given: Path | str, name: str, *, options: ReadingOptions = AUTOMATIC, question: str = "", target: str | None = None
) -> str:
    """Start reading a table and return at once, with the id of the reading.

    `given`: a file, or what a person typed: a path, a database's address, a web address. A file in the quarantine of
    uploads is taken over; any other stays where it is. `name`: for titles; empty takes that of the file.
    """
    reading_id = uuid.uuid4().hex[:12]
    room = _room() / reading_id
    room.mkdir(parents=True)
    here = workspace().folder
    if isinstance(given, Path) and given.is_relative_to(here / QUARANTINE):
        taken = room / "file" / given.name
        taken.parent.mkdir()
        given.replace(taken)
        given.parent.rmdir()
        given = taken
    order = {
        "given": str(given),
        "name": name,
        "options": options.to_json(),
        "question": question,
        "target": target,
        "begun_at": time.time(),
        "n_bytes": given.stat().st_size if isinstance(given, Path) else 0,
    }
    write_whole(room / ORDER, to_text(order))
    (room / ORDER).chmod(0o600)  # an address may hold a password
    start_detached("app.reading_job", [str(room), "--workspace", str(here)], log=room / "log.txt")
    return reading_id


def reading(reading_id: str) -> Reading:
    """Return how a reading stands; raises InputError when there is none."""
    room = _existing(reading_id)
    order, end, first = _json(room / ORDER) or {}, _json(room / END), _json(room / FIRST)
    problem = None
    if end is not None:
        problem = Message.from_json(end["problem"]) if end.get("problem") else None
    elif not _is_alive(room, order["begun_at"]):
        end = _json(room / END)  # it may have ended meanwhile
        problem = BROKE_OFF(name=order["name"] or PurePath(order["given"]).name) if end is None else None
    return Reading(
        id=reading_id,
        name=order["name"] or PurePath(order["given"]).name,
        n_bytes=order["n_bytes"],
        begun_at=order["begun_at"],
        first=FirstLook.from_json(first) if first else None,
        dataset_id=(end or {}).get("dataset_id"),
        problem=problem,
    )


def wait(reading_id: str, patience_seconds: float, *, until_first: bool = False) -> Reading:
    """Return a reading when it has ended, or when patience has; `until_first`: when its beginning is known, too."""
    give_up = time.monotonic() + patience_seconds
    while True:
        found = reading(reading_id)
        if found.ended or (until_first and found.first is not None) or time.monotonic() > give_up:
            return found
        time.sleep(0.05)


def cancel(reading_id: str) -> None:
    """Stop reading and forget the file; raises InputError when there is no such reading."""
    room = _existing(reading_id)
    process = _process(room)
    if process is not None:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
    forget(reading_id)


def forget(reading_id: str) -> None:
    """Remove what was kept while a file was read."""
    shutil.rmtree(_room() / reading_id, ignore_errors=True)


def sweep(older_than_seconds: float = KEPT_SECONDS) -> None:
    """Remove readings that nobody came back for."""
    place = _room()
    for room in place.glob("*") if place.is_dir() else ():
        if time.time() - room.stat().st_mtime > older_than_seconds and _process(room) is None:
            shutil.rmtree(room, ignore_errors=True)


def note_process(room: Path) -> None:
    """Leave word of the process that reads."""
    own = psutil.Process(os.getpid())
    write_whole(room / PROCESS, to_text({"pid": own.pid, "started": own.create_time()}))


def _room() -> Path:
    return workspace().folder / FOLDER


def _existing(reading_id: str) -> Path:
    room = _room() / reading_id
    if not re.fullmatch("[0-9a-f]{12}", reading_id) or not (room / ORDER).is_file():
        raise InputError(NO_READING())
    return room


def _is_alive(room: Path, begun_at: float) -> bool:
    if not (room / PROCESS).is_file():
        return time.time() - begun_at < STARTING_SECONDS
    return _process(room) is not None


def _process(room: Path) -> psutil.Process | None:
    noted = _json(room / PROCESS)
    try:
        process = psutil.Process(noted["pid"]) if noted else None
        same = process is not None and abs(process.create_time() - (noted or {})["started"]) < 1
    except psutil.Error:
        return None
    ended = process is None or not same or process.status() == psutil.STATUS_ZOMBIE
    return None if ended else process


def _json(path: Path) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found
