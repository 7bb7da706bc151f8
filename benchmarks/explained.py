"""How long SHAP values of 500 rows take after a run: `python benchmarks/explained.py FILE TARGET [--seconds 60]`."""

import pickle
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

from engine import ExperimentConfig, run_experiment
from engine.blend.final import FinalModel
from engine.events import BlendChosen, Event, of_kind
from engine.insight.explanation import contributions
from engine.run.finish import sample_rows
from engine.search.data import TrainingData
from engine.table.reading import read_table

N_ROWS = 500


def main() -> None:
    """Train, then explain in this process, which loads libraries and makes sessions first."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside)
        config = ExperimentConfig(target=options.target, seconds=options.seconds)
        run_experiment(read_table(options.file), config, folder=folder, emit=events.append)
        frame = sample_rows(TrainingData.load(folder / "data"), N_ROWS, 0)
        model: FinalModel = pickle.loads((folder / "final.pkl").read_bytes())
        begun = time.perf_counter()
        values, _ = contributions(model, frame)
        seconds = time.perf_counter() - begun
    members = ", ".join(member.family for blend in of_kind(events, BlendChosen)[-1:] for member in blend.members)
    print(f"{len(values)} rows x {values.shape[1]} columns in {seconds:.1f} s ({members})")


if __name__ == "__main__":
    main()
