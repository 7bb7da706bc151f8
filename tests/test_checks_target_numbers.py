"""Long tails, limits and zeros of a number to predict are found; a plain one is left alone."""

from pathlib import Path

import numpy as np
import pytest

from engine.checks.check import Case, Finding, Severity
from engine.checks.target_numbers import NUMBERS
from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.tasks.task import Task, TaskKind
from tests.tables import dataset

N = 1000
RNG = np.random.default_rng(5)
PLAIN = RNG.normal(100, 10, N).round(3)
REGRESSION = Task(kind=TaskKind.REGRESSION, targets=("t",))


def look(folder: Path, answers: np.ndarray, config: ExperimentConfig | None = None) -> tuple[Finding, ...]:
    table = dataset(folder, {"x": PLAIN.tolist(), "t": answers.tolist()})
    answer = NUMBERS.look(Case(dataset=table, task=REGRESSION, config=config or ExperimentConfig()))
    assert not isinstance(answer, Skip)
    return answer


def test_the_largest_numbers_there_are_break_nothing(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": PLAIN.tolist(), "t": PLAIN.tolist()})
    for size in (1e200, 1.5e308):
        answers = np.where(np.arange(N) % 300 == 0, size, PLAIN)
        found = NUMBERS.look(Case(dataset=table.with_frame(table.frame.assign(t=answers)), task=REGRESSION))
        assert not isinstance(found, Skip)
        assert "target_long_tail" in [finding.code for finding in found]


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        (PLAIN, []),
        (RNG.lognormal(3, 2, N).round(3), ["target_long_tail"]),
        (np.minimum(PLAIN, 110), ["target_capped"]),
        (np.maximum(PLAIN, 90), ["target_capped_below"]),
        (np.where(np.arange(N) % 3 == 0, 0.0, PLAIN), ["target_many_zeros"]),
        (RNG.poisson(30, N), []),
        (RNG.choice([1, 2, 3, 4, 5], N), ["target_few_values"]),
    ],
)
def test_what_is_odd_about_the_numbers(tmp_path: Path, answers: np.ndarray, codes: list[str]) -> None:
    assert [finding.code for finding in look(tmp_path, answers)] == codes


def test_a_metric_that_bears_a_long_tail_settles_it(tmp_path: Path) -> None:
    answers = RNG.lognormal(3, 2, N).round(3)
    (finding,) = look(tmp_path, answers)
    assert finding.severity is Severity.PLEASE_LOOK
    assert [remedy.metric for remedy in finding.remedies] == ["mae", "rmsle"]
    assert look(tmp_path, answers, ExperimentConfig().remedied(finding.remedies[0])) == ()
    (below_zero,) = look(tmp_path, answers - 5)
    assert [remedy.metric for remedy in below_zero.remedies] == ["mae"]


def test_values_at_the_limit_can_be_counted_as_unknown(tmp_path: Path) -> None:
    answers = np.minimum(PLAIN, 110)
    (finding,) = look(tmp_path, answers)
    table = dataset(tmp_path, {"x": PLAIN.tolist(), "t": answers.tolist()})
    left = chosen_dataset(table, ExperimentConfig().remedied(finding.remedies[0])).frame["t"]
    assert left.isna().sum() == (answers == 110).sum() > 0


def test_another_task_forgets_the_metric(tmp_path: Path) -> None:
    (finding,) = look(tmp_path, RNG.choice([1, 2, 3, 4, 5], N))
    settled = ExperimentConfig(task=TaskKind.REGRESSION, metric="mae").remedied(finding.remedies[0])
    assert (settled.task, settled.metric) == (TaskKind.MULTICLASS, None)
