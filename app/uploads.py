"""Takes files from the browser straight to disk: never in memory, never under a name or place that the sender chose."""

import errno
import logging
import re
import shutil
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.bootstrap import OWNER
from app.opened import workspace
from app.who import name_of_who_asks
from engine.logs import event
from engine.messages import Phrase, phrase
from engine.table.files.suffixes import SUFFIXES

logger = logging.getLogger(__name__)

QUARANTINE = "quarantine"
EXTENSIONS = SUFFIXES
LIMIT_BYTES = 2 * 1024**3
MOST_NAME_BYTES = 180  # file systems take 255; some write a letter with more bytes than it came with
MOST_DIGITS = 20  # of a length that a sender claims; more are no length
KEPT_SECONDS = 24 * 3600
HEADER = "x-tablewright"
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # Windows knows no quota here

NOT_OURS = phrase("upload_not_ours", "The file did not come from a page of this app.", "Open the app and add it there.")
NOT_KNOWN = phrase(
    "upload_not_known", "You have no place in this workspace yet.", "Ask an administrator to add you, then retry."
)
WRONG_TYPE = phrase(
    "upload_type", "This kind of file cannot be read.", "Choose a CSV, Excel, Parquet, Feather, JSON or SQLite file."
)
TOO_LARGE = phrase("upload_too_large", "The file is larger than 2 GB.", "Save it as Parquet, or keep fewer rows.")
NO_SPACE = phrase(
    "upload_no_space", "There is not enough free disk space for this file.", "Free some space, then retry."
)
EMPTY = phrase("upload_empty", "The file is empty.", "Choose another one.")
BROKEN_OFF = phrase("upload_broken_off", "The connection broke off.", "Choose the file again.")
NOT_KEPT = phrase(
    "upload_not_kept",
    "The file could not be kept on this computer.",
    "See whether the workspace folder can be written to, then retry.",
)
PROBLEMS: dict[Phrase, int] = {
    NOT_OURS: 403,
    NOT_KNOWN: 403,
    WRONG_TYPE: 415,
    TOO_LARGE: 413,
    NO_SPACE: 507,
    EMPTY: 400,
    BROKEN_OFF: 400,
    NOT_KEPT: 500,
}


class UploadError(Exception):
    """An upload is refused."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.text)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that has arrived."""

    id: str
    name: str
    n_bytes: int


def safe_name(sent: str) -> str:
    r"""Return the base name of a file, free of anything that a file system or a page could take amiss.

    >>> safe_name("../../etc/passwd.csv"), safe_name("C:\\data\\sales 2024.csv"), safe_name("a<b>.csv")
    ('passwd.csv', 'sales 2024.csv', 'a_b_.csv')
    """
    base = PurePosixPath(sent.replace("\\", "/")).name
    stem, dot, extension = re.sub(r"[^\w.\- ]", "_", base).strip(". ").rpartition(".")
    stem = stem[:100].encode(errors="ignore")[:MOST_NAME_BYTES].decode(errors="ignore")
    return f"{stem}{dot}{extension[:10]}" if stem else f"table.{extension[:10]}"


def upload_route(folder: Path, limit_bytes: int = LIMIT_BYTES) -> Route:
    """Return the route `POST /api/upload`, which keeps files in the quarantine of a workspace folder."""
    return Route("/api/upload", _answer(folder / QUARANTINE, limit_bytes), methods=["POST"])


def uploaded(folder: Path, upload_id: str) -> Path:
    """Return where an upload lies; raises FileNotFoundError when there is none."""
    if not re.fullmatch(r"[0-9a-f]{32}", upload_id):
        raise FileNotFoundError(upload_id)
    if _sender(folder / QUARANTINE, upload_id) != name_of_who_asks(folder):
        raise FileNotFoundError(upload_id)
    found = [path for path in (folder / QUARANTINE / upload_id).glob("*") if path.is_file()]
    if not found:
        raise FileNotFoundError(upload_id)
    return found[0]


def discard(folder: Path, upload_id: str) -> None:
    """Remove an upload that has been read or is no longer wanted."""
    shutil.rmtree(uploaded(folder, upload_id).parent, ignore_errors=True)
    (folder / QUARANTINE / f"{upload_id}.for").unlink(missing_ok=True)  # last: it says whose the file is


def sweep(folder: Path, older_than_seconds: float = KEPT_SECONDS) -> None:
    """Remove uploads that nobody came back for."""
    place = folder / QUARANTINE
    for entry in place.glob("*") if place.is_dir() else ():
        if time.time() - entry.stat().st_mtime > older_than_seconds:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)


def _sender(place: Path, upload_id: str) -> str:
    """Return who sent an upload; the single user where nobody is named."""
    try:
        return (place / f"{upload_id}.for").read_text(encoding="utf-8")
    except FileNotFoundError:
        return OWNER


def _answer(place: Path, limit_bytes: int) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            upload = await _receive(request, place, limit_bytes)
        except UploadError as refused:
            logger.info("An upload was refused", extra=event(code=refused.why.code))
            return _refusal(refused.why)
        except OSError as problem:
            logger.exception("An upload could not be kept")
            return _refusal(NO_SPACE if problem.errno in FULL else NOT_KEPT)
        logger.info("A file was received", extra=event(upload=upload.id, n_bytes=upload.n_bytes))
        return JSONResponse({"id": upload.id, "name": upload.name, "bytes": upload.n_bytes})

    return answer


def _refusal(why: Phrase) -> Response:
    return JSONResponse({"code": why.code}, status_code=PROBLEMS[why])


async def _receive(request: Request, place: Path, limit_bytes: int) -> Upload:
    name = _checked_name(request, place, limit_bytes)
    upload_id = uuid.uuid4().hex
    part = place / f"{upload_id}.part"
    try:
        n_bytes = await _stream(request, part, limit_bytes)
        sender = name_of_who_asks(place.parent)
        if sender != OWNER:
            (place / f"{upload_id}.for").write_text(sender, encoding="utf-8")
        (place / upload_id).mkdir()
        part.replace(place / upload_id / name)
    except OSError:
        shutil.rmtree(place / upload_id, ignore_errors=True)
        raise
    finally:
        part.unlink(missing_ok=True)
    return Upload(id=upload_id, name=name, n_bytes=n_bytes)


def _checked_name(request: Request, place: Path, limit_bytes: int) -> str:
    if request.headers.get(HEADER) != "1":  # a header of our own: no other site can send it without being asked first
        raise UploadError(NOT_OURS)
    if name_of_who_asks(place.parent) != OWNER and workspace().actor.role is None:
        raise UploadError(NOT_KNOWN)
    name = safe_name(unquote(request.headers.get("x-filename", "")))
    if Path(name).suffix.lower() not in EXTENSIONS:
        raise UploadError(WRONG_TYPE)
    declared = request.headers.get("content-length", "")
    expected = int(declared) if declared.isdecimal() and len(declared) <= MOST_DIGITS else 0
    if expected > limit_bytes:
        raise UploadError(TOO_LARGE)
    place.mkdir(parents=True, exist_ok=True)
    if expected > shutil.disk_usage(place).free:
        raise UploadError(NO_SPACE)
    return name


async def _stream(request: Request, part: Path, limit_bytes: int) -> int:
    n_bytes = 0
    try:
        with part.open("wb") as file:
            async for chunk in request.stream():
                n_bytes += len(chunk)
                if n_bytes > limit_bytes:
                    raise UploadError(TOO_LARGE)
                file.write(chunk)
    except ClientDisconnect as gone:
        raise UploadError(BROKEN_OFF) from gone
    if not n_bytes:
        raise UploadError(EMPTY)
    return n_bytes
