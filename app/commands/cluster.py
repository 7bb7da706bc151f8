"""`tablewright cluster`: several computers that train candidates together."""

import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from app.command import DONE, FAILED, Command
from app.terminal import LAST_PORT, add_json, print_json, table, tell, whole_number
from engine.logs import wanted

LOOPBACK = "127.0.0.1"
PORT = 8786
OPEN_HOST = (
    "Whoever reaches this port can run programs on the computers of the cluster. Let only a private network reach it."
)


def _add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    start = actions.add_parser("start", help="run the scheduler here, until Ctrl+C")
    start.add_argument("--host", default=LOOPBACK, help="where it listens (default: this computer only)")
    start.add_argument(
        "--port", type=whole_number("port", least=0, most=LAST_PORT), default=PORT, help=f"its port (default: {PORT})"
    )
    worker = actions.add_parser("add-worker", help="train here for a scheduler, until Ctrl+C")
    worker.add_argument("address", metavar="HOST:PORT", help="where the scheduler listens")
    worker.add_argument(
        "--slots",
        type=whole_number("number of candidates"),
        metavar="N",
        help="candidates trained at once (default: one for each core)",
    )
    status = actions.add_parser("status", help="the workers, and whether they fit this computer")
    status.add_argument("address", metavar="HOST:PORT", help="where the scheduler listens")
    add_json(status)


def _run(options: Namespace) -> int:
    match options.action:
        case "start":
            if options.host != LOOPBACK:
                tell(OPEN_HOST)
            tell(f"Add workers with: tablewright cluster add-worker {options.host}:{options.port}")
            return _dask("scheduler", ["--host", options.host, "--port", str(options.port)])
        case "add-worker":
            from engine.run.resources import usable_cores

            slots = options.slots or usable_cores()
            # A trial is a process of its own, so that one worker of N threads trains N at once.
            ready = ["--preload", "engine.search.executors.on_worker"]
            return _dask("worker", [options.address, "--nthreads", str(slots), "--memory-limit", "0", *ready])
    return _status(options)


def _dask(role: str, arguments: Sequence[str]) -> int:
    from engine.search.executors.cluster import require_installed

    require_installed()
    settings = {
        "DASK_DISTRIBUTED__WORKER__DAEMON": "False",  # else a worker may not start the processes of its trials
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        # What Dask does beside, many times a second in each of its processes, is taken from the trials.
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
        "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
        "DASK_DISTRIBUTED__SCHEDULER__ACTIVE_MEMORY_MANAGER__START": "False",  # what trials leave lies in files
        "DASK_LOGGING": repr(_logging(role)),
    }
    started = [sys.executable, "-P", "-m", f"distributed.cli.dask_{role}", *arguments, "--no-dashboard"]
    if os.name == "posix":  # this process becomes it: whoever ends one has ended the other
        os.execve(sys.executable, started, {**os.environ, **settings})  # noqa: S606 - our own program, no shell
    try:
        ended = subprocess.run(started, env={**os.environ, **settings}, check=False)
    except KeyboardInterrupt:
        return DONE
    return DONE if ended.returncode == 0 else FAILED


def _logging(role: str) -> dict[str, object]:
    """Return how Dask and what it starts are to say what happens: as all our processes do."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": "engine.logs.lines", "process": f"cluster {role}"}},
        "handlers": {"said": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["said"], "level": "INFO" if wanted() else "WARNING"},
    }


def _status(options: Namespace) -> int:
    from dataclasses import asdict

    from engine.search.executors.cluster import Cluster

    cluster = Cluster(options.address)
    workers = cluster.workers
    cluster.close()
    if options.json:
        print_json([asdict(each) for each in workers])
    else:
        print(table(["host", "slots"], [[each.host, each.n_slots] for each in workers], right=[1]))
        print(f"Train there with: TABLEWRIGHT_EXECUTOR=dask://{options.address}")
    return DONE


CLUSTER = Command(
    key="cluster",
    help="train candidates on several computers: start, add-worker, status",
    about="Trials run on Dask workers, each in a process of its own; what they leave comes back into the run's folder.",
    add_arguments=_add_arguments,
    run=_run,
)
