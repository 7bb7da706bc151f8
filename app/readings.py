"""Files that are being read: each in a process of its own that leaves on disk first what it sees at once, then the end.

A page that is closed, reloaded or opened twice finds it there; nothing hangs on the session of a browser.
"""

import re
import shutil
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from app.bootstrap import OWNER
from app.launch import start_detached
from app.opened import workspace
from app.reading_room import END, FIRST, ORDER, PROCESS, found, leave, process_in, take_order
from app.sources import name_of
from app.uploads import QUARANTINE
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.messages import Message, phrase
from engine.table.first_look import FirstLook
from engine.table.options import AUTOMATIC, ReadingOptions
from storage.access import ITSELF, OWN_PROJECT, AccessError, Role
from storage.web_tables import is_web_address
from storage.workspace import Workspace

FOLDER = "readings"
KEPT_SECONDS = 24 * 3600
STARTING_SECONDS = 30.0
BROKE_OFF = phrase(
    "reading_broke_off",
    "Reading {name} broke off; the computer may have run out of memory.",
    "Close other programs and try again, or use fewer rows.",
)
NOT_HERE = phrase(
    "reading_not_here",
    "Where a team works, files and databases are not read from the computer that the app runs on.",
    "Add the file from your own computer, or paste its cells.",
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
    given: Path | str,
    name: str,
    *,
    options: ReadingOptions = AUTOMATIC,
    question: str = "",
    config: ExperimentConfig = ExperimentConfig(),  # noqa: B008 - frozen
    project: str = OWN_PROJECT,
) -> str:
    """Start reading a table and return at once, with the id of the reading.

    `given`: a file, or what a person typed: a path, a database's address, a web address. A file in the quarantine of
    uploads is taken over; any other stays where it is. `name`: for titles; empty takes that of the file.
    `config`: what the person has chosen before about columns of these names.
    Raises AccessError for who may not add tables, and for places on this computer where a team works.
    """
    place = workspace()
    owner = place.datasets.gate.require_place(project, "read") or OWNER
    _require_given(place, given)
    reading_id = uuid.uuid4().hex[:12]
    room = _room() / reading_id
    room.mkdir(parents=True, mode=0o700)
    here = place.folder
    if isinstance(given, Path) and given.is_relative_to(here / QUARANTINE):
        taken = room / "file" / given.name
        taken.parent.mkdir()
        given.replace(taken)
        given.parent.rmdir()
        given = taken
    order = {
        "given": str(given),
        "name": name or name_of(str(given)),
        "options": options.to_json(),
        "question": question,
        "config": config.to_json(),
        "begun_at": time.time(),
        "owner": owner,
        "project": project,
        "n_bytes": Path(given).stat().st_size if Path(given).is_file() else 0,
    }
    leave(room, ORDER, order)
    start_detached("app.reading_job", [str(room), "--workspace", str(here)], log=room / "log.txt")
    return reading_id


def reading(reading_id: str) -> Reading:
    """Return how a reading stands; raises InputError when there is none."""
    room = _existing(reading_id)
    order, end, first = found(room, ORDER) or {}, found(room, END), found(room, FIRST)
    problem = None
    if end is not None:
        problem = Message.from_json(end["problem"]) if end.get("problem") else None
    elif not _is_alive(room, order["begun_at"]):
        end = found(room, END)  # it may have ended meanwhile
        problem = BROKE_OFF(name=order["name"]) if end is None else None
        if problem is not None and order["given"] and time.time() - order["begun_at"] > 10 * STARTING_SECONDS:
            take_order(room)  # nobody else will any more, and it may hold a password
    return Reading(
        id=reading_id,
        name=order["name"],
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
        stands = reading(reading_id)
        if stands.ended or (until_first and stands.first is not None) or time.monotonic() > give_up:
            return stands
        time.sleep(0.05)


def cancel(reading_id: str) -> None:
    """Stop reading and forget the file; raises InputError when there is no such reading."""
    room = _existing(reading_id)
    process = process_in(room)
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
        if time.time() - room.stat().st_mtime > older_than_seconds and process_in(room) is None:
            shutil.rmtree(room, ignore_errors=True)


def _room() -> Path:
    return workspace().folder / FOLDER


def _existing(reading_id: str) -> Path:
    room = _room() / reading_id
    if not re.fullmatch("[0-9a-f]{12}", reading_id) or not (room / ORDER).is_file():
        raise InputError(NO_READING())
    actor, owner = workspace().actor, (found(room, ORDER) or {}).get("owner")
    if actor.role is not Role.ADMIN and owner != actor.name:
        raise InputError(NO_READING())
    return room


def _require_given(place: Workspace, given: Path | str) -> None:
    """Refuse what a team must not read through the app: files and databases that this computer can reach."""
    if place.actor.is_alone or place.actor is ITSELF:
        return
    if not isinstance(given, Path) and not is_web_address(given):  # only what was typed is text
        raise AccessError(NOT_HERE())


def _is_alive(room: Path, begun_at: float) -> bool:
    if not (room / PROCESS).is_file():
        return time.time() - begun_at < STARTING_SECONDS
    return process_in(room) is not None
