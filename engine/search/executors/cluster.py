"""Trials on the workers of a Dask cluster; what they leave comes back into the run's own folder."""

import importlib.util
import logging
import math
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from engine import logs
from engine.errors import ConfigError, TablewrightError, TrialCrashError, TrialError, TrialTimeoutError
from engine.messages import phrase
from engine.search.executors import on_worker
from engine.search.executors.here import Here
from engine.search.executors.on_worker import About, Delivery, Lacks
from engine.search.fair_memory import fair_memory_bytes
from engine.search.guard import STOPPED, TIMED_OUT, CallOutcome, GuardedCall
from engine.search.order import Order
from engine.search.sharing import MOST_WORTH, POOL_PATIENCE_SECONDS, turn_at
from engine.whole_files import write_whole

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
logger = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
GONE_SECONDS = 20.0  # that a cluster which no longer answers is waited for
AGAIN_SECONDS = 1.0
PART_BYTES = 16 << 20
NOT_INSTALLED = phrase(
    "cluster_not_installed",
    "Trials cannot run on a cluster: the package distributed is not installed.",
    'Install it from the folder of Tablewright with: pip install ".[cluster]".',
)
NO_ANSWER = phrase(
    "cluster_no_answer",
    "No cluster answers at {address}: {reason}.",
    "Start one with `tablewright cluster start`, correct TABLEWRIGHT_EXECUTOR, or leave it empty to train here.",
)
NO_WORKERS = phrase(
    "cluster_no_workers",
    "The cluster at {address} has no workers.",
    "Start one on each computer with: tablewright cluster add-worker {address}.",
)
CANNOT_START = phrase(
    "cluster_cannot_start",
    "The workers on {host} may not start processes of their own, so a trial could not be ended there.",
    "Start them with `tablewright cluster add-worker`, or with DASK_DISTRIBUTED__WORKER__DAEMON=False.",
)
OTHER_VERSIONS = phrase(
    "cluster_other_versions",
    "The workers on {host} have other versions than this computer: {differing}.",
    "Install the same version of Tablewright and of its packages on all computers.",
)
WORKERS_LACK_IT = phrase(
    "cluster_workers_lack_it",
    "A worker of the cluster at {address} cannot run trials: {reason}.",
    "Install the same version of Tablewright on all computers and start its workers again.",
)
WORKER_DIED = phrase(
    "cluster_worker_died",
    "The workers that trained this candidate ended one after the other.",
    "If this happens often, the computers may be short of memory.",
)


class Cluster:
    """The workers of a cluster, as one pool of places.

    Where it no longer answers, the trials that were there begin anew when it comes back, and on this computer when it
    does not: what has ended is never lost, because it lies in the run's folder.

    Raises ConfigError when no cluster answers, or when its workers are not fit.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.lost = False
        self.run = uuid.uuid4().hex
        self._gone_since: float | None = None
        self._tried_last = 0.0
        self._marked = False
        self._client: Client | None = _connected(address, CONNECT_SECONDS)
        self._clock_ahead = float(self._client.run_on_scheduler(time.time)) - time.time()
        self.workers = fit_workers(self._client, address)

    @property
    def is_elsewhere(self) -> bool:
        """Whether trials use other computers: until these are lost."""
        return not self.lost

    @property
    def n_slots(self) -> int:
        """How many trials run at once, over all workers."""
        return sum(each.n_slots for each in self.workers)

    def start(
        self,
        order: Order,
        *,
        deadline_seconds: float | None,
        memory_bytes: int | None,
        worth: float = MOST_WORTH,
    ) -> "ClusterCall":
        """Start a trial on whichever worker has room; of those of all runs that wait, the one that is due first."""
        if not self._marked:
            (order.folder / on_worker.SHARED_MARK).write_text(self.run, encoding="utf-8")
            self._marked = True
        return ClusterCall(self, order, deadline_seconds, memory_bytes, worth)

    def close(self) -> None:
        """Let the workers forget the run's data, and leave the cluster."""
        self.ask(lambda client: client.run(on_worker.forget, self.run, on_error="ignore"))
        self._leave()

    def now(self) -> float:
        """Return the time by the scheduler's clock, which all runs on this cluster share."""
        return time.time() + self._clock_ahead

    def ask(self, what: "Callable[[Client], T]") -> T | None:
        """Ask the cluster something; None where it does not answer, for now or any more."""
        from distributed.client import ClosedClientError

        client = self._connection()
        if client is None:
            return None
        try:
            return what(client)
        except (OSError, TimeoutError, ClosedClientError):
            logger.info("The cluster at %s did not answer", self.address, exc_info=True)
            return None

    def is_there(self) -> bool:
        """Whether the cluster is connected; where it is not, this tries again. After too long a time it is `lost`."""
        return self._connection() is not None

    def send_data(self, folder: Path, worker: str) -> None:
        """Send the run's data to a worker that does not see its folder; what is not whole there is sent again."""
        for path in sorted(each for each in (folder / "data").rglob("*") if each.is_file()):
            name = path.relative_to(folder).as_posix()
            n_parts = max(1, math.ceil(path.stat().st_size / PART_BYTES))
            with path.open("rb") as file:
                if not all(
                    self._send(worker, name, part * PART_BYTES, file.read(PART_BYTES)) for part in range(n_parts)
                ):
                    return
        self._send(worker, "", 0, b"")

    def _send(self, worker: str, name: str, position: int, part: bytes) -> bool:
        said = self.ask(lambda client: client.run(on_worker.receive, self.run, name, position, part, workers=[worker]))
        return said is not None

    def _connection(self) -> "Client | None":
        if self._client is not None and self._client.status == "running":
            self._gone_since = None
            return self._client
        now = time.monotonic()
        self._gone_since = self._gone_since or now
        if not self.lost and now - self._tried_last >= AGAIN_SECONDS:
            self._tried_last = now
            self._connect_again()
            self.lost = self._client is None and now - self._gone_since > GONE_SECONDS
        return self._client

    def _connect_again(self) -> None:
        self._leave()
        try:
            client = _connected(self.address, AGAIN_SECONDS)
        except ConfigError:
            return
        self._client = client
        try:
            self.workers = fit_workers(client, self.address)
        except ConfigError:  # they are not back yet
            self._leave()

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            logger.info("Leaving the cluster at %s (%s)", self.address, client.status)
            client.close(timeout=AGAIN_SECONDS)


class ClusterCall:
    """A trial on a cluster."""

    def __init__(
        self,
        cluster: Cluster,
        order: Order,
        deadline_seconds: float | None,
        memory_bytes: int | None,
        worth: float,
    ) -> None:
        self._cluster = cluster
        self._order = order
        self._deadline_seconds = deadline_seconds
        self._memory_bytes = memory_bytes
        self._worth = worth
        self._started = time.monotonic()
        self._outcome: CallOutcome | None = None
        self._future: Future | None = None
        self._here: GuardedCall | None = None
        self._paused = False
        self._submit()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._outcome.seconds if self._outcome is not None else time.monotonic() - self._started

    def poll(self) -> CallOutcome | None:
        """Return the outcome, or None while the trial is under way; sees to it that it is somewhere."""
        if self._outcome is None and not self._paused:
            self._outcome = self._here.poll() if self._here is not None else self._look()
        return self._outcome

    def pause(self) -> None:
        """Take the trial back: a worker does not keep a place for what stands still."""
        if self._outcome is None and not self._paused:
            self._paused = True
            self._take_back()

    def resume(self) -> None:
        """Begin it anew."""
        if self._outcome is None and self._paused:
            self._paused = False
            self._submit()

    def kill(self) -> None:
        """End the trial now."""
        if self._outcome is None:
            self._take_back()
            self._outcome = self._failed(TrialError(STOPPED()))

    def _submit(self) -> None:
        key = f"tablewright-{uuid.uuid4().hex}"
        limits = (self._deadline_seconds, self._memory_bytes)
        due = turn_at(self._cluster.now(), self._worth, POOL_PATIENCE_SECONDS)
        self._future = self._cluster.ask(
            lambda client: client.submit(
                on_worker.run_there,
                self._order,
                self._cluster.run,
                key,
                *limits,
                logs.current(),
                key=key,
                pure=False,
                priority=-due,
            )
        )
        if self._future is None and self._cluster.lost:
            memory_bytes = self._memory_bytes or fair_memory_bytes(os.cpu_count() or 1)
            order = replace(self._order, seconds=self._left_of(self._order.seconds))
            deadline_seconds = self._left_of(self._deadline_seconds)
            self._here = Here().start(order, deadline_seconds=deadline_seconds, memory_bytes=memory_bytes)

    def _left_of(self, seconds: float | None) -> float | None:
        """Return what is left of a limit here: the time of the run has gone on while the cluster had the trial."""
        return None if seconds is None else max(0.0, seconds - self.seconds)

    def _look(self) -> CallOutcome | None:
        future = self._future
        is_over = future is not None and future.status in {"finished", "error"}
        if not is_over and self._deadline_seconds is not None and self.seconds > self._deadline_seconds:
            self._take_back()  # waiting for a place counts, too: the time of the run does
            return self._failed(TrialTimeoutError(TIMED_OUT(seconds=round(self.seconds, 1))))
        if future is not None and future.status == "finished":
            return self._received(_result(future))
        if future is not None and future.status == "error":
            return self._broken(future.exception())
        if future is None or future.status != "pending" or not self._cluster.is_there():
            self._submit()  # the cluster went, or came back and knows nothing of it
        return None

    def _received(self, answer: Any) -> CallOutcome | None:
        match answer:
            case Lacks(address=worker):
                self._cluster.send_data(self._order.folder, worker)
                self._submit()
                return None
            case Delivery(outcome=outcome, files=files):
                _keep(self._order.place, files)
                return outcome
        self._future = None  # the answer went with the cluster
        return None

    def _broken(self, problem: BaseException | None) -> CallOutcome:
        if isinstance(problem, TablewrightError):
            return self._failed(problem)
        logger.warning("A trial broke off on the cluster", exc_info=problem)
        return self._failed(TrialCrashError(WORKER_DIED()))

    def _failed(self, error: TablewrightError) -> CallOutcome:
        return CallOutcome(error=error, seconds=self.seconds, peak_memory_bytes=0)

    def _take_back(self) -> None:
        if self._here is not None:
            self._here.kill()
            self._here = None
        future, self._future = self._future, None
        if future is not None:
            self._cluster.ask(lambda _client: future.cancel())


def fit_workers(client: "Client", address: str) -> tuple[About, ...]:
    """Return what the workers say of themselves; raises ConfigError when there are none or one of them is not fit."""
    try:
        found: tuple[About, ...] = tuple(client.run(on_worker.about).values())
    except (ImportError, AttributeError) as problem:
        raise ConfigError(WORKERS_LACK_IT(address=address, reason=str(problem).rstrip("."))) from problem
    if not found:
        raise ConfigError(NO_WORKERS(address=address))
    ours = on_worker.versions()
    for each in found:
        if not each.may_start_processes:
            raise ConfigError(CANNOT_START(host=each.host))
        differing = [
            f"{name} {each.versions.get(name, 'none')}" for name in ours if each.versions.get(name) != ours[name]
        ]
        if differing:
            raise ConfigError(OTHER_VERSIONS(host=each.host, differing=", ".join(differing)))
    return found


def require_installed() -> None:
    """Raise ConfigError where the package for clusters is not installed."""
    if importlib.util.find_spec("distributed") is None:
        raise ConfigError(NOT_INSTALLED())


def _connected(address: str, seconds: float) -> "Client":
    require_installed()
    from distributed import Client

    try:
        return Client(address, timeout=seconds, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as problem:
        reason = str(problem).partition("\n")[0].rstrip(".") or "it took too long"
        raise ConfigError(NO_ANSWER(address=address, reason=reason)) from problem


def _result(future: "Future") -> Any:
    from concurrent.futures import CancelledError

    try:
        return future.result(timeout=CONNECT_SECONDS)
    except (CancelledError, OSError, TimeoutError):
        return None


def _keep(place: Path, files: Mapping[str, bytes]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_whole(place / name, content)
