"""Takes the quotes off whole lines: some programs write each row as if it were one cell."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.messages import phrase
from engine.table.files.text_lines import first_lines, text_lines
from engine.table.files.utf8 import Utf8File

UNWRAPPED = phrase("read_unwrapped", "Every line stood in quotation marks as a whole; they were taken off.")

_SEPARATORS = ",;\t|"


def unwrapped(text: Utf8File, room: Path) -> Utf8File:
    """Return a copy without the quotes around each line, or the file itself where there are none such."""
    lines = first_lines(text.path)
    if not _are_wrapped(lines):
        return text
    path = room / "unwrapped.csv"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{_bare(line)}\n" for line in text_lines(text.path))
    return replace(text, path=path, done=(*text.done, UNWRAPPED()))


def _are_wrapped(lines: Sequence[str]) -> bool:
    """Say whether each line begins and ends with quotes, has none but doubled ones within, and cells to be cut."""
    inner = [line.strip() for line in lines if line.strip()]
    if not inner or not all(len(line) > 2 and line.startswith('"') and line.endswith('"') for line in inner):
        return False
    inner = [line[1:-1] for line in inner]
    if any('"' in line.replace('""', "") for line in inner):
        return False
    return any(all(separator in line for line in inner) for separator in _SEPARATORS)


def _bare(line: str) -> str:
    line = line.strip()
    return line[1:-1].replace('""', '"') if len(line) > 1 and line.startswith('"') and line.endswith('"') else line
