"""The addresses at which a workspace keeps things: the environment first, then the workspace's own `settings.toml`."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from engine.errors import WorkspaceError
from engine.messages import phrase

SETTINGS_FILE = "settings.toml"
NO_MIRROR = "off"
WEB_ON = "on"
BAD_SETTINGS = phrase(
    "settings_unreadable",
    "The settings file {path} cannot be read: {reason}.",
    'Write one line for each setting, such as mlflow = "http://server:5000", or delete the file.',
)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One address, or a switch. `key` is its name in `settings.toml`; an empty default: inside the workspace folder."""

    key: str
    variable: str
    default: str
    sentence: str

    def value(self, folder: Path | None = None) -> str:
        """Return what the environment says, else what the workspace's settings file says, else the default."""
        chosen = os.environ.get(self.variable, "")
        if not chosen and folder is not None:
            chosen = _settings_file(folder).get(self.key, "")
        return chosen or self.default


WORKSPACE = Setting(
    key="workspace",
    variable="TABLEWRIGHT_WORKSPACE",
    default="",
    sentence="The folder of the workspace; empty takes the usual place for a person's data on this system.",
)
DATABASE = Setting(
    key="database",
    variable="TABLEWRIGHT_DATABASE",
    default="",
    sentence="Where runs and events are kept, as an SQLAlchemy address; empty is SQLite in the workspace folder.",
)
ARTIFACTS = Setting(
    key="artifacts",
    variable="TABLEWRIGHT_ARTIFACTS",
    default="",
    sentence="Where the files of runs are kept, as an fsspec address such as s3://bucket/folder; empty is the folder.",
)
MLFLOW = Setting(
    key="mlflow",
    variable="TABLEWRIGHT_MLFLOW",
    default="",
    sentence="The MLflow address that runs are mirrored to; empty is SQLite in the workspace folder, off is nowhere.",
)
WEB = Setting(
    key="web",
    variable="TABLEWRIGHT_WEB",
    default="off",
    sentence="Whether a table may be fetched from a web address: on or off.",
)
SETTINGS = (WORKSPACE, DATABASE, ARTIFACTS, MLFLOW, WEB)


def _settings_file(folder: Path) -> dict[str, str]:
    path = folder / SETTINGS_FILE
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise WorkspaceError(BAD_SETTINGS(path=str(path), reason=str(problem).rstrip("."))) from problem
    return {key: str(value) for key, value in read.items()}
