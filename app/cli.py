"""The terminal's door: finds the command, runs it, and turns errors into one sentence and an exit code."""

import io
import os
import signal
import sys
import threading
from argparse import Action, ArgumentParser, HelpFormatter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from app.command import FAILED, INPUT_AT_FAULT, commands
from engine.errors import InputError, TablewrightError

WITHOUT_A_COMMAND = "app"
_ENDED = 128  # and the number of the signal: what a shell says of a process that a signal has ended


class _Parser(ArgumentParser):
    """Says what is wrong with the arguments in one line, and where to read on."""

    def error(self, message: str) -> NoReturn:
        say(f"{message[:1].upper()}{message[1:].rstrip('.')}. Run `{self.prog} --help` to see what it takes.")
        self.exit(INPUT_AT_FAULT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 2 the input is at fault, 1 anything else."""
    _speak_utf8()
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(words or [WITHOUT_A_COMMAND])
    try:
        with _cleaning_up_when_ended():
            code: int = options.run(options)
        sys.stdout.flush()
    except InputError as wrong:
        say(str(wrong))
        return INPUT_AT_FAULT
    except TablewrightError as failed:
        say(str(failed))
        return FAILED
    except KeyboardInterrupt:
        say("Ended at the keyboard.")
        return FAILED
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left over may be written in peace
        return FAILED
    return code


@contextmanager
def _cleaning_up_when_ended() -> Iterator[None]:
    """Let a signal to end, or a closed terminal, unwind what runs: else files of a reading would stay behind."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    asked = [getattr(signal, name) for name in names if threading.current_thread() is threading.main_thread()]
    ours = [each for each in asked if signal.getsignal(each) is signal.SIG_DFL]
    for each in ours:
        signal.signal(each, _end)
    try:
        yield
    finally:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_ENDED + number)


def _speak_utf8() -> None:
    """Write UTF-8 whatever the system's usual encoding: tables hold any letter."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def parser() -> ArgumentParser:
    """Return the parser of the whole command line, with one sub-parser for each installed command."""
    whole = _Parser(
        prog="tablewright",
        description="A table and a question in, one verified ONNX model out. Without a command: the app.",
        formatter_class=_wide,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action=_Version, nargs=0, help="show the version and end")
    each = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands():
        own = each.add_parser(
            command.key,
            help=command.help,
            description=command.about or f"{command.help[:1].upper()}{command.help[1:]}.",
            formatter_class=_wide,
            allow_abbrev=False,
        )
        command.add_arguments(own)
        own.set_defaults(run=command.run)
    return whole


class _Version(Action):
    """Looks the version up only when it is asked for: reading installed packages takes time."""

    def __call__(self, asking: ArgumentParser, *_others: Any) -> None:
        from importlib.metadata import version

        print(f"tablewright {version('tablewright')}")
        asking.exit()


def _wide(prog: str) -> HelpFormatter:
    return HelpFormatter(prog, max_help_position=32)


def say(text: str) -> None:
    """Tell the person something without touching standard output."""
    print(f"tablewright: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
