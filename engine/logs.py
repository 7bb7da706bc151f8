"""What processes say of themselves on standard error: one line for each event, as text or as JSON.

A log goes to people who may not see the tables. So nothing stands in it that came out of one: of an exception its type
and places in the code, not its words; of a library its own words, not what it filled in. Messages of ours are written
without cells. Bundles carry this file, too, so it needs nothing but the standard library.
"""

import json
import logging
import math
import os
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

VARIABLE = "TABLEWRIGHT_LOG"
JSON, TEXT = "json", "text"
OURS = ("app", "engine", "exporters", "storage", "serve", "__main__")
FIELDS = "tablewright"  # of a record: what belongs to the event
FEW_WORDS = 3
MOST_PLACES = 12  # of an exception: the innermost
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class About:
    """Who says it. `process`: its part, such as worker; `run`, `project`: what it works for, where it does for one.

    `form`: `json` or `text`, as a log was asked for; empty where none was, for the same lines as `text`.
    """

    process: str = ""
    run: str = ""
    project: str = ""
    form: str = field(default="", compare=False)


_about = About()


def current() -> About:
    """Return what this process says of itself."""
    return _about


def wanted() -> str:
    """Return the form that the environment asks for: `json` or `text`; empty where it asks for neither."""
    asked = os.environ.get(VARIABLE, "").strip().lower()
    return asked if asked in {JSON, TEXT} else ""


def begin(about: About, level: int = logging.INFO) -> None:
    """Let this process say what happens, from this level on, in the form that `about` names."""
    global _about
    _about = about
    handler = _ToStandardError()
    handler.setFormatter(Lines(about))
    handler.setLevel(level)  # loggers of libraries have levels of their own
    root = logging.getLogger()
    for before in [each for each in root.handlers if isinstance(each, _ToStandardError)]:
        root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(level)
    sys.excepthook = _say_uncaught
    threading.excepthook = lambda told: _say_uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    warnings.showwarning = _say_warning


def take_over(*names: str) -> None:
    """Let loggers of libraries speak through ours, those below them too: some bring a form of their own."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in names:
            theirs = logging.getLogger(name)
            if theirs.handlers:  # those without are silent on purpose, or speak through others
                theirs.handlers.clear()
                theirs.propagate = True


def event(**fields: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return what belongs to an event, for `extra`: numbers, ids and names of ours, never a cell.

    >>> logger.info("A run was started", extra=event(run="1f"))
    """
    return {FIELDS: fields}


def lines(process: str) -> "Lines":
    """Return what writes the lines of a process, for libraries that set up their own logging by name."""
    return Lines(About(process=process, form=wanted()))


class Lines(logging.Formatter):
    """Writes an event as one line."""

    def __init__(self, about: About) -> None:
        super().__init__()
        self.about = about

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = self._said(record)
        if self.about.form == JSON:
            return json.dumps({name: _finite(each) for name, each in said.items()}, ensure_ascii=False, default=str)
        more = {name: each for name, each in said.items() if name not in ("time", "level", "process", "message")}
        told = "".join(f" {name}={_in_text(each)}" for name, each in more.items() if each not in ("", None))
        return f"{said['time']} {said['level']} {said['process']}: {said['message']}{told}"

    def _said(self, record: logging.LogRecord) -> dict[str, Any]:
        own = asdict(self.about)
        del own["form"]
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            **own,
            "pid": record.process,
            "logger": record.name,
            "message": words_of(record),
            **getattr(record, FIELDS, {}),
        }
        problem = record.exc_info[1] if record.exc_info else None
        return said | ({"error": error_of(problem)} if problem is not None else {})


def words_of(record: logging.LogRecord) -> str:
    """Return what a record says, without what a library filled in: that may come out of a table."""
    if record.name.partition(".")[0] in OURS or record.name.startswith("tablewright"):
        said = record.getMessage()
    else:
        said = str(record.msg) if record.args else _first_words(str(record.msg))
    return _CREDENTIALS.sub("***@", " ".join(said.split()))


def error_of(problem: BaseException) -> dict[str, Any]:
    """Return the type of an exception and where it came from; of ours the code, of the system its own words.

    >>> error_of(KeyError("a name"))
    {'type': 'KeyError', 'at': []}
    """
    told: dict[str, Any] = {"type": type(problem).__name__}
    code = getattr(getattr(problem, "message", None), "code", None)
    if isinstance(code, str):
        told["code"] = code
    if isinstance(problem, OSError) and problem.strerror:
        told["system"] = problem.strerror
    frames = traceback.extract_tb(problem.__traceback__)[-MOST_PLACES:]
    told["at"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return told | ({"cause": error_of(problem.__cause__)} if problem.__cause__ is not None else {})


def _first_words(said: str) -> str:
    """Return the beginning of what a library says in one piece: enough to look it up, too little to hold a row.

    >>> _first_words("Uncaught app execution of Ada Lovelace"), _first_words("Started")
    ('Uncaught app execution ...', 'Started')
    """
    found = said.split()
    return said if len(found) <= FEW_WORDS else " ".join(found[:FEW_WORDS]) + " ..."


def _short(filename: str) -> str:
    """Return a place in the code without the folders of this computer."""
    return "/".join(filename.replace("\\", "/").split("/")[-3:])


def _finite(each: Any) -> Any:
    """Return what JSON knows: it has no endless numbers."""
    return None if isinstance(each, float) and not math.isfinite(each) else each


def _in_text(each: Any) -> str:
    return json.dumps(each, ensure_ascii=False, default=str) if isinstance(each, dict | list) else str(each)


def _say_uncaught(kind: type[BaseException], problem: BaseException | None, where: TracebackType | None) -> None:
    if problem is None or issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logger.critical("The process broke off", exc_info=(kind, problem, where))


def _say_warning(
    message: Warning | str,  # noqa: ARG001 - its words may quote a table
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    """Say which warning came from where."""
    logger.warning("A library warns", extra=event(warning=category.__name__, at=f"{_short(filename)}:{lineno}"))


class _ToStandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at the moment: it may be handed another file after the beginning."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Where lines go."""
        return sys.stderr
