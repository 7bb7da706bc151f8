"""Trials on a real cluster of this computer: the same leaderboard, whatever worker or scheduler dies."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import psutil
import pytest

from app.cli import main
from engine import ExperimentConfig, run_experiment
from engine.column_choice import ColumnChoice
from engine.errors import ConfigError
from engine.events import CandidateFinished, Event, of_kind
from engine.progress import Progress, fold
from engine.run.dividing import divide_rows
from engine.run.question import settle_question
from engine.search.executors import cluster as clusters
from engine.search.executors import on_worker
from engine.search.executors.addresses import executor_at
from engine.search.executors.cluster import Cluster, ClusterCall
from engine.search.executors.here import Here
from engine.search.guard import STOPPED
from engine.search.order import Order
from engine.search.sharing import LEAST_WORTH, MOST_WORTH
from engine.search.validation import ValidationSettings
from engine.table.dataset import Dataset
from engine.table.reading import read_table
from engine.table.schema import Role
from tests.conftest import flats, free_port

PATIENCE_SECONDS = 90.0  # only ever used up by a failure
CONFIG = ExperimentConfig(
    target="dear",
    columns={"worth": ColumnChoice(role=Role.IGNORED)},
    candidates=3,
    seed=5,
    families=("linear", "lightgbm"),
    validation=ValidationSettings(n_folds=3, n_repeats=1),
)


@dataclass
class Running:
    """A cluster of this computer."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]

    def kill_a_worker(self) -> None:
        """Kill the process that holds the connections of the first worker; its keeper starts it again."""
        for child in psutil.Process(self.workers[0].pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # candidates end while this looks for those that started them
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()


@pytest.fixture
def running() -> Iterator[Running]:
    port = free_port()
    address = f"127.0.0.1:{port}"
    begin = [sys.executable, "-m", "app.cli", "cluster"]
    scheduler = subprocess.Popen([*begin, "start", "--port", str(port)])
    workers = [subprocess.Popen([*begin, "add-worker", address, "--slots", "1"]) for _ in range(2)]
    try:
        wait_for_workers(address, 2)
        yield Running(address, scheduler, workers)
    finally:
        for process in (scheduler, *workers):
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it has started."""
    if psutil.pid_exists(process.pid):
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in family:
            if each.is_running():
                each.kill()
    process.wait()


def wait_for_workers(address: str, n_workers: int) -> None:
    for _ in range(300):
        try:
            found = Cluster(address)
        except ConfigError:
            time.sleep(0.2)
            continue
        n_found = found.n_slots
        found.close()
        if n_found == n_workers:
            return
    raise TimeoutError("the workers did not come")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("table") / "flats.csv"
    flats()[["Fläche", "rooms", "town", "worth", "dear"]].head(160).to_csv(path, index=False)
    return read_table(path)


def scores(progress: Progress) -> list[tuple[int, str, float]]:
    return [(each.number, each.family, each.score) for each in progress.leaderboard]


def test_a_cluster_gives_the_same_leaderboard_though_a_worker_dies_and_folders_are_not_shared(
    running: Running, small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = run_experiment(small, CONFIG, folder=tmp_path / "here")
    monkeypatch.setattr(on_worker, "SHARED_MARK", "not_what_workers_look_for")
    killed = False

    def kill_once(event: Event) -> None:
        nonlocal killed
        if isinstance(event, CandidateFinished) and not killed:
            killed = True
            running.kill_a_worker()

    cluster = Cluster(running.address)
    assert cluster.n_slots == 2
    there = run_experiment(small, CONFIG, folder=tmp_path / "there", emit=kill_once, executor=cluster)
    cluster.close()
    assert killed
    assert scores(there.progress) == scores(here.progress)
    assert there.progress.failed == here.progress.failed == ()


def test_where_the_scheduler_dies_the_run_goes_on_here_and_nothing_is_lost(
    running: Running, small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "GONE_SECONDS", 1.0)
    events: list[Event] = []

    def kill_once(event: Event) -> None:
        events.append(event)
        if isinstance(event, CandidateFinished) and running.scheduler.poll() is None:
            end(running.scheduler)

    cluster = Cluster(running.address)
    there = run_experiment(small, CONFIG, folder=tmp_path, emit=kill_once, executor=cluster)
    cluster.close()
    assert cluster.lost
    assert sorted(each.number for each in of_kind(events, CandidateFinished)) == [0, 1, 2, 3]
    assert there.progress == fold(events)


def test_an_address_names_a_place_or_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(executor_at(""), Here)
    assert executor_at("processes:3").n_slots == 3
    for wrong in ("processes:0", "dask://", "ray://x"):
        with pytest.raises(ConfigError, match="names no place"):
            executor_at(wrong)
    assert main(["cluster", "status", f"127.0.0.1:{free_port()}"]) == 2
    assert "No cluster answers" in capsys.readouterr().err


def test_a_trial_that_is_taken_back_frees_its_worker_and_the_next_there_is_the_one_that_promises_most(
    running: Running, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    wide = pd.DataFrame(random.normal(size=(30_000, 12))).add_prefix("c")
    wide = wide.assign(dear=wide.sum(axis=1) + wide["c0"] * wide["c1"])
    wide.to_csv(tmp_path / "wide.csv", index=False)
    config = replace(CONFIG, columns={})
    data, _ = divide_rows(settle_question(read_table(tmp_path / "wide.csv"), config), config)
    (tmp_path / "data").mkdir()
    data.save(tmp_path / "data")
    cluster = Cluster(running.address)
    numbers = count()

    def start(family: str, worth: float, **parameters: float) -> ClusterCall:
        order = Order(
            folder=tmp_path,
            number=next(numbers),
            family=family,
            parameters=parameters,
            metric="rmse",
            seed=0,
            threads=1,
        )
        return cluster.start(order, deadline_seconds=None, memory_bytes=None, worth=worth)

    hours = {"learning_rate": 1e-4, "num_leaves": 255}
    long = [start("lightgbm", MOST_WORTH, **hours) for _ in range(2)]
    wait_until(lambda: sum(map(len, (cluster.ask(lambda client: client.processing()) or {}).values())) == 2)
    waiting = [start("baseline", LEAST_WORTH) for _ in range(4)]
    urgent = start("baseline", MOST_WORTH)
    assert [call.poll() for call in (*long, *waiting, urgent)] == [None] * 7
    long[0].kill()
    stopped = long[0].poll()
    assert stopped is not None
    assert stopped.error is not None
    assert stopped.error.message.code == STOPPED.code
    ended: list[ClusterCall] = []

    def look() -> bool:
        ended.extend(call for call in (*waiting, urgent) if call not in ended and call.poll() is not None)
        return len(ended) == 5

    wait_until(look)
    assert ended.index(urgent) <= 1, "at most one had gone to the worker before it was there"
    assert all(call.poll().value is not None for call in ended)  # type: ignore[union-attr]
    assert long[1].poll() is None, "it would have taken hours"
    long[1].kill()
    wait_until(lambda: not any(cluster.ask(lambda client: client.processing()).values()))  # type: ignore[union-attr]
    cluster.close()


def test_time_that_a_trial_spent_on_a_lost_cluster_is_not_given_again(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "GONE_SECONDS", 0.5)
    cluster = Cluster(running.address)
    end(running.scheduler)
    order = Order(
        folder=tmp_path,
        number=1,
        family="baseline",
        parameters={},
        metric="rmse",
        seed=0,
        threads=1,
        seconds=50.0,
    )
    call = cluster.start(order, deadline_seconds=60.0, memory_bytes=None)
    wait_until(lambda: call.poll() is not None or call._here is not None)
    assert call._here is not None
    assert call._here._deadline_seconds is not None
    assert call._here._deadline_seconds <= 59.5
    call.kill()
    cluster.close()


def test_data_that_is_whole_is_not_written_over_when_it_is_sent_once_more(tmp_path: Path) -> None:
    worker = SimpleNamespace(local_directory=str(tmp_path))
    on_worker.receive("r", "data/rows", 0, b"hal", worker)
    on_worker.receive("r", "data/rows", 0, b"whole", worker)
    on_worker.receive("r", "", 0, b"", worker)
    on_worker.receive("r", "data/rows", 0, b"who", worker)
    assert (on_worker.data_folder("r", worker) / "data" / "rows").read_bytes() == b"whole"


def wait_until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.02)
