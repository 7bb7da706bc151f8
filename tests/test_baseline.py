"""The baseline says the same for every row, so it waits for no cell of the table."""

from pathlib import Path

import numpy as np
import pytest

from engine.blend.final import FinalMember, FinalModel
from engine.graph.assemble import assemble
from engine.graph.certificate import TOLERANCE, certify
from engine.insight.explanation import contributions
from engine.insight.importance import importances
from engine.search.fitting import run_refit
from engine.search.kept import load_folds
from engine.search.trial import run_trial
from engine.tasks.task import TaskKind
from tests.test_certificate import COLUMNS, TASKS, table
from tests.test_targets import on_disk, order


@pytest.mark.parametrize("kind", list(TaskKind))
def test_no_cell_is_read_and_the_file_says_the_same(tmp_path: Path, kind: TaskKind) -> None:
    frame, value = table(120)
    y = value if kind is TaskKind.REGRESSION else np.digitize(value, np.quantile(value, [0.3, 0.6]))
    y = np.minimum(y, 1) if kind is TaskKind.BINARY else y
    data = on_disk(tmp_path, TASKS[kind], y, frame)
    (tmp_path / "data" / "train.parquet").unlink()
    asked = order(tmp_path, 0, "baseline", "rmse" if kind is TaskKind.REGRESSION else "log_loss")
    assert np.isfinite(run_trial(asked).fold_scores).all()
    bag = (*load_folds(asked.place), run_refit(asked, 0, 0))
    member = FinalMember(number=0, family="baseline", weight=1.0, bag=bag)
    model = FinalModel(task=TASKS[kind], columns=COLUMNS, members=(member,), target_scale=data.target_scale)
    assert certify(model, assemble(model), frame, seed=1).max_abs_diff <= TOLERANCE
    values, base = contributions(model, frame)
    np.testing.assert_allclose(values.sum(axis=1) + base, model.raw(frame), atol=1e-12)
    assert {each.share for each in importances(values, tuple(column.name for column in COLUMNS))} == {0.0}
