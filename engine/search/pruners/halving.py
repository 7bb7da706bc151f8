"""Successive halving over folds: of the candidates that reach 1, 2, 4 ... folds, the better half goes on.

Hyperband does the same, and lets every third candidate enter one step later and another third two steps later, in
case the first folds mislead.
"""

from engine.search.pruners.pruner import Losses, Pruner, Race, mean_loss

LEAST_RIVALS = 3
N_BRACKETS = 3


def _gives_up(losses: Losses, race: Race) -> bool:
    return _loses(losses, race, first_step=1)


def _gives_up_later(losses: Losses, race: Race) -> bool:
    return _loses(losses, race, first_step=2 ** (race.number % N_BRACKETS))


def _loses(losses: Losses, race: Race, *, first_step: int) -> bool:
    n_folds = len(losses)
    if n_folds < first_step or n_folds & (n_folds - 1):  # steps are powers of two
        return False
    own = mean_loss(losses)
    rivals = [mean_loss(rival[:n_folds]) for rival in race.rivals if len(rival) >= n_folds]
    if len(rivals) < LEAST_RIVALS:
        return False
    return 2 * sum(rival < own for rival in rivals) >= len(rivals) + 1


HALVING = Pruner(key="halving", title="Successive halving over folds", gives_up=_gives_up)
HYPERBAND = Pruner(key="hyperband", title="Hyperband over folds", gives_up=_gives_up_later)
