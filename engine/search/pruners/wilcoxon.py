"""The Wilcoxon signed-rank test over folds: give up once it is unlikely that the best is worse on the same folds.

The test that Optuna's pruner of this name makes, without a study for each candidate. It needs four folds to speak.
"""

from engine.search.pruners.pruner import Losses, Pruner, Race, gaps

HIGHEST_CHANCE = 0.1


def _gives_up(losses: Losses, race: Race) -> bool:
    behind = gaps(losses, race.rivals[0]) if race.rivals else []
    if not any(behind):
        return False
    from scipy.stats import wilcoxon

    return sum(behind) > 0 and float(wilcoxon(behind, alternative="greater").pvalue) < HIGHEST_CHANCE


WILCOXON = Pruner(key="wilcoxon", title="Wilcoxon test over folds", gives_up=_gives_up)
