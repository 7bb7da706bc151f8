"""`tablewright install-shortcut`: an entry in the start menu, or its removal."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from app.command import DONE, Command
from app.terminal import tell
from engine.errors import WorkspaceError
from engine.messages import phrase

if TYPE_CHECKING:
    from app.shortcut import Shortcut

NOT_WRITTEN = phrase(
    "shortcut_not_written",
    "The entry {place} could not be written: {reason}.",
    "Start the app with: tablewright app --desktop.",
)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--remove", action="store_true", help="take the entry away again")


def _run(options: Namespace) -> int:
    import os
    import sys
    from pathlib import Path

    from app.shortcut import shortcut

    words = [sys.executable, "-P", "-m", "app.cli", "app", "--desktop"]
    icon = Path(__file__).parents[1] / "icon.png"
    entry = shortcut(sys.platform, os.environ, str(Path.home()), words, icon)
    try:
        if options.remove:
            _remove(entry)
            tell(f"The entry {entry.place} is gone.")
        else:
            _write(entry)
            tell(f"The start menu has an entry now: {entry.place}")
    except OSError as problem:
        raise WorkspaceError(NOT_WRITTEN(place=str(entry.place), reason=problem.strerror or str(problem))) from problem
    return DONE


def _write(entry: "Shortcut") -> None:
    import subprocess
    from pathlib import Path

    for name, content in entry.files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if name in entry.programs else 0o644)
    if entry.command:
        done = subprocess.run(entry.command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise OSError(done.stderr.strip().partition("\n")[0].rstrip(".") or "PowerShell refused")


def _remove(entry: "Shortcut") -> None:
    import shutil
    from pathlib import Path

    place = Path(entry.place)
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


INSTALL_SHORTCUT = Command(
    key="install-shortcut",
    help="put the app into the start menu, in a window of its own; --remove takes it away",
    add_arguments=_add_arguments,
    run=_run,
)
