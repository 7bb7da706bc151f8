"""A command of the terminal: one file in `app/commands` with one constant of type `Command`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from engine.registry import parts

PACKAGE = "app.commands"

DONE = 0
FAILED = 1
INPUT_AT_FAULT = 2


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command. `help`: one line for the list of commands; `about`: what its own help says first.

    `run` returns the exit code. Its module is imported whenever the terminal starts, so what takes time to import
    is imported inside functions.
    """

    key: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    about: str = ""


def commands() -> tuple[Command, ...]:
    """Return every command, by name."""
    return parts(PACKAGE, Command)
