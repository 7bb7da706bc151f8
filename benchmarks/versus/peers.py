"""What other systems scored on the same tables and splits.

    python benchmarks/versus/peers.py MEASURED.json

MEASURED.json: by table a "metric" and "systems", by "name@budget" a "score", "fit_s", "row_ms", "mb" and "rss_mb".
How they were measured stands in `HOW`. Systems are not run by this project: their packages need environments that
exclude each other.
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
    "November 2026, one fresh process per system, table and split, 2 shared cores, 2 threads, split 0. Each had all "
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
_METRICS = {"logloss": "log_loss"}


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


def derive(measured: Mapping[str, Any], split: int = 0) -> list[Peer]:
    """Bring measured figures into our form.

    >>> row = {"score": 0.9, "fit_s": 1.0, "row_ms": 2.0, "mb": 3.0, "rss_mb": 4}
    >>> [(each.system, each.seconds) for each in derive({"t": {"metric": "auc", "systems": {"h2o@60": row}}})]
    [('h2o', 60.0)]
    """
    found = []
    for table, entry in measured.items():
        for name, row in entry["systems"].items():
            system, _, seconds = name.partition("@")
            found.append(
                Peer(
                    table=table,
                    split=split,
                    seconds=float(seconds),
                    system=system,
                    metric=_METRICS.get(entry["metric"], entry["metric"]),
                    score=row["score"],
                    fit_seconds=row["fit_s"],
                    row_ms=row["row_ms"],
                    megabytes=row["mb"],
                    memory_megabytes=row["rss_mb"],
                )
            )
    return found


def written(peers: Iterable[Peer]) -> str:
    """Return the file's text: one line per figure, so that a change can be read."""
    lines = ",\n".join("  " + json.dumps(asdict(each)) for each in peers)
    return f'{{"how": {json.dumps(HOW)},\n "results": [\n{lines}\n]}}\n'


def main() -> None:
    """Write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    options = parser.parse_args()
    FILE.write_text(written(derive(json.loads(options.measured.read_text(encoding="utf-8")))), encoding="utf-8")


if __name__ == "__main__":
    main()
