"""Checks of a target that is a number: a long tail, a limit where values pile up, numbers that may be classes."""

import numpy as np

from engine.checks.cells import Floats
from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity
from engine.checks.sample import number_text
from engine.checks.target import judge_by
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.messages import phrase
from engine.registry import Skip
from engine.tasks.detection import encode_target
from engine.tasks.task import TaskKind

NOT_A_NUMBER = phrase("check_needs_number", "The target is a class, not a number.")
LONG_TAIL = phrase(
    "target_long_tail",
    "A few very large values of {target} outweigh all others: the largest 1 % of the rows make up {share} % of the "
    "squared distances from the average.",
    "Judge by relative errors (rmsle) or by plain distances (mae), unless the large values are what matters.",
    "Judged by squared errors, the model is fitted to a few large values, and the score hangs on them.",
)
QUANTILES = phrase(
    "evidence_quantiles", "Half of the values of {target} are below {median}, 99 % below {high}; the largest is {top}."
)
CAPPED = phrase(
    "target_capped",
    "{n} rows have exactly the largest value of {target}, {value}: larger ones were probably cut off there.",
    "Find the true values, or count {value} as unknown: those rows are then left out.",
    "The model cannot predict anything above {value}, and its errors there are not seen.",
)
CAPPED_BELOW = phrase(
    "target_capped_below",
    "{n} rows have exactly the smallest value of {target}, {value}: smaller ones were probably cut off there.",
    "Find the true values, or count {value} as unknown: those rows are then left out.",
    "The model cannot predict anything below {value}, and its errors there are not seen.",
)
PILED = phrase(
    "evidence_piled", "{value}: {n} rows ({share} %); of the next ten values, none has more than {next} rows."
)
MANY_ZEROS = phrase(
    "target_many_zeros",
    "{share} % of the rows have {target} = 0, and all others are larger.",
    "Ask two questions, if that fits better: whether it is 0, and how much it is if not.",
)
FEW_NUMBERS = phrase(
    "target_few_values",
    "{target} has only {n} different values and is predicted as a number.",
    "Choose the task multiclass if they are names of classes rather than amounts.",
)
COUNT_AS_UNKNOWN = phrase("remedy_target_unknown", "Count {value} as unknown in {columns}")
AS_CLASSES = phrase("remedy_as_classes_label", "Predict classes")

_TAIL_ROWS = 0.01
_LONG, _VERY_LONG = 0.35, 0.6
_LEAST_PILED, _PILED_SHARE, _PILED_TIMES = 10, 0.005, 5
_NEIGHBOURS = 10
_LEAST_DISTINCT = 20
_MANY_ZEROS = 0.25
_FEW_VALUES = 10


def _look(case: Case) -> tuple[Finding, ...] | Skip:
    if case.task is None:
        return Skip(NO_TARGET())
    if case.task.kind is not TaskKind.REGRESSION:
        return Skip(NOT_A_NUMBER())
    y = np.asarray(encode_target(case.dataset, case.task), np.float64)
    y = np.sort(y[np.isfinite(y)])
    if not len(y):
        return ()
    target = case.task.target
    return (*_tail(case, y, target), *_piles(y, target), *_zeros(y, target), *_few(y, target))


def _tail(case: Case, y: Floats, target: str) -> tuple[Finding, ...]:
    if case.config.metric not in {None, "rmse", "r2"}:
        return ()
    scaled = y / (np.abs(y).max() or 1.0)  # squares of very large numbers are beyond what can be written
    squares = (scaled - scaled.mean()) ** 2
    n_tail = max(1, round(_TAIL_ROWS * len(y)))
    share = float(squares[-n_tail:].sum() / squares.sum()) if squares.sum() > 0 else 0.0
    if share < _LONG or len(y) < 2 * n_tail:
        return ()
    metrics = ("mae", "rmsle") if y[0] >= 0 else ("mae",)
    figures = QUANTILES(
        target=target,
        median=_text(float(np.median(y))),
        high=_text(float(np.quantile(y, 0.99))),
        top=_text(float(y[-1])),
    )
    return (
        Finding(
            severity=Severity.PLEASE_LOOK if share >= _VERY_LONG else Severity.HANDLED,
            message=LONG_TAIL(target=target, share=round(100 * share)),
            columns=(target,),
            evidence=(figures,),
            remedies=tuple(judge_by(metric) for metric in metrics),
        ),
    )


def _piles(y: Floats, target: str) -> tuple[Finding, ...]:
    """Find values cut off at an end: many rows have just that value, and few have those next to it."""
    values, counts = np.unique(y, return_counts=True)
    if len(values) < _LEAST_DISTINCT:
        return ()
    found = []
    above, below = slice(-1 - _NEIGHBOURS, -1), slice(1, 1 + _NEIGHBOURS)
    for say, place, others in ((CAPPED, -1, above), (CAPPED_BELOW, 0, below)):
        n, value, next_most = int(counts[place]), float(values[place]), int(counts[others].max())
        if value == 0 or n < max(_LEAST_PILED, _PILED_SHARE * len(y)) or n < _PILED_TIMES * next_most:
            continue
        text = number_text(value)
        remedy = Remedy(
            title=COUNT_AS_UNKNOWN(value=text, columns=target), columns={target: ColumnChoice(missing=(text,))}
        )
        found.append(
            Finding(
                severity=Severity.PLEASE_LOOK,
                message=say(target=target, n=n, value=text),
                columns=(target,),
                evidence=(PILED(value=text, n=n, share=round(100 * n / len(y), 1), next=next_most),),
                remedies=(remedy,),
            )
        )
    return tuple(found)


def _zeros(y: Floats, target: str) -> tuple[Finding, ...]:
    share = float((y == 0).mean())
    if y[0] < 0 or share < _MANY_ZEROS or len(np.unique(y)) < _LEAST_DISTINCT:
        return ()
    message = MANY_ZEROS(target=target, share=round(100 * share))
    return (Finding(severity=Severity.HANDLED, message=message, columns=(target,)),)


def _few(y: Floats, target: str) -> tuple[Finding, ...]:
    n = len(np.unique(y))
    if not 3 <= n <= _FEW_VALUES:
        return ()
    remedy = Remedy(title=AS_CLASSES(), task=TaskKind.MULTICLASS)
    message = FEW_NUMBERS(target=target, n=n)
    return (Finding(severity=Severity.HANDLED, message=message, columns=(target,), remedies=(remedy,)),)


def _text(value: float) -> str:
    return f"{value:.6g}"


NUMBERS = Check(key="target_numbers", title="How the numbers to predict are spread", look=_look)
