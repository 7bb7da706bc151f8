"""What a Dask cluster costs beside local processes: the same search on both, in turns, on this computer.

    python -m benchmarks.cluster FOLDER/adult.csv TARGET [--candidates 6] [--rounds 3]

Starts a scheduler and two workers with one place each, and trains `--candidates` two at once, on the cluster and in two
local processes. Told is the time from the beginning of the search to its end, the median of the rounds; what each of
the candidates took; and how long the places stood empty, which is what handing candidates out and back costs even where
the computer has other things to do. The scores must be the same.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import ExperimentConfig, run_experiment
from engine.errors import ConfigError
from engine.events import CandidateFinished, Event, SearchEnded, StageStarted, of_kind
from engine.search.executors.cluster import Cluster
from engine.search.executors.executor import Executor
from engine.search.executors.here import Here
from engine.search.preload import preload
from engine.table.dataset import Dataset
from engine.table.reading import read_table

N_WORKERS = 2
READY_SECONDS = 60.0
PORT = 8799


@dataclass(frozen=True, kw_only=True)
class Search:
    """One search: how long it took, what its candidates took, and their scores by number."""

    seconds: float
    candidates: tuple[float, ...]
    scores: tuple[float, ...]

    @property
    def empty_seconds(self) -> float:
        """How long the places stood empty, each."""
        return self.seconds - sum(self.candidates) / N_WORKERS


@contextmanager
def cluster() -> Iterator[str]:
    """Run a scheduler and its workers; gives the address when all are there."""
    address = f"127.0.0.1:{PORT}"
    begin = [sys.executable, "-m", "app.cli", "cluster"]
    roles = [["start", "--port", str(PORT)], *[["add-worker", address, "--slots", "1"]] * N_WORKERS]
    started = [subprocess.Popen([*begin, *role], stderr=subprocess.DEVNULL) for role in roles]
    try:
        give_up = time.monotonic() + READY_SECONDS
        while _n_places(address) < N_WORKERS:
            if time.monotonic() > give_up:
                raise TimeoutError("the workers did not come")
            time.sleep(0.5)
        yield address
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _n_places(address: str) -> int:
    try:
        found = Cluster(address)
    except ConfigError:
        return 0
    n_places = found.n_slots
    found.close()
    return n_places


def search(table: Dataset, config: ExperimentConfig, executor: Executor) -> Search:
    """Train once."""
    heard: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        run_experiment(table, config, folder=Path(folder), emit=heard.append, executor=executor)
    began = next(each.seconds for each in of_kind(heard, StageStarted) if each.stage == "search")
    finished = sorted(of_kind(heard, CandidateFinished), key=lambda each: each.number)
    return Search(
        seconds=of_kind(heard, SearchEnded)[0].seconds - began,
        candidates=tuple(each.train_seconds for each in finished),
        scores=tuple(each.score for each in finished),
    )


def _say(name: str, found: Search) -> None:
    took = ", ".join(f"{seconds:.1f}" for seconds in found.candidates)
    print(f"{name}: {found.seconds:.1f} s, empty {found.empty_seconds:.1f} s (candidates {took})", flush=True)


def main() -> None:
    """Train in turns, and print what each round took and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("target")
    parser.add_argument("--candidates", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    table = read_table(options.table)
    config = ExperimentConfig(
        target=options.target, candidates=options.candidates, seed=1, families=("lightgbm", "linear"), jobs=N_WORKERS
    )
    preload()
    here: list[Search] = []
    there: list[Search] = []
    with ExitStack() as stack:
        address = stack.enter_context(cluster())
        for _ in range(options.rounds):
            here.append(search(table, config, Here(N_WORKERS)))
            _say("here", here[-1])
            pool = Cluster(address)
            there.append(search(table, config, pool))
            pool.close()
            _say("there", there[-1])
    middle = [statistics.median(each.seconds for each in some) for some in (here, there)]
    print(f"medians {middle[0]:.1f} s here, {middle[1]:.1f} s there: {middle[1] / middle[0] - 1:+.0%}")
    print("the same scores:", all(each.scores == here[0].scores for each in (*here, *there)))


if __name__ == "__main__":
    main()
