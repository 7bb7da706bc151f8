"""What a candidate that gave up would have come to: its folds alone do not tell, because folds differ in difficulty."""

from collections.abc import Mapping, Sequence

from engine.search.policy import LAG

Losses = Sequence[float]


def likely_loss(losses: Losses, whole: Sequence[Losses]) -> float:
    """Return the loss over all folds that a candidate stands for.

    `losses`: of its first folds. `whole`: of the candidates that went through all folds. What it is behind the best of
    them on the folds that both know is added to that one's mean; it is never better, since it gave up behind.

    >>> likely_loss([1.5], [[1.0, 3.0], [2.0, 4.0]])
    2.5
    """
    if not whole:
        return _mean(losses)
    best = min(whole, key=_mean)
    behind = _mean([own - others for own, others in zip(losses, best, strict=False)])
    return _mean(best) + max(0.0, behind)


def surely_known(number: int, whole: Mapping[int, Losses]) -> list[Losses]:
    """Return the losses of those candidates that had ended, on any computer, when the one of this number was proposed.

    Which others end before it is an accident of the clock, and must not decide what a search is told.

    >>> surely_known(8, {6: [1.0], 7: [2.0], 9: [0.5]})
    [[1.0]]
    """
    return [losses for other, losses in whole.items() if other <= number - LAG]


def _mean(values: Losses) -> float:
    return sum(values) / len(values)
