"""All processes of a training, with a server and a cluster beside it, and how each of them is killed and comes back."""

import os
import random
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.acknowledging import MODULE, launch
from storage.workspace import Workspace
from tests.conftest import free_port

ROOT = Path(__file__).parents[1]
MARK = "TABLEWRIGHT_KILLS_MARK"  # in the environment of everything that is started here, and of what that starts
HERE = ("worker", "trial", "trial", "trial", "fork server")  # a trial costs least time, so most of them die
ELSEWHERE = ("scheduler", "cluster worker")
SERVER = "server"
LEFT_TO_THE_SERVER = 0.3  # of the times that a run is resumed
GONE_SECONDS = 20.0  # that what belonged to a killed process may take to end


@dataclass
class Scene:
    """What is killed. `mark`: by which its processes are found, whoever their parents are now.

    `is_wide`: trials run on a cluster of this computer, and the app's server runs beside.
    """

    place: Workspace
    is_wide: bool
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    strays: list[str] = field(default_factory=list)
    _started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        temporary = self.place.folder.parent / "temporary"
        temporary.mkdir(exist_ok=True)
        os.environ.update(
            {MARK: self.mark, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT), "TABLEWRIGHT_MLFLOW": "off"}
        )
        self._ports = {name: free_port() for name in (SERVER, "scheduler")}
        os.environ.pop("TABLEWRIGHT_EXECUTOR", None)
        if self.is_wide:
            os.environ["TABLEWRIGHT_EXECUTOR"] = f"dask://127.0.0.1:{self._ports['scheduler']}"
            self.mend()

    @property
    def victims(self) -> tuple[str, ...]:
        """What there is to kill."""
        return (*HERE, *ELSEWHERE, SERVER) if self.is_wide else HERE

    def mend(self) -> None:
        """Start again what is not there, as whoever operates a computer lets it happen."""
        if not self.is_wide:
            return
        address = f"127.0.0.1:{self._ports['scheduler']}"
        cluster = [sys.executable, "-m", "app.cli", "cluster"]
        commands = {
            "scheduler": [*cluster, "start", "--port", str(self._ports["scheduler"])],
            "first": [*cluster, "add-worker", address, "--slots", "1"],
            "second": [*cluster, "add-worker", address, "--slots", "1"],
            SERVER: [
                sys.executable,
                "-m",
                MODULE,
                "server",
                str(self._ports[SERVER]),
                str(self.place.folder),
            ],
        }
        for name, command in commands.items():
            there = self._started.get(name)
            if there is None or there.poll() is not None:
                with (self.place.folder.parent / f"{name}.log").open("ab") as log:
                    self._started[name] = subprocess.Popen(
                        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
                    )

    def resume(self, run_id: str, chance: random.Random) -> None:
        """Let a run go on: started from here, or left to the server."""
        if self.is_wide and chance.random() < LEFT_TO_THE_SERVER:
            self.place.runs.enqueue(run_id)
        else:
            launch(run_id, self.place.folder)

    def kill(self, run_id: str, victim: str, chance: random.Random) -> bool:
        """Kill one process of this sort; returns whether there was one."""
        chosen = self._find(run_id, victim)
        if not chosen:
            return False
        one = chance.choice(chosen)
        family = _family(one) if victim != "fork server" else []  # its trials belong to the worker, which lives
        try:
            one.kill()
        except psutil.NoSuchProcess:
            return False
        if victim == "worker":
            self._count(psutil.wait_procs(family, timeout=GONE_SECONDS)[1], "after its worker")
        return True

    def workers(self, run_id: str) -> list[psutil.Process]:
        """Return the processes that train a run or are about to: one, or none."""
        return [each for each in self._marked() if f"{MODULE} worker {run_id}" in _said(each)]

    def close(self) -> None:
        """End what was started; what is there afterwards is a stray."""
        for process in self._started.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + GONE_SECONDS
        while (left := self._marked()) and time.monotonic() < end:
            time.sleep(0.2)
        self._count(left, "at the end")
        for process in left:
            process.kill()
        for started in self._started.values():
            started.wait()

    def _count(self, left: list[psutil.Process], when: str) -> None:
        for process in left:
            try:
                if process.status() != psutil.STATUS_ZOMBIE:
                    self.strays.append(f"{when}: {' '.join(process.cmdline())[:120]}")
            except psutil.NoSuchProcess:
                continue

    def _find(self, run_id: str, victim: str) -> list[psutil.Process]:
        if victim in {SERVER, "scheduler"}:
            return self._own(victim)
        if victim == "cluster worker":
            keepers = [*self._own("first"), *self._own("second")]
            return [*keepers, *(each for keeper in keepers for each in _children(keeper) if _is_spawned(each))]
        if victim == "worker":
            return self.workers(run_id)
        marked = [each for each in self._marked() if "forkserver" in _said(each)]
        ids = {each.pid for each in marked}
        trials = [each for each in marked if _parent_id(each) in ids]
        return trials if victim == "trial" else [each for each in marked if each not in trials]

    def _own(self, name: str) -> list[psutil.Process]:
        process = self._started.get(name)
        return [psutil.Process(process.pid)] if process is not None and process.poll() is None else []

    def _marked(self) -> list[psutil.Process]:
        """Return every living process that was started from here, by whomever."""
        found = []
        for process in psutil.process_iter():
            try:
                marked = process.pid != os.getpid() and process.environ().get(MARK) == self.mark
                if marked and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children())
    except psutil.Error:
        return []


def _is_spawned(process: psutil.Process) -> bool:
    return "spawn_main" in _said(process)


def _said(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _parent_id(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.Error:
        return 0
