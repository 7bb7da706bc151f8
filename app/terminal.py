"""What commands share: their common arguments, and how they print."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from engine.plain import finite

LAST_PORT = 65_535


def add_workspace(parser: ArgumentParser) -> None:
    """Give a command the argument `--workspace`."""
    parser.add_argument(
        "--workspace",
        type=Path,
        metavar="DIR",
        help="where runs and tables are kept (default: TABLEWRIGHT_WORKSPACE, or a folder of your user account)",
    )


def add_json(parser: ArgumentParser) -> None:
    """Give a command the argument `--json`."""
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def whole_number(what: str, *, least: int = 1, most: int | None = None) -> Callable[[str], int]:
    """Return what reads an argument that is a whole number, such as a `what` of "port"; others are refused in words.

    >>> whole_number("port", most=65_535)("8501")
    8501
    """

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and int(text) >= least and (most is None or int(text) <= most):
            return int(text)
        wanted = f"from {least} to {most}" if most is not None else f"from {least}"
        raise ArgumentTypeError(f"{text} is no {what}; give a whole number {wanted}")

    return read


def add_run(parser: ArgumentParser) -> None:
    """Give a command the argument ID."""
    parser.add_argument("run_id", metavar="ID", help="a run, as `tablewright runs` lists it; its first letters will do")


def print_json(document: Any) -> None:
    """Print exactly one JSON document; numbers that JSON does not have become null."""
    print(json.dumps(finite(document), ensure_ascii=False, indent=2, allow_nan=False))


def tell(text: str) -> None:
    """Say how things go, on standard error."""
    print(text, file=sys.stderr, flush=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[int] = ()) -> str:
    """Lay out rows under headings; `right` names the positions of columns that are aligned to the right.

    >>> print(table(["family", "score"], [["linear", 0.5]], right=[1]))
    family  score
    linear    0.5
    """
    lines = [[str(cell) for cell in line] for line in (head, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(_aligned(line, widths, right)).rstrip() for line in lines)


def _aligned(line: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> Iterable[str]:
    for position, (cell, width) in enumerate(zip(line, widths, strict=True)):
        yield cell.rjust(width) if position in right else cell.ljust(width)
