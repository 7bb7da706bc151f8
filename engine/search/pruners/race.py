"""The usual rule: give up once the mean is clearly behind the best candidate on the same folds."""

from engine.search.pruners.pruner import Losses, Pruner, Race, gaps


def _gives_up(losses: Losses, race: Race) -> bool:
    behind = gaps(losses, race.rivals[0]) if race.rivals else []
    if not behind:
        return False
    # After the first fold alone chance still plays a large part, so twice the margin is granted.
    return sum(behind) / len(behind) > race.margin * (2.0 if len(behind) == 1 else 1.0)


RACE = Pruner(key="race", title="Race: clearly behind the best on the same folds", gives_up=_gives_up)
