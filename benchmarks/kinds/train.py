"""Makes engine/table/columns/kinds.onnx anew.

    python -m benchmarks.kinds.train labelled_columns.csv

The labelled columns are those of the SortingHat benchmark of ML-Data-Prep-Zoo (Apache-2.0), a row for each column with
its name, counts, statistics, five samples, class (`y_act`) and source file (`Record_id`). They are not part of this
project. The same columns and library versions give the same file.
"""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks.kinds.graph import graph_of
from benchmarks.kinds.labelled import Labelled, read_labelled
from benchmarks.kinds.learner import Floats, Learnt, best_temperature, learn, soften
from engine.table.columns.kind_model import MODEL_FILE

N_FOLDS = 5
_MOST_BYTES = 5_000_000
_LARGEST_DIFFERENCE = 1e-6


def main() -> None:
    """Fit, export, compare the file with the libraries, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="CSV of labelled columns")
    parser.add_argument("--out", type=Path, default=MODEL_FILE, help="file to write (default: the one that is shipped)")
    arguments = parser.parse_args()
    labelled = read_labelled(arguments.labelled)
    measures, terms = labelled.features()
    temperature = best_temperature(out_of_fold(labelled)[0], labelled.classes)
    fitted = learn(measures, terms, labelled.classes)
    learnt = Learnt(**{**vars(fitted), "temperature": temperature})
    written = graph_of(learnt).SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"measures": measures, "terms": terms})
    difference = float(np.abs(found - learnt.probabilities(measures, terms)).max())
    if difference > _LARGEST_DIFFERENCE or len(written) > _MOST_BYTES:
        parser.exit(1, f"not written: differs by {difference:.1e} from the libraries, {len(written):,} bytes\n")
    arguments.out.write_bytes(written)
    print(
        f"{arguments.out}: {len(written):,} bytes, temperature {temperature:.2f}, largest difference {difference:.1e}"
    )


def out_of_fold(labelled: Labelled) -> tuple[Floats, np.ndarray]:
    """Return probabilities from models that saw no column of the same source file, uncalibrated, and each fold."""
    from sklearn.model_selection import GroupKFold

    measures, terms = labelled.features()
    found, folds = np.zeros((len(labelled.classes), 9)), np.zeros(len(labelled.classes), np.int64)
    for fold, (seen, judged) in enumerate(GroupKFold(N_FOLDS).split(measures, groups=labelled.files)):
        learnt = learn(measures[seen], terms[seen], labelled.classes[seen])
        found[judged] = learnt.probabilities(measures[judged], terms[judged])
        folds[judged] = fold
    return found, folds


def calibrated(found: Floats, labelled: Labelled, folds: np.ndarray) -> Floats:
    """Soften each fold's probabilities by the temperature that suits the other folds."""
    softened = np.empty_like(found)
    for fold in range(N_FOLDS):
        own = folds == fold
        temperature = best_temperature(found[~own], labelled.classes[~own])
        softened[own] = soften(found[own], temperature)
    return softened


if __name__ == "__main__":
    main()
