"""An entry in the start menu that opens the app in a window of its own: what is written where, on each system."""

import plistlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

NAME = "Tablewright"
COMMENT = "A table and a question in, one verified model out"
MINIMISED = 7  # how Windows shows the console behind the window


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """An entry of a start menu.

    `files`: what is written, by path; `programs`: those among them that are run. `command`: what makes the entry where
    writing files is not enough. `place`: what is taken away to remove it, a file or a folder.
    """

    place: PurePath
    files: Mapping[PurePath, bytes] = field(default_factory=dict)
    programs: frozenset[PurePath] = frozenset()
    command: tuple[str, ...] = ()


def shortcut(platform: str, environment: Mapping[str, str], home: str, words: Sequence[str], icon: Path) -> Shortcut:
    """Return the entry for a system. `platform`: as `sys.platform` names it; `words`: the command that it runs."""
    if platform == "win32":
        return _of_windows(environment, words)
    if platform == "darwin":
        return _of_mac(home, words)
    return _of_linux(environment, home, words, icon)


def _of_linux(environment: Mapping[str, str], home: str, words: Sequence[str], icon: Path) -> Shortcut:
    data = PurePosixPath(environment.get("XDG_DATA_HOME") or f"{home}/.local/share")
    place = data / "applications" / "tablewright.desktop"
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={NAME}",
        f"Comment={COMMENT}",
        f"Exec={' '.join(_desktop_word(word) for word in words)}",
        f"Icon={icon}",
        "Terminal=false",
        "Categories=Office;Science;",
        "StartupWMClass=tablewright",
    ]
    return Shortcut(place=place, files={place: ("\n".join(lines) + "\n").encode()})


def _desktop_word(word: str) -> str:
    r"""Quote a word as the Desktop Entry Specification wants it: once for `Exec`, once for the string it stands in.

    >>> print(_desktop_word("/a b/100%"))
    "/a b/100%%"
    """
    quoted = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word.replace("%", "%%"))
    return '"' + quoted.replace("\\", "\\\\") + '"' if quoted != word or not word.isidentifier() else word


def _of_mac(home: str, words: Sequence[str]) -> Shortcut:
    place = PurePosixPath(home, "Applications", f"{NAME}.app")
    facts = {
        "CFBundleName": NAME,
        "CFBundleIdentifier": "tablewright.app",
        "CFBundleExecutable": "tablewright",
        "CFBundlePackageType": "APPL",
    }
    program = place / "Contents" / "MacOS" / "tablewright"
    script = f"#!/bin/sh\nexec {shlex.join(words)}\n"
    files: dict[PurePath, bytes] = {place / "Contents" / "Info.plist": plistlib.dumps(facts), program: script.encode()}
    return Shortcut(place=place, files=files, programs=frozenset({program}))


def _of_windows(environment: Mapping[str, str], words: Sequence[str]) -> Shortcut:
    menu = PureWindowsPath(environment.get("APPDATA", ""), "Microsoft", "Windows", "Start Menu", "Programs")
    place = menu / f"{NAME}.lnk"
    program, *arguments = words
    script = "; ".join(
        [
            f"$entry = (New-Object -ComObject WScript.Shell).CreateShortcut({_powershell_text(str(place))})",
            f"$entry.TargetPath = {_powershell_text(program)}",
            f"$entry.Arguments = {_powershell_text(_windows_words(arguments))}",
            f"$entry.Description = {_powershell_text(COMMENT)}",
            f"$entry.WindowStyle = {MINIMISED}",
            "$entry.Save()",
        ]
    )
    return Shortcut(place=place, command=("powershell", "-NoProfile", "-NonInteractive", "-Command", script))


def _powershell_text(text: str) -> str:
    """Quote a text so that PowerShell takes it letter by letter.

    >>> _powershell_text("Ada's")
    "'Ada''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _windows_words(words: Sequence[str]) -> str:
    from subprocess import list2cmdline

    return list2cmdline(words)
