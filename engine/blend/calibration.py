"""Makes probabilities as sure as they deserve: link-scale scores are divided by one number, and each class is shifted.

Bias-corrected temperature scaling: Alexandari, Kundaje and Shrikumar 2020, "Maximum likelihood with bias-corrected
calibration is hard-to-beat at label shift adaptation"; the division alone is Guo et al. 2017, "On calibration of modern
neural networks". A mean on the link scale makes rare answers too rare; only the shift can give them back. Of two
classes neither changes the order of rows. Few rows prove little: both are held near to doing nothing by what is likely
beforehand, so no number of rows has to be named from which on they are trusted. See benchmarks/calibrating.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tasks.task import Task, TaskKind

Floats = NDArray[np.float64]

COLDEST, HOTTEST, FARTHEST = 0.25, 4.0, 4.0
# Of few rows none may have been a sure mistake, though the next one is: half a row more is imagined, with every answer
# in equal parts. With more rows that would only take away what they have proved.
FEW_ROWS, IMAGINED_ROWS = 500, 0.5
MOST_SCORES, LEAST_ROWS = 300_000, 2_000  # of all classes: of more scores no more rows are looked at than these


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What is done to link-scale scores. `shifts` [n_outputs]: added after the division; empty: nothing is."""

    temperature: float = 1.0
    shifts: tuple[float, ...] = ()

    def calibrated(self, raw: Floats) -> Floats:
        """Return scores [N, n_outputs] as sure as they deserve.

        >>> Calibration(temperature=2.0, shifts=(0.5,)).calibrated(np.array([[4.0], [-1.0]]))
        array([[2.5],
               [0. ]])
        """
        divided = raw / self.temperature
        return divided + np.array(self.shifts) if self.shifts else divided


UNCALIBRATED = Calibration()


@dataclass(frozen=True, kw_only=True)
class Likely:
    """What is likely before any row is seen: standard deviations of the logarithm of the temperature, and of shifts.

    `surer`: below a temperature of 1, `less_sure`: above. The members were chosen by the very rows that say how sure
    they may be, so of two classes it takes more of them to be believed that they may be surer.
    """

    surer: float
    less_sure: float = 0.3
    shift: float = 0.4

    def loss(self, point: Floats) -> tuple[float, Floats]:
        """Return how unlikely a logarithm of the temperature with its shifts is, and the slope of that."""
        sure = self.surer if point[0] < 0 else self.less_sure
        deviations = np.r_[sure, np.full(len(point) - 1, self.shift)]
        return float(((point / deviations) ** 2).sum() / 2), point / deviations**2


# Of three and more answers a row says more, and where hardly any is wrong being surer is what is left to gain.
USUAL = {TaskKind.BINARY: Likely(surer=0.1), TaskKind.MULTICLASS: Likely(surer=1.0)}


def calibration(
    raw: Floats,
    y: NDArray[np.generic],
    task: Task,
    weight: Floats | None = None,
    *,
    n_rows: int | None = None,
    likely: Likely | None = None,
) -> Calibration:
    """Return what makes link-scale scores [N, n_outputs] likeliest; nothing is done to those of a regression.

    The temperature lies between 0.25 (surer) and 4 (less sure), shifts within 4. `n_rows`: of how many these are a
    part, which is treated as the whole is; None: they are all. `likely`: None is what has proved right for the task.

    >>> task = Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes"))
    >>> too_rare = np.zeros((1000, 1)), np.repeat([0, 1], [200, 800])
    >>> calibration(*too_rare, task).shifts[0] > 1
    True
    """
    from scipy.optimize import minimize

    if task.kind is TaskKind.REGRESSION:
        return UNCALIBRATED
    beforehand = USUAL[task.kind] if likely is None else likely
    n_imagined = IMAGINED_ROWS if (n_rows or len(y)) < FEW_ROWS else 0.0
    rows = _looked_at(len(y), len(task.classes))
    scores, known = raw.reshape(len(y), -1)[rows].astype(np.float64), y[rows].astype(np.int64)
    evidence = _Evidence.of(scores, known, None if weight is None else weight[rows], n_imagined)

    def loss(point: Floats) -> tuple[float, Floats]:
        (lost, slope), (unlikely, away) = evidence.loss(point), beforehand.loss(point)
        return lost + unlikely / evidence.n_rows, slope + away / evidence.n_rows

    bounds = [(np.log(COLDEST), np.log(HOTTEST)), *[(-FARTHEST, FARTHEST)] * evidence.n_shifts]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    temperature = float(np.clip(np.exp(found[0]), COLDEST, HOTTEST))
    return Calibration(temperature=temperature, shifts=tuple(float(each) for each in found[1:]))


def _looked_at(n_rows: int, n_classes: int) -> NDArray[np.int64]:
    """Return the rows to calibrate by, drawn where there are many: answers may come in turns, as every other one."""
    n_most = max(LEAST_ROWS, MOST_SCORES // n_classes)
    if n_rows <= n_most:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(0).choice(n_rows, n_most, replace=False))


@dataclass(frozen=True, kw_only=True)
class _Evidence:
    """Rows with their answers. `scores`, `answers` [N, K]: of two classes the first one's scores are 0.

    `answers` are shares of all that is known, so a row's weight and imagined rows are in them. `n_rows`: as how many
    rows of one weight they count (Kish 1965). `n_shifts`: of so many classes, the last ones, the shift is free.
    """

    scores: Floats
    answers: Floats
    n_rows: float
    n_shifts: int

    @classmethod
    def of(cls, scores: Floats, y: NDArray[np.int64], weight: Floats | None, n_imagined: float) -> "_Evidence":
        n_shifts = scores.shape[1]
        if n_shifts == 1:
            scores = np.column_stack([np.zeros(len(scores)), scores])
        weight = np.ones(len(y)) if weight is None else weight
        answers = np.full(scores.shape, n_imagined / len(y) ** 2 / scores.shape[1])
        answers[np.arange(len(y)), y] += weight / weight.sum()
        n_rows = float(weight.sum() ** 2 / (weight**2).sum())
        return cls(scores=scores, answers=answers, n_rows=n_rows, n_shifts=n_shifts)

    def loss(self, point: Floats) -> tuple[float, Floats]:
        """Return the mean log loss and its slope at a logarithm of the temperature with its shifts."""
        divided = self.scores / np.exp(point[0])
        shifted = divided.copy()
        shifted[:, -self.n_shifts :] += point[1:]
        largest = shifted.max(axis=1, keepdims=True)
        sizes = np.exp(shifted - largest)
        total = sizes.sum(axis=1, keepdims=True)
        known = self.answers.sum(axis=1, keepdims=True)
        lost = float((known * (largest + np.log(total))).sum() - (self.answers * shifted).sum())
        slopes = known * sizes / total - self.answers
        return lost, np.r_[-(slopes * divided).sum(), slopes.sum(axis=0)[-self.n_shifts :]]
