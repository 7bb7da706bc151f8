"""What a trial leaves in its folder: the models of its folds, and the out-of-fold scores."""

import io
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.blend.final import FittedModel
from engine.whole_files import is_whole_pickle, write_whole

FOLDS, OUT_OF_FOLD = "folds.pkl", "oof.npy"


def place_of(folder: Path, number: int) -> Path:
    """Return the folder of a trial of this run; `folder`: the run's scratch folder."""
    return folder / "trials" / str(number)


def keep(place: Path, fitted: Sequence[FittedModel], out_of_fold: NDArray[np.float64]) -> None:
    """Leave the fitted models and the out-of-fold scores in a trial's folder, whole or not at all."""
    place.mkdir(parents=True, exist_ok=True)
    write_whole(place / FOLDS, pickle.dumps(tuple(fitted)))
    written = io.BytesIO()
    np.save(written, out_of_fold)
    write_whole(place / OUT_OF_FOLD, written.getvalue())


def is_kept(place: Path) -> bool:
    """Say whether all that a trial of this run leaves is in its folder, and whole."""
    try:
        load_out_of_fold(place)
    except (OSError, ValueError, EOFError):  # not there, or cut short
        return False
    return is_whole_pickle(place / FOLDS)


def load_out_of_fold(place: Path) -> NDArray[np.float64]:
    """Return the out-of-fold scores of a trial of this run: [N, n_outputs], NaN for rows that no fold has validated."""
    scores: NDArray[np.float64] = np.load(place / OUT_OF_FOLD, mmap_mode="r")
    return scores


def load_folds(place: Path) -> tuple[FittedModel, ...]:
    """Read the fitted models of a trial of this run."""
    models: tuple[FittedModel, ...] = pickle.loads((place / FOLDS).read_bytes())  # noqa: S301 - our own file
    return models
