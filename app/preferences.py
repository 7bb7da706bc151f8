"""What a person prefers, kept in the workspace."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app.opened import workspace

FILE = "preferences.json"


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """`language`: empty follows the browser."""

    language: str = ""


def preferences() -> Preferences:
    """Return what was saved; the usual values where nothing was, or where the file cannot be read."""
    path = _path()
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return Preferences()
    return Preferences(**{field.name: saved[field.name] for field in fields(Preferences) if field.name in saved})


def save(wanted: Preferences) -> None:
    """Keep preferences, whole or not at all."""
    part = _path().with_suffix(".part")
    part.write_text(json.dumps(asdict(wanted)), encoding="utf-8")
    part.replace(_path())


def _path() -> Path:
    return workspace().folder / FILE
