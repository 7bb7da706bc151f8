"""What other systems scored on the same tables and splits.

    python benchmarks/versus/peers.py MEASURED.jsonl

Adds the lines of MEASURED.jsonl, one for each run: "framework", "dataset", "seed" (the split), "budget", "task", "auc",
"logloss" or "rmse", "fit_s", "predict_1_ms", "size_mb" and "peak_rss_mb"; those with an "error" are left out. How they
were measured stands in `HOW`. Systems are not run by this project: their packages need environments that exclude each
other.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # started as a file, it finds the project from its root

from benchmarks.versus.scores import error

FILE = Path(__file__).parent / "peers.json"
HOW = (
    "November 2026, one fresh process per system, table and split, 2 shared cores, 2 threads. Each had all "
    "training rows of the split, was told task and metric (AUC, log loss, RMSE), and was scored on the rows set "
    "aside. fit_seconds: its fit alone, imports not counted. row_ms: median of single rows through its Python "
    "interface; for AutoGluon loading is included (kept in memory: 3 to 30 ms for medium, 33 to 420 ms for best). "
    "megabytes: what has to be kept on disk to predict. memory_megabytes: most memory of all its processes together. "
    "lightgbm, catboost and randomforest are single models with their defaults and know no budget. ag_* ran without "
    "torch, ag_*_torch with it. phoneme and ames_housing were partly measured while the computer was busy. One split "
    "is noisy: small gaps mean nothing. The tables of other_tables.py were measured by the same rules with "
    "AutoGluon 1.6.3."
)
NAMES: Mapping[str, str] = {
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "randomforest": "random forest",
    "flaml": "FLAML",
    "ag_medium": "AutoGluon medium",
    "ag_best": "AutoGluon best",
    "ag_medium_torch": "AutoGluon medium + torch",
    "ag_best_torch": "AutoGluon best + torch",
    "h2o": "H2O",
    "mljar_compete": "mljar",
    "lama": "LightAutoML",
}
WITH_TORCH: Mapping[str, str] = {"ag_medium": "ag_medium_torch", "ag_best": "ag_best_torch"}
_METRICS = {"binary": "auc", "multiclass": "log_loss", "regression": "rmse"}
_NAMES = {"log_loss": "logloss"}


@dataclass(frozen=True, kw_only=True)
class Peer:
    """What one system reached on one table and split with one budget."""

    table: str
    split: int
    seconds: float
    system: str
    metric: str
    score: float
    fit_seconds: float
    row_ms: float
    megabytes: float
    memory_megabytes: float

    @property
    def error(self) -> float:
        """What is smaller when better."""
        return error(self.metric, self.score)


def read_peers(path: Path = FILE) -> list[Peer]:
    """Return the figures that are kept."""
    return [Peer(**each) for each in json.loads(path.read_text(encoding="utf-8"))["results"]]


def derive(lines: Iterable[Mapping[str, Any]]) -> list[Peer]:
    """Bring measured runs into our form.

    >>> run = {"framework": "h2o", "dataset": "t", "seed": 1, "budget": 60, "task": "binary", "auc": 0.9, "fit_s": 1.0,
    ...        "predict_1_ms": 2.0, "size_mb": 3.0, "peak_rss_mb": 4}
    >>> [(each.system, each.split, each.metric, each.score) for each in derive([run, {"error": "none"}])]
    [('h2o', 1, 'auc', 0.9)]
    """
    return [
        Peer(
            table=run["dataset"],
            split=run["seed"],
            seconds=float(run["budget"]),
            system=run["framework"],
            metric=_METRICS[run["task"]],
            score=run[_NAMES.get(_METRICS[run["task"]], _METRICS[run["task"]])],
            fit_seconds=run["fit_s"],
            row_ms=run["predict_1_ms"],
            megabytes=run["size_mb"],
            memory_megabytes=run["peak_rss_mb"],
        )
        for run in lines
        if not run.get("error")
    ]


def written(peers: Iterable[Peer]) -> str:
    """Return the file's text: one line per figure, so that a change can be read."""
    lines = ",\n".join("  " + json.dumps(asdict(each)) for each in peers)
    return f'{{"how": {json.dumps(HOW)},\n "results": [\n{lines}\n]}}\n'


def main() -> None:
    """Write the file anew, with what was measured besides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    options = parser.parse_args()
    added = derive(json.loads(line) for line in options.measured.read_text(encoding="utf-8").splitlines())
    known = {(each.table, each.split, each.seconds, each.system): each for each in (*read_peers(), *added)}
    FILE.write_text(written(known.values()), encoding="utf-8")


if __name__ == "__main__":
    main()
