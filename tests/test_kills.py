"""A run is killed at random moments, resumed each time, and loses nothing that was finished."""

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.kills import new_run, torment
from engine.config import ExperimentConfig
from engine.search.validation import ValidationSettings
from storage.workspace import open_workspace


def test_killed_workers_trials_and_fork_servers_lose_no_finished_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    chance = np.random.default_rng(0)
    size = chance.uniform(20, 200, 120)
    table = tmp_path / "houses.csv"
    pd.DataFrame({"size": size, "price": 1000 * size + chance.normal(0, 5000, 120)}).to_csv(table, index=False)
    with open_workspace(tmp_path / "workspace") as place:
        quick = ValidationSettings(n_folds=3, n_repeats=1)
        config = ExperimentConfig(target="price", candidates=4, families=("linear", "lightgbm"), validation=quick)
        run_id = new_run(place, table, config)
        assert torment(place, run_id, n_kills=3, longest_wait=0.5, chance=random.Random(16)) == []
