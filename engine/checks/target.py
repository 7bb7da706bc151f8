"""Checks of the target as classes: rows without an answer, classes too rare to learn."""

from engine.checks.cells import cell_text
from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity
from engine.config import Remedy
from engine.messages import listed, phrase
from engine.registry import Skip
from engine.tasks.detection import CONSTANT, answers_of, single_left_out
from engine.tasks.task import Task, TaskKind

NO_CLASSES = phrase("check_needs_classes", "The target is a number, not a class.")
UNANSWERED = phrase("target_unanswered", "Rows without a value of the target {target}, which are left out: {n}.")
MANY_UNANSWERED = phrase(
    "target_many_unanswered",
    "{share} % of the rows have no value of the target {target} and are left out.",
    "Check that the remaining rows are like those to predict.",
    "If answers are missing for a reason, the model learns from rows unlike those that it will see.",
)
RARE_CLASSES = phrase(
    "rare_classes",
    "Values of the target with fewer than {least} rows are hardly learnable: {values}.",
    "Join them with others, or add rows.",
    "The model will hardly ever name them, and their share in the score is chance.",
)
CLASS_ROWS = phrase("evidence_class_rows", "Rows of each: {counts}.")
IMBALANCE = phrase(
    "imbalance",
    "Only {share} % of the rows are {value}, so being right in most rows says little.",
    "Judge by a metric that looks at the rare value, such as average precision.",
    "A model that never finds {value} would still be right in {right} % of the rows.",
)
JUDGE_BY = phrase("remedy_metric", "Judge by {metric}")

_LEAST_PER_CLASS = 10
_IMBALANCED = 0.10
_MANY_UNANSWERED = 0.2


def judge_by(metric: str) -> Remedy:
    """Return the remedy that chooses a metric."""
    return Remedy(title=JUDGE_BY(metric=metric), metric=metric)


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
    left_out = single_left_out(answers_of(dataset, task.target), task)
    if left_out is not None:
        found.append(Finding(severity=Severity.HANDLED, message=left_out, columns=(task.target,)))
    rare = {cell_text(value): int(count) for value, count in counts.items() if 2 <= count < _LEAST_PER_CLASS}
    if rare:
        message = RARE_CLASSES(least=_LEAST_PER_CLASS, values=listed(list(rare), 10))
        rows = CLASS_ROWS(counts=listed([f"{value}: {n}" for value, n in rare.items()], 10))
        found.append(Finding(severity=Severity.PLEASE_LOOK, message=message, columns=(task.target,), evidence=(rows,)))
    found += _imbalance(case, task, {cell_text(value): int(count) for value, count in counts.items()})
    return tuple(found)


def _imbalance(case: Case, task: Task, counts: dict[str, int]) -> list[Finding]:
    rare = min(counts, key=lambda value: counts[value])
    share = counts[rare] / sum(counts.values())
    if task.kind is not TaskKind.BINARY or share >= _IMBALANCED:
        return []
    metric = "average_precision"
    return [
        Finding(
            severity=Severity.HANDLED,
            message=IMBALANCE(share=round(100 * share, 1), value=rare, right=round(100 - 100 * share, 1)),
            columns=(task.target,),
            evidence=(CLASS_ROWS(counts=listed([f"{value}: {n}" for value, n in counts.items()])),),
            remedies=() if case.config.metric == metric else (judge_by(metric),),
        )
    ]


ANSWERS = Check(key="answers", title="Rows without an answer", look=_look_at_answers)
CLASSES = Check(key="classes", title="Classes that are too rare", look=_look_at_classes)
