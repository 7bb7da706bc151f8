"""Trials in processes of this computer."""

from engine.search.guard import GuardedCall
from engine.search.order import Order
from engine.search.sharing import MOST_WORTH
from engine.search.trial import run_trial


class Here:
    """The usual place. `n_slots`: None leaves it to the settings of the run and to the cores."""

    is_elsewhere = False

    def __init__(self, n_slots: int | None = None) -> None:
        self.n_slots = n_slots

    def start(
        self,
        order: Order,
        *,
        deadline_seconds: float | None,
        memory_bytes: int | None,
        worth: float = MOST_WORTH,  # noqa: ARG002 - the places here are the run's own
    ) -> GuardedCall:
        """Start a trial that is noted in the run's scratch folder, so that none outlives the run."""
        return GuardedCall.start(
            run_trial,
            (order,),
            deadline_seconds=deadline_seconds,
            memory_bytes=memory_bytes,
            record=order.folder,
        )

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
