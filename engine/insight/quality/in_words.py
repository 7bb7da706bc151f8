"""Says what a score means in words of 100: what it finds, what it names, how often it is right, how far off it is."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.figures import figure
from engine.insight.quality.judged import Judged
from engine.insight.quality.shares import of_100, share_of
from engine.messages import Message, phrase
from engine.outcomes import Estimate
from engine.tasks.task import Task, TaskKind

FINDS = phrase(
    "quality_finds",
    "Of 100 rows whose {target} is {answer}, it finds {n} (between {low} and {high}).",
)
NAMES = phrase(
    "quality_names",
    "Of 100 rows that it calls {answer}, {n} are (between {low} and {high}); of 100 rows picked at random, {usual} "
    "would be.",
)
NEVER_NAMES = phrase(
    "quality_never_names",
    "It calls no row {answer}: of the {n} rows whose {target} is {answer} it finds none.",
    "Use its probabilities, or choose a lower threshold.",
)
NONE_TO_FIND = phrase(
    "quality_none_to_find", "None of these rows has the {target} {answer}: there was nothing to find."
)
RIGHT = phrase(
    "quality_right",
    "The answer is right for {n} of 100 rows (between {low} and {high}); always giving the answer that was most "
    "frequent in training is right for {usual}.",
)
ORDERS = phrase(
    "quality_orders",
    "Of two rows with different answers, the one whose answer is {answer} gets the higher probability for it {n} of "
    "100 times; guessing would manage 50.",
)
OFF = phrase(
    "quality_off",
    "The prediction of {target} is off by {value} on average (between {low} and {high}); predicting the same for every "
    "row is off by {usual}.",
)


def in_words(
    task: Task, scores: Mapping[str, Estimate], baseline: Mapping[str, float], judged: Judged | None
) -> tuple[Message, ...]:
    """Return the sentences about a model. `scores`, `baseline`: by metric; `judged`: None where no rows were kept."""
    return tuple(_sentences(task, scores, baseline, judged))


def _sentences(
    task: Task, scores: Mapping[str, Estimate], baseline: Mapping[str, float], judged: Judged | None
) -> Iterator[Message]:
    if task.kind is TaskKind.BINARY and judged is not None:
        yield from finding(judged.task, judged.hit, judged.named == 1)
    if "accuracy" in scores and "accuracy" in baseline:
        yield RIGHT(**_in_100(scores["accuracy"]), usual=of_100(baseline["accuracy"]))
    if task.kind is TaskKind.BINARY and "auc" in scores:
        yield ORDERS(answer=str(task.classes[1]), n=of_100(scores["auc"].value))
    for key in ("mae", "rmse"):
        if key in scores and key in baseline:
            found = {name: figure(value) for name, value in vars(scores[key]).items()}
            yield OFF(target=task.target, **found, usual=figure(baseline[key]))
            return


def finding(task: Task, hit: NDArray[np.bool_], named: NDArray[np.bool_]) -> tuple[Message, ...]:
    """Say both ways: of those that are, how many it finds; of those that it names, how many are."""
    target, answer = task.target, str(task.classes[1])
    n_hits, n_named, n_found = int(hit.sum()), int(named.sum()), int(np.sum(hit & named))
    if not n_hits:
        return (NONE_TO_FIND(target=target, answer=answer),)
    if not n_named:
        return (NEVER_NAMES(target=target, answer=answer, n=n_hits),)
    usual = of_100(n_hits / len(hit))
    return (
        FINDS(target=target, answer=answer, **_in_100(share_of(n_found, n_hits))),
        NAMES(answer=answer, **_in_100(share_of(n_found, n_named)), usual=usual),
    )


def _in_100(share: Estimate) -> dict[str, str]:
    return {"n": of_100(share.value), "low": of_100(share.low), "high": of_100(share.high)}
