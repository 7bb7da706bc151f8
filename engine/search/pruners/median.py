"""The median rule: give up when worse than half of the earlier candidates were after as many folds."""

from statistics import median

from engine.search.pruners.pruner import Losses, Pruner, Race, mean_loss

LEAST_RIVALS = 4


def _gives_up(losses: Losses, race: Race) -> bool:
    rivals = [mean_loss(rival[: len(losses)]) for rival in race.rivals if len(rival) >= len(losses)]
    return len(rivals) >= LEAST_RIVALS and mean_loss(losses) > median(rivals)


MEDIAN = Pruner(key="median", title="Median: worse than half of the others so far", gives_up=_gives_up)
