"""What a search needs of the place where its trials run."""

from typing import Protocol

from engine.search.guard import CallOutcome
from engine.search.order import Order


class Call(Protocol):
    """A trial under way; `engine.search.guard.GuardedCall` is one."""

    @property
    def seconds(self) -> float:
        """Seconds since the start, pauses excluded."""

    def poll(self) -> CallOutcome | None:
        """Return the outcome, or None while the trial is under way."""

    def pause(self) -> None:
        """Let the trial stand still."""

    def resume(self) -> None:
        """Go on after a pause."""

    def kill(self) -> None:
        """End the trial now; unless it already had an outcome, its error says that it was stopped."""


class Executor(Protocol):
    """Starts trials somewhere, each in a process of its own that is killed from outside."""

    @property
    def n_slots(self) -> int | None:
        """How many trials may run at once; None leaves it to the settings of the run and to this computer."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether trials use the cores and the memory of other computers."""

    def start(self, order: Order, *, deadline_seconds: float | None, memory_bytes: int | None, worth: float) -> Call:
        """Start a trial; its files are in `order.place` when it has ended well.

        `memory_bytes`: limit for the trial; None leaves it to the place where it runs. `worth`: what it promises per
        second, for a place that several runs share.
        """

    def close(self) -> None:
        """Let go of the place; trials under way there are ended."""
