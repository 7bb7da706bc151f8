"""The server of Optuna's pages: `python -m app.optuna_server --workspace DIR --port P`.

What is shown is a copy in its memory, brought up to date while it is looked at: nothing that is done on the pages
touches a run. It ends when its standard input does, so nothing stays behind, however the app ended.
"""

import os
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from engine.search.studies import Studies
    from storage.workspace import Workspace

HOST = "127.0.0.1"
LOOK_EVERY_SECONDS = 3.0
MOST_RUNS = 200  # the newest ones

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of what it stands in for
        """Say nothing of each request."""


def main(arguments: list[str] | None = None) -> int:
    """Serve the pages until nobody wants them any more; returns the exit code."""
    parser = ArgumentParser(prog="python -m app.optuna_server", description="Show candidates in Optuna's pages.")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    threading.Thread(target=_end_with_input, daemon=True).start()
    from optuna_dashboard import wsgi

    from app.bootstrap import workspace
    from engine.search.studies import Studies

    studies = Studies()
    with workspace(options.workspace) as place:
        show(place, studies)
        threading.Thread(target=_keep_up, args=(place, studies), daemon=True).start()
        application = for_this_computer(wsgi(studies.storage), options.port)
        with make_server(HOST, options.port, application, server_class=_Threads, handler_class=_Quiet) as server:
            server.serve_forever()
    return 0


def show(place: "Workspace", studies: "Studies") -> None:
    """Put what is not shown yet of the newest runs into the studies."""
    for record in reversed(place.runs.records(limit=MOST_RUNS)):
        if not studies.is_whole(record.id):
            studies.show(record.id, record.name, record.created_at, place.runs.progress(record.id))


def for_this_computer(application: Application, port: int) -> Application:
    """Answer only who asks for this computer by its own name: another site's pages must not read these."""
    names = {f"{HOST}:{port}", f"localhost:{port}"}

    def guarded(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environment.get("HTTP_HOST") in names:
            return application(environment, start)
        start("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"Ask for localhost."]

    return guarded


def _keep_up(place: "Workspace", studies: "Studies") -> None:
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        show(place, studies)


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
