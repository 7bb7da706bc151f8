"""The process in which a run trains: `python -m app.worker RUN_ID --workspace DIR`.

Whatever happens here is an event in the workspace; nobody needs to watch. With `-` for the run it gets ready, and waits
for a line on standard input that says which run it is to be.
"""

import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import TablewrightError
from engine.lasting import import_lasting
from engine.logs import event
from engine.messages import Message, phrase
from engine.priority import step_back
from engine.search.guard import reap_strays
from engine.search.preload import preload
from engine.search.sockets import close_sockets, make_sockets, note_sockets

# What is imported here is imported again by every process of every trial where processes are spawned or look for what
# their parent was started with: so hardly anything is.
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.events import Event, Request
    from engine.progress import Command, Progress
    from storage.carried import Carried
    from storage.runs import RunStore
    from storage.workspace import Workspace

MIRROR = "app.mirror"
STANDBY = "-"
NEEDED = ("app.bootstrap", "engine.experiment")  # by every run, and long to import
SCRATCH = "scratch"
LOOK_AT_DISK_SECONDS = 2.0
LOOK_FOR_REQUESTS_SECONDS = 0.25
TOLD = ("seconds", "stage", "number", "family", "score", "resumed", "stopped")  # of an event, in the log
UNEXPECTED = phrase(
    "worker_unexpected",
    "The training broke off with an error that nobody foresaw: {type}: {reason}.",
    "Resume the run to try again; if it happens again, please report it with the run's worker.log.",
)
DISK_FULL = phrase(
    "worker_disk_full",
    "The disk of the workspace is full, so the training could not go on.",
    "Free some space, then resume the run: what had been finished is kept.",
)
NOT_WRITTEN = phrase(
    "worker_not_written",
    "The folder of the run cannot be written to: {reason}.",
    "Check the disk and the access rights of the workspace, then resume the run: what had been finished is kept.",
)
FULL_BYTES = 1 << 20  # of free disk: with less, whatever fails fails for that

logger = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Train one run to its end; returns the exit code."""
    began = time.time()
    options = _parse(arguments)
    if options.run_id == STANDBY and not _stand_by(options):
        return 0
    if options.behind:
        step_back()
    from app.logs import begin

    begin("worker", options.workspace, run=options.run_id)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal that started it is not meant for the run
    clock_started = began if options.clock_started is None else options.clock_started
    try:
        from app.bootstrap import workspace

        with workspace(options.workspace) as place, place.runs.hold_lock(options.run_id):
            record = place.runs.get(options.run_id)
            begin("worker", place.folder, run=record.id, project=record.project)
            progress = train(place, options.run_id, clock_started=clock_started)
        if progress.prepared is not None and progress.mirrored is None:
            _start_mirror(place, options.run_id)
        _start_next(options.workspace)
    except TablewrightError as problem:
        logger.error("%s", problem)  # noqa: TRY400 - the sentence says it all
        return 1
    return 0 if progress.failure is None else 1


def _stand_by(options: Namespace) -> bool:
    """Get ready, and wait to be told the run; returns whether there is one."""
    make_sockets()
    with suppress(TablewrightError):  # it is called again, where what is wrong becomes the run's failure
        preload()
    import_lasting(*NEEDED)  # while the fork server imports, and the one who started this still reads the table
    line = sys.stdin.readline()
    if not line:
        return False
    told = json.loads(line)
    options.run_id, options.clock_started, options.workspace = (
        told["run_id"],
        told["clock_started"],
        Path(told["folder"]),
    )
    with Path(told["log"]).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a name of the system, not a path of ours
        os.dup2(nothing.fileno(), 0)
    return True


def train(place: "Workspace", run_id: str, *, clock_started: float) -> "Progress":
    """Run the experiment, keep every event, and return where the run stands at the end.

    A run that has come to its end is left alone. The caller holds the run's lock.
    """
    from engine.events import Failed
    from engine.progress import Status, fold

    past = _events(place, run_id)
    before = fold(past)
    if before.status in {Status.FINISHED, Status.STOPPED}:
        return before
    cause = _experiment(place, run_id, clock_started=clock_started, past=past)
    if cause is not None:
        seconds = fold(_events(place, run_id)).seconds
        _keep(place.runs, run_id, Failed(seconds=seconds, cause=cause))
    else:
        scratch = place.runs.folder(run_id) / SCRATCH
        reap_strays(scratch)
        close_sockets()  # before their note goes
        shutil.rmtree(scratch, ignore_errors=True)  # only good for resuming
        _forget_candidates(place, run_id)
    return fold(_events(place, run_id))


def _experiment(place: "Workspace", run_id: str, *, clock_started: float, past: "tuple[Event, ...]") -> Message | None:
    """Run the experiment; returns why it cannot go on, or None when it came to its end."""
    runs = place.runs
    try:
        scratch = runs.folder(run_id) / SCRATCH
        scratch.mkdir(exist_ok=True)
        note_sockets(scratch)  # before there are any, so that whoever is killed here leaves nothing
        preload()
        import_lasting(*NEEDED)
        from app.preferences import preferences_in
        from app.preflight import require_fit, within_limits
        from app.standing import candidates_elsewhere
        from engine.events import CandidateFinished, of_kind
        from engine.experiment import run_experiment
        from engine.run.resources import usable_cores
        from engine.search.executors.addresses import executor_at
        from engine.table.dataset import WHOLE_FILE
        from storage.experience import workspace_experience
        from storage.settings import EXECUTOR

        record, wishes = runs.get(run_id), _Wishes(runs, run_id, place.folder)
        learns = record.config.search.use_past and preferences_in(place.folder).use_past
        table = place.datasets.record(record.dataset_id)
        is_sampled = (place.datasets.folder(record.dataset_id) / WHOLE_FILE).is_file()
        require_fit(place.folder, table.n_rows, table.n_columns, record.config, is_sampled=is_sampled)
        config = within_limits(place.folder, record.config, record.config.jobs or usable_cores())
        elsewhere = candidates_elsewhere(place.folder, run_id)
        if elsewhere is not None:
            finished = of_kind(past, CandidateFinished)
            elsewhere.bring(scratch, {name: known for each in finished for name, known in each.files.items()})

        def keep(what: "Event") -> None:
            _keep_with_files(partial(_keep, runs, run_id), elsewhere, scratch, what)
            wishes.note(what)

        with closing(executor_at(EXECUTOR.value(place.folder))) as executor:
            run_experiment(
                place.datasets.load(record.dataset_id),
                config,
                folder=scratch,
                artifacts=runs.artifacts(run_id),
                emit=keep,
                control=wishes.command,
                added_seconds=wishes.added_seconds,
                requests=wishes.requests,
                clock_started=clock_started,
                past=past,
                experience=workspace_experience(runs, owner=record.owner, project=record.project) if learns else (),
                executor=executor,
            )
    except TablewrightError as problem:
        logger.info("The run cannot go on", exc_info=True)
        return _trouble_with(runs.folder(run_id)) or problem.message
    except Exception as problem:  # the one place: whatever happens, the run says so
        logger.exception("The run broke off")
        reason = str(problem).strip().partition("\n")[0].rstrip(".") or "without a word"
        return _trouble_with(runs.folder(run_id)) or UNEXPECTED(type=type(problem).__name__, reason=reason)
    return None


def _trouble_with(folder: Path) -> Message | None:
    """Say what is wrong with the disk, if anything is: then whatever else went wrong went wrong for that."""
    if shutil.disk_usage(folder).free < FULL_BYTES:
        return DISK_FULL()
    for place in (each for each in (folder, folder / SCRATCH) if each.is_dir()):
        try:
            with tempfile.TemporaryFile(dir=place) as probe:
                probe.write(b"probe")
        except OSError as problem:
            return NOT_WRITTEN(reason=problem.strerror or str(problem))
    return None


def _keep(runs: "RunStore", run_id: str, what: "Event") -> None:
    """Keep an event, and say in the log that it happened: what it is about, not what it holds of the table."""
    runs.append(run_id, what)
    data = what.to_json()
    told = {name: data[name] for name in TOLD if name in data}
    cause = {"code": data["cause"]["code"]} if "cause" in data else {}
    logger.info("%s", data["kind"].replace("_", " "), extra=event(**told, **cause))


def _keep_with_files(
    keep: "Callable[[Event], None]", elsewhere: "Carried | None", scratch: Path, what: "Event"
) -> None:
    """Keep an event; what a finished candidate has left is kept before it, where another computer finds it."""
    from engine.events import CandidateFinished

    if elsewhere is not None and isinstance(what, CandidateFinished) and not what.pruned:
        left = sorted(path for path in (scratch / "trials" / str(what.number)).glob("*") if path.is_file())
        names = [path.relative_to(scratch).as_posix() for path in left]
        # They are read again only as they are now: what was trained is code to whoever reads it.
        what = replace(what, files=elsewhere.put(scratch, names, anew=True))
    keep(what)


def _forget_candidates(place: "Workspace", run_id: str) -> None:
    from app.standing import candidates_elsewhere

    elsewhere = candidates_elsewhere(place.folder, run_id)
    with suppress(TablewrightError):  # what cannot be removed harms nobody, and the run has ended well
        if elsewhere is not None:
            elsewhere.remove()


class _Wishes:
    """What a person asks of a run, read from the workspace in one look: it is looked at many times a second."""

    def __init__(self, runs: "RunStore", run_id: str, folder: Path) -> None:
        self._runs, self._run_id = runs, run_id
        self._latest = runs.wish(run_id)
        self._folder, self._is_short, self._look_at_disk = folder, False, 0.0
        self._requests: list[Request] = []
        self._last_request, self._looked_at = 0, 0.0

    def command(self) -> "Command":
        """Look at what is asked."""
        from engine.progress import Command

        self._latest = self._runs.wish(self._run_id)
        return Command.STOP if self._is_short_of_disk() else self._latest.command

    def _is_short_of_disk(self) -> bool:
        """Whether the run had better end while there is room to write its model; looked at now and then."""
        from app.preflight import is_low_on_disk

        if time.monotonic() >= self._look_at_disk:
            self._is_short = self._is_short or is_low_on_disk(self._folder)
            self._look_at_disk = time.monotonic() + LOOK_AT_DISK_SECONDS
        return self._is_short

    def added_seconds(self) -> float:
        """Return the time that had been added when it was last looked at."""
        return self._latest.added_seconds

    def note(self, what: "Event") -> None:
        """Look anew where the search has ended: what was asked just before has to be heard."""
        from engine.events import SearchEnded

        if isinstance(what, SearchEnded):
            self._looked_at = float("-inf")

    def requests(self) -> "Sequence[Request]":
        """Return what was asked of the search, in order; looked at now and then, for it is more to read."""
        if time.monotonic() - self._looked_at >= LOOK_FOR_REQUESTS_SECONDS:
            for number, request in self._runs.requests(self._run_id, self._last_request):
                self._last_request = number
                self._requests.append(request)
            self._looked_at = time.monotonic()
        return self._requests


def _events(place: "Workspace", run_id: str) -> "tuple[Event, ...]":
    return tuple(event for _number, event in place.runs.events(run_id))


def _start_next(folder: Path | None) -> None:
    """Start what waited for the room that has become free; that it could not be must not make this run fail."""
    from app.bootstrap import workspace
    from app.waiting import start_waiting

    try:
        with workspace(folder) as place:
            start_waiting(place)
    except TablewrightError:
        logger.info("What waits could not be started", exc_info=True)


def _start_mirror(place: "Workspace", run_id: str) -> None:
    from app.launch import LOG_FILE, start_detached
    from storage.settings import MLFLOW, NO_MIRROR

    if MLFLOW.value(place.folder) != NO_MIRROR:
        log = place.runs.folder(run_id) / LOG_FILE
        start_detached(MIRROR, [run_id, "--workspace", str(place.folder)], log=log)


def _parse(arguments: list[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m app.worker", description="Train one run to its end.")
    parser.add_argument("run_id", help=f"{STANDBY} waits to be told on standard input")
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--behind", action="store_true", help="let what answers people go first")
    parser.add_argument("--clock-started", type=float, help="seconds since 1970 at which the run's budget began")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
