"""Which metric judges, and why: by the task, the shares of the answers, and what mistakes cost."""

import numpy as np
from numpy.typing import NDArray

from engine.messages import Message, phrase
from engine.tasks.metric import Metric, metric_named, metrics_for
from engine.tasks.task import Task, TaskKind

RARE_SHARE = 0.1

CHOSEN = phrase("metric_chosen", "Judged by {metric}, as you chose.")
AS_EARLIER = phrase("metric_as_earlier", "Judged by {metric}, as in the earlier training.")
FOR_COSTS = phrase(
    "metric_for_costs", "Judged by {metric}: mistakes have costs, so the probabilities themselves must be right."
)
FOR_RARE = phrase(
    "metric_for_rare",
    "Judged by {metric}: only {share} of the rows are {answer}, so the share of right answers would say little.",
)
FOR_TWO = phrase(
    "metric_for_two", "Judged by {metric}: how well the two answers are told apart, whatever their shares."
)
FOR_SEVERAL = phrase("metric_for_several", "Judged by {metric}: being sure and wrong counts most.")
FOR_NUMBERS = phrase("metric_for_numbers", "Judged by {metric}, in the unit of {target}: large errors count most.")


def usual_metric(kind: TaskKind, *, has_costs: bool) -> Metric:
    """Return the metric that judges where the person has chosen none.

    >>> usual_metric(TaskKind.BINARY, has_costs=False).key, usual_metric(TaskKind.BINARY, has_costs=True).key
    ('auc', 'log_loss')
    """
    return metric_named("log_loss") if has_costs and kind is not TaskKind.REGRESSION else metrics_for(kind)[0]


def choose_metric(
    task: Task, y: NDArray[np.generic], wanted: str | None, *, has_costs: bool, is_again: bool = False
) -> tuple[Metric, Message]:
    """Return the metric that judges and the reason for it.

    `y`: the known answers, class positions or values. `wanted`: the person's choice, or what judged the run that is
    trained again. Raises ConfigError for a metric that does not exist.
    """
    if wanted is not None:
        metric = metric_named(wanted)
        return metric, (AS_EARLIER if is_again else CHOSEN)(metric=metric.title)
    metric = usual_metric(task.kind, has_costs=has_costs)
    if task.kind is TaskKind.REGRESSION:
        return metric, FOR_NUMBERS(metric=metric.title, target=task.target)
    if has_costs:
        return metric, FOR_COSTS(metric=metric.title)
    if task.kind is TaskKind.MULTICLASS:
        return metric, FOR_SEVERAL(metric=metric.title)
    shares = np.bincount(y.astype(np.int64), minlength=2) / max(1, len(y))
    rare = int(shares.argmin())
    if shares[rare] < RARE_SHARE:
        return metric, FOR_RARE(metric=metric.title, share=f"{shares[rare]:.1%}", answer=str(task.classes[rare]))
    return metric, FOR_TWO(metric=metric.title)
