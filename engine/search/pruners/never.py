"""No pruner: every candidate comes to its last fold."""

from engine.search.pruners.pruner import Pruner

NEVER = Pruner(key="none", title="None: every candidate is finished", gives_up=lambda _losses, _race: False)
