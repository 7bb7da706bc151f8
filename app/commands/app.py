"""`tablewright app`: the app in the browser."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import LAST_PORT, add_workspace, whole_number


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=whole_number("port", most=LAST_PORT),
        metavar="P",
        help="where the app listens (default: 8501, or a free one)",
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--no-browser", action="store_true", help="only print the address")
    shown.add_argument("--desktop", action="store_true", help="a window of its own; closing it ends the app")
    add_workspace(parser)


def _run(options: Namespace) -> int:
    from app.server import serve

    serve(options.port, options.workspace, open_browser=not options.no_browser, desktop=options.desktop)
    return DONE


APP = Command(
    key="app",
    help="open the app in the browser; the same as no command at all",
    add_arguments=_add_arguments,
    run=_run,
)
