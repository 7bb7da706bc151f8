"""Which candidates are as good as the best one, and which of these is the simplest.

As good: hardly worse, and not told apart by the folds; few and unsteady folds alone tell nothing apart. Candidates are
compared fold by fold. Folds share training rows, so their differences vary more than they look: the corrected test
of Nadeau and Bengio 2003, "Inference for the generalization error" (doi:10.1023/A:1024068626366).
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.events import CandidateFinished
from engine.families import BASELINE
from engine.messages import Message, phrase
from engine.progress import Progress

FOLLOWED = frozenset({"linear"})
"""Families that a person can follow, but for the one that gives the same answer to every row."""
MOST_COMPARED = 50
MOST_LOST = 0.05  # of the lead over the same answer for every row: more is not "the last bit", whatever folds can tell

TIED = phrase(
    "quality_tied",
    "{n} of the other candidates cannot be told from the best one by their folds. The simplest of them is number "
    "{number} ({family}): {score}, the best has {best}.",
    "Take it where a simple model is worth more than the last bit of the score.",
)
BEST_IS_SIMPLEST = phrase(
    "quality_best_is_simplest",
    "{n} of the other candidates cannot be told from the best one by their folds. The best, number {number} "
    "({family}), is the simplest of them too.",
)
ALONE = phrase("quality_not_tied", "No other candidate is as good as the best one, number {number} ({family}).")
ONE_FOLD = phrase(
    "quality_one_fold", "The candidates were compared on one part of the rows only: which are as good cannot be said."
)


@dataclass(frozen=True, kw_only=True)
class Ties:
    """Numbers of the candidates as good as the best, the best first; `simplest`: which of these; `said`: in words."""

    numbers: tuple[int, ...]
    simplest: int
    said: Message


def is_simple(family: str) -> bool:
    """Whether a person can follow the models of a family."""
    return family in FOLLOWED


def find_ties(progress: Progress) -> Ties | None:
    """Compare the candidates of a leaderboard with the best one; None where there is no score yet."""
    board = progress.leaderboard[:MOST_COMPARED]
    if not board:
        return None
    best = board[0]
    if len(best.fold_scores) < 2:
        return Ties(numbers=(best.number,), simplest=best.number, said=ONE_FOLD())
    # The same answer for every row is no model to take for its simplicity: whether any is better, the verdict says.
    models = [each for each in board if each is best or each.family != BASELINE]
    most_lost = 0.0 if progress.baseline is None else MOST_LOST * abs(best.score - progress.baseline)
    tied = [
        each for each in models if each is best or (is_tied(best, each) and abs(each.score - best.score) <= most_lost)
    ]
    simplest = min(tied, key=lambda each: (_order(each), tied.index(each)))
    facts: dict[str, str | int] = {"number": simplest.number, "family": simplest.family}
    if len(tied) == 1:
        said = ALONE(**facts)
    elif simplest is best:
        said = BEST_IS_SIMPLEST(n=len(tied) - 1, **facts)
    else:
        said = TIED(n=len(tied) - 1, **facts, score=f"{simplest.score:.4g}", best=f"{best.score:.4g}")
    return Ties(numbers=tuple(each.number for each in tied), simplest=simplest.number, said=said)


def is_tied(best: CandidateFinished, other: CandidateFinished) -> bool:
    """Whether the folds do not tell two candidates apart at 95 %."""
    n_folds = len(best.fold_scores)
    if len(other.fold_scores) != n_folds:
        return False
    apart = np.subtract(best.fold_scores, other.fold_scores)
    error = float(apart.std(ddof=1)) * math.sqrt(1 / n_folds + 1 / (n_folds - 1))
    return bool(abs(apart.mean()) <= _t_95(n_folds - 1) * error)


def _t_95(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def _order(result: CandidateFinished) -> tuple[int, int]:
    """Return what sorts the simplest first: what can be followed, then few nodes of trees, then networks."""
    if is_simple(result.family) or result.family == BASELINE:
        return (0, result.family != BASELINE)
    return (1, result.n_nodes) if result.n_nodes else (2, 0)
