"""The clock of a run: active seconds since its process started; pauses do not count."""

import time


class Clock:
    """Counts the active seconds of a run against its budget.

    `started`: `time.time()` when the run's process started, or None to start now. `spent_seconds`: what was used
    before, when the run is resumed; then the clock starts now, on top of it. `added_seconds`: what the person added to
    the budget since, in all.
    """

    def __init__(
        self,
        budget_seconds: float,
        *,
        started: float | None = None,
        spent_seconds: float = 0.0,
        added_seconds: float = 0.0,
    ) -> None:
        self._given_seconds = budget_seconds
        self.added_seconds = added_seconds
        head_start = spent_seconds if started is None or spent_seconds else max(0.0, time.time() - started)
        self._origin = time.monotonic() - head_start
        self._paused_at: float | None = None

    @property
    def budget_seconds(self) -> float:
        """The time for everything, with what was added."""
        return self._given_seconds + self.added_seconds

    @property
    def seconds(self) -> float:
        """Active seconds so far."""
        now = self._paused_at if self._paused_at is not None else time.monotonic()
        return now - self._origin

    @property
    def left_seconds(self) -> float:
        """What is left of the budget; negative when it is overdrawn."""
        return self.budget_seconds - self.seconds

    @property
    def paused(self) -> bool:
        """Whether the clock stands still."""
        return self._paused_at is not None

    def pause(self) -> None:
        """Let the clock stand still."""
        if self._paused_at is None:
            self._paused_at = time.monotonic()

    def resume(self) -> None:
        """Let the clock go on."""
        if self._paused_at is not None:
            self._origin += time.monotonic() - self._paused_at
            self._paused_at = None
