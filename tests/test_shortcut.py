"""The entry in the start menu, as it is written on each system."""

import os
import plistlib
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path, PurePosixPath, PureWindowsPath

from app.commands import install_shortcut
from app.shortcut import shortcut

WORDS = ["/opt files/100%/python", "-P", "-m", "app.cli", "app", "--desktop", 'a"b$c\\d']
ICON = Path("/icons/icon.png")


def unquoted(line: str) -> list[str]:
    """Read a value of `Exec` as a desktop does: first the string, then its quoted words."""
    text = line.replace("\\\\", "\\")
    words = [quoted or bare for quoted, bare in re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', text)]
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in words]


def test_linux_gets_a_desktop_entry() -> None:
    entry = shortcut("linux", {}, "/people/ada", WORDS, ICON)
    assert entry.place == PurePosixPath("/people/ada/.local/share/applications/tablewright.desktop")
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(entry.files[entry.place].decode())
    said = parser["Desktop Entry"]
    assert (said["Type"], said["Name"], said["Icon"], said["Terminal"]) == (
        "Application",
        "Tablewright",
        "/icons/icon.png",
        "false",
    )
    assert unquoted(said["Exec"]) == WORDS
    elsewhere = shortcut("linux", {"XDG_DATA_HOME": "/data"}, "/people/ada", WORDS, ICON)
    assert elsewhere.place == PurePosixPath("/data/applications/tablewright.desktop")


def test_macos_gets_an_application_that_runs_the_command(tmp_path: Path) -> None:
    entry = shortcut("darwin", {}, "/Users/ada", ["echo", "a b", "$HOME"], ICON)
    assert entry.place == PurePosixPath("/Users/ada/Applications/Tablewright.app")
    facts = plistlib.loads(entry.files[entry.place / "Contents" / "Info.plist"])
    (program,) = entry.programs
    assert program == entry.place / "Contents" / "MacOS" / facts["CFBundleExecutable"]
    assert entry.files[program].startswith(b"#!/bin/sh\nexec echo ")
    if sys.platform != "win32":
        script = tmp_path / "script"
        script.write_bytes(entry.files[program])
        said = subprocess.run(["sh", str(script)], capture_output=True, text=True, check=True).stdout
        assert said == "a b $HOME\n"


def test_windows_gets_a_link_made_by_powershell() -> None:
    words = ["C:\\Ada's files\\python.exe", "-m", "app.cli", "app", "--desktop", "a b"]
    entry = shortcut("win32", {"APPDATA": "C:\\Roaming"}, "", words, ICON)
    menu = "C:\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Tablewright.lnk"
    assert entry.place == PureWindowsPath(menu)
    assert not entry.files
    *powershell, script = entry.command
    assert powershell == ["powershell", "-NoProfile", "-NonInteractive", "-Command"]
    assert f"CreateShortcut('{menu}')" in script
    assert "$entry.TargetPath = 'C:\\Ada''s files\\python.exe'; " in script
    assert "$entry.Arguments = '-m app.cli app --desktop \"a b\"'; " in script
    assert script.endswith("$entry.Save()")


def test_the_entry_is_written_and_taken_away(tmp_path: Path) -> None:
    for platform in ("linux", "darwin"):
        environment = {"XDG_DATA_HOME": tmp_path.as_posix()}
        entry = shortcut(platform, environment, tmp_path.as_posix(), WORDS, ICON)
        install_shortcut._write(entry)
        install_shortcut._write(entry)
        assert all(Path(path).read_bytes() == content for path, content in entry.files.items())
        assert all(os.access(path, os.X_OK) for path in entry.programs)
        install_shortcut._remove(entry)
        assert not Path(entry.place).exists()
        install_shortcut._remove(entry)
