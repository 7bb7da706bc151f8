"""Checks of the target: rows without an answer, classes too rare to learn."""

from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity
from engine.messages import phrase
from engine.registry import Skip
from engine.tasks.detection import CLASS_TOO_RARE, CONSTANT
from engine.tasks.task import TaskKind

NO_CLASSES = phrase("check_needs_classes", "The target is a number, not a class.")
UNANSWERED = phrase("target_unanswered", "Rows without a value of the target {target}, which are left out: {n}.")
MANY_UNANSWERED = phrase(
    "target_many_unanswered",
    "{share} % of the rows have no value of the target {target} and are left out.",
    "Check that the remaining rows are like those to predict.",
)
RARE_CLASSES = phrase(
    "rare_classes",
    "Values of the target with fewer than {least} rows are hardly learnable: {values}.",
    "Join them with others, or add rows.",
)
IMBALANCE = phrase(
    "imbalance",
    "Only {share} % of the rows are {value}, so being right in most rows says little.",
    "Judge by a metric that looks at the rare value, such as average precision.",
)

_LEAST_PER_CLASS = 10
_IMBALANCED = 0.10
_MANY_UNANSWERED = 0.2


def _look_at_answers(case: Case) -> tuple[Finding, ...] | Skip:
    dataset, task = case.dataset, case.task
    if task is None:
        return Skip(NO_TARGET())
    cells, target = dataset.frame[task.target], task.target
    if cells.nunique() < 2:
        return (Finding(severity=Severity.MUST_FIX, message=CONSTANT(target=target), columns=(target,)),)
    n_missing = int(cells.isna().sum())
    if not n_missing:
        return ()
    share = n_missing / dataset.n_rows
    if share >= _MANY_UNANSWERED:
        message = MANY_UNANSWERED(share=round(100 * share), target=target)
        return (Finding(severity=Severity.PLEASE_LOOK, message=message, columns=(target,)),)
    message = UNANSWERED(n=n_missing, target=target)
    return (Finding(severity=Severity.HANDLED, message=message, columns=(target,)),)


def _look_at_classes(case: Case) -> tuple[Finding, ...] | Skip:
    dataset, task = case.dataset, case.task
    if task is None:
        return Skip(NO_TARGET())
    if task.kind is TaskKind.REGRESSION:
        return Skip(NO_CLASSES())
    counts = dataset.frame[task.target].value_counts()
    found = []
    single = [_shown(value) for value, count in counts.items() if count < 2]
    if single:
        message = CLASS_TOO_RARE(value=single[0], target=task.target)
        found.append(Finding(severity=Severity.MUST_FIX, message=message, columns=(task.target,)))
    rare = [_shown(value) for value, count in counts.items() if 2 <= count < _LEAST_PER_CLASS]
    if rare:
        message = RARE_CLASSES(least=_LEAST_PER_CLASS, values=", ".join(rare[:10]))
        found.append(Finding(severity=Severity.PLEASE_LOOK, message=message, columns=(task.target,)))
    smallest = counts.iloc[-1] / counts.sum()
    if task.kind is TaskKind.BINARY and smallest < _IMBALANCED:
        message = IMBALANCE(share=round(100 * smallest, 1), value=_shown(counts.index[-1]))
        found.append(Finding(severity=Severity.HANDLED, message=message, columns=(task.target,)))
    return tuple(found)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


ANSWERS = Check(key="answers", title="Rows without an answer", look=_look_at_answers)
CLASSES = Check(key="classes", title="Classes that are too rare", look=_look_at_classes)
