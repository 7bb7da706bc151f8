"""Measures how often the kind of a column is right.

    python -m benchmarks.kinds.measure labelled_columns.csv [--held-out other_columns.csv]

The labelled columns are those of the SortingHat benchmark of ML-Data-Prep-Zoo (Apache-2.0); see train.py. Five folds
over source files: every model judges only columns of files that it has seen no column of, and its calibration comes
from the other folds. Printed are the rules alone, the learned model, and what the application ends up saying (the rules
on a column rebuilt from the row, then the model). With --held-out, the shipped file judges other labelled columns.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.kinds.labelled import Labelled, read_labelled, rebuilt
from benchmarks.kinds.learner import Floats
from benchmarks.kinds.train import N_FOLDS, calibrated, out_of_fold
from engine.table.columns.kind_classes import CLASSES, class_of
from engine.table.columns.kind_model import class_probabilities
from engine.table.columns.kinds import find_column
from engine.table.columns.second_look import judge_again
from engine.table.schema import ColumnSchema


def main() -> None:
    """Print the accuracies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, nargs="?", help="CSV of labelled columns: five folds over its files")
    parser.add_argument("--held-out", type=Path, help="CSV of other labelled columns, judged by the shipped file")
    arguments = parser.parse_args()
    if arguments.labelled is None and arguments.held_out is None:
        parser.error("name a file of labelled columns")
    if arguments.labelled is not None:
        labelled = read_labelled(arguments.labelled)
        found, folds = out_of_fold(labelled)
        report(labelled, calibrated(found, labelled, folds), folds, f"{N_FOLDS} folds over source files")
    if arguments.held_out is not None:
        held_out = read_labelled(arguments.held_out)
        one_fold = np.zeros(len(held_out.classes), np.int64)
        report(
            held_out, class_probabilities(held_out.facts), one_fold, f"the shipped file on {arguments.held_out.name}"
        )


def report(labelled: Labelled, probabilities: Floats, folds: np.ndarray, title: str) -> None:
    """Print what the rules, the model and the application say."""
    ruled = [find_column(rebuilt(facts), original_name=facts.name) for facts in labelled.facts]
    said = judge_again(ruled, labelled.facts, probabilities)
    answers = {
        "rules alone": _places(ruled),
        "learned model": probabilities.argmax(axis=1),
        "application": _places(said),
    }
    print(f"{title}: {len(labelled.classes)} columns of {len(set(labelled.files))} files")
    for name, answer in answers.items():
        right = answer == labelled.classes
        per_fold = [float(right[folds == fold].mean()) for fold in np.unique(folds)]
        shown = " ".join(f"{value:.3f}" for value in per_fold)
        print(f"\n{name}: {np.mean(per_fold):.4f} (folds: {shown})")
        _print_confusion(answer, labelled.classes)
    _print_sureness("learned model", probabilities.max(axis=1), answers["learned model"] == labelled.classes)
    sure = np.array([column.probability for column in said])
    _print_sureness("application", sure, answers["application"] == labelled.classes)
    changed = np.array([a.kind is not b.kind for a, b in zip(ruled, said, strict=True)])
    before, after = (float((answers[n] == labelled.classes)[changed].mean()) for n in ("rules alone", "application"))
    print(f"kinds overturned: {changed.sum()}; right before {before:.3f}, after {after:.3f}")


def _places(columns: tuple[ColumnSchema, ...] | list[ColumnSchema]) -> np.ndarray:
    return np.array([CLASSES.index(class_of(column)) for column in columns])


def _print_confusion(answer: np.ndarray, truth: np.ndarray) -> None:
    print(f"{'true class':18s} {'right':>6s}  " + " ".join(f"{name[:7]:>7s}" for name in CLASSES))
    for place, name in enumerate(CLASSES):
        counts = np.bincount(answer[truth == place], minlength=len(CLASSES))
        share = counts[place] / max(counts.sum(), 1)
        print(f"{name:18s} {share:6.3f}  " + " ".join(f"{n:7d}" for n in counts))


def _print_sureness(name: str, probability: np.ndarray, right: np.ndarray) -> None:
    sure = probability >= 0.8
    print(
        f"{name}: {sure.mean():.3f} of the columns have a probability of at least .8, of which {right[sure].mean():.3f}"
        f" are right; of the others {right[~sure].mean():.3f}"
    )


if __name__ == "__main__":
    main()
