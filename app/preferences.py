"""What a person prefers, kept in the workspace."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app.opened import workspace
from engine.whole_files import write_whole

FILE = "preferences.json"


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What is kept.

    `language`: empty follows the browser. `use_past`: runs begin with what worked in earlier ones. `runs_at_once`: how
    many train at the same time; 0 leaves it to the number of cores.
    """

    language: str = ""
    use_past: bool = True
    runs_at_once: int = 0


def preferences() -> Preferences:
    """Return what was saved in the workspace that this process works in."""
    return preferences_in(workspace().folder)


def preferences_in(folder: Path) -> Preferences:
    """Return what was saved; the usual values where nothing was, or where the file cannot be read."""
    try:
        saved = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return Preferences()
    return Preferences(**{field.name: saved[field.name] for field in fields(Preferences) if field.name in saved})


def save(wanted: Preferences) -> None:
    """Keep preferences, whole or not at all; raises AccessError for who does not manage the workspace."""
    workspace().runs.gate.require_manager("settings")
    write_whole(workspace().folder / FILE, json.dumps(asdict(wanted)).encode())
