"""A worker and a server that write down, with fsync, what the workspace acknowledged: `benchmarks.kills` starts them.

Run `python -m benchmarks.acknowledging worker RUN_ID FOLDER`, or `... server PORT FOLDER`. Both are the usual ones, but
for the list: a line is written after an event was kept, so that whatever stands there must be in the workspace.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What is imported here is imported again by the process of every trial: so hardly anything is.

MODULE = "benchmarks.acknowledging"
LIST_FILE = "acknowledged.jsonl"


def main() -> int:
    """Be a worker or a server until the end; returns the exit code."""
    sort, what, folder, *orders = sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:]
    _start_workers_that_write()
    if sort == "server":
        from app.server import serve

        serve(int(what), folder, open_browser=False)
        return 0
    from app import worker

    _write_down(folder.parent / LIST_FILE)
    return worker.main([what, "--workspace", str(folder), *orders])


def launch(run_id: str, folder: Path, *, behind: bool = False) -> None:
    """Start a worker that writes, as `app.launch` starts one that does not."""
    from app.launch import _note_launch, start_detached

    log, order = _note_launch(run_id, folder), ["--behind"] if behind else []
    start_detached(MODULE, ["worker", run_id, str(folder), *order], log=log)


def acknowledged(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield what stands on the list: run by run id, and the event as JSON."""
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
        except ValueError:
            continue  # its writer was killed in the middle of the line, so nobody has read it
        yield told["run_id"], told["event"]


def _start_workers_that_write() -> None:
    from app import waiting

    waiting.launch = launch  # type: ignore[attr-defined, assignment]  # what a web process calls is its own import


def _write_down(path: Path) -> None:
    from engine.events import Event
    from storage.runs import RunStore

    keep = RunStore.append

    def keep_and_tell(store: RunStore, run_id: str, event: Event) -> None:
        keep(store, run_id, event)
        # The line feed in front ends a line that a predecessor could not.
        line = "\n" + json.dumps({"run_id": run_id, "event": event.to_json()}) + "\n"
        with path.open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    RunStore.append = keep_and_tell  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())
