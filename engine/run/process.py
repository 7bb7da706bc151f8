"""What the stages of a run share: they tell events, start guarded calls, and stand still while a person asks for it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from engine.events import Continued, Event, Paused, StageStarted
from engine.progress import Command
from engine.search.guard import GuardedCall, start_method
from engine.search.loop import GRACE_SECONDS, POLL_SECONDS
from engine.search.surroundings import Surroundings

T = TypeVar("T")


class RunProcess:
    """One run under way. `events`: all that happened so far, those of an earlier process of the run first."""

    def __init__(self, around: Surroundings, past: tuple[Event, ...]) -> None:
        self.around = around
        self.events = list(past)

    def say(self, kind: type[Event], **facts: Any) -> None:
        """Make an event happen now."""
        self.record(kind(seconds=self.around.clock.seconds, **facts))

    def record(self, event: Event) -> None:
        """Remember an event and tell the world."""
        self.events.append(event)
        self.around.emit(event)

    def stage(self, name: str) -> None:
        """Enter a stage."""
        self.say(StageStarted, stage=name)

    def around_saying(self) -> Surroundings:
        """Return the surroundings for a part that emits events of its own."""
        return replace(self.around, emit=self.record)

    def start(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        seconds: float | None = None,
        memory_bytes: int | None = None,
    ) -> GuardedCall:
        """Start a call in a guarded process; it is killed when it takes longer than `seconds`, or more memory."""
        deadline = None if seconds is None else seconds + GRACE_SECONDS
        return GuardedCall.start(
            function, arguments, deadline_seconds=deadline, memory_bytes=memory_bytes, record=self.around.folder
        )

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a guarded process and return its value; its errors come back as themselves."""
        return self.wait(self.start(function, *arguments))

    def call_where_imported(self, function: Callable[[], T]) -> T:
        """Call what needs large libraries where they have been imported, so that this process need not do it again.

        A process that is forked has them. One that is spawned would import them too: there it is called here.
        """
        if start_method() != "forkserver":
            return function()
        value: T = self.call(function)
        return value

    def wait(self, call: GuardedCall) -> Any:
        """Wait for a guarded call, obeying a pause meanwhile."""
        while (outcome := call.poll()) is None:
            self.stand_by([call])
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def stand_by(self, calls: Sequence[GuardedCall]) -> None:
        """Let a moment pass; stand still, with the calls, while the person asks for a pause."""
        if self.around.control() is Command.PAUSE:
            for call in calls:
                call.pause()
            self.around.clock.pause()
            self.say(Paused)
            while self.around.control() is Command.PAUSE:
                time.sleep(0.1)
            for call in calls:
                call.resume()
            self.around.clock.resume()
            self.say(Continued)
        time.sleep(POLL_SECONDS)
