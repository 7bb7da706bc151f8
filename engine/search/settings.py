"""What an expert may decide about the search; everything left open is chosen by the run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.errors import ConfigError
from engine.messages import Message, phrase
from engine.search.pruners.pruner import pruner_named
from engine.search.samplers.sampler import Sampler, sampler_named, samplers


class WayKey(StrEnum):
    """How the whole space is divided, each described in `engine.search.ways`."""

    JOINT = "joint"
    CONDITIONING = "conditioning"
    ALTERNATING = "alternating"


UNKNOWN_WAY = phrase("search_way_unknown", "There is no way of searching called {way}.", "Choose one of: {choices}.")
WAY_NEEDS_OTHER = phrase(
    "search_way_needs_other_sampler",
    "The sampler {sampler} cannot search in the way {way}, where one choice decides what else there is to choose.",
    "Choose the way conditioning, or one of the samplers: {choices}.",
)


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How candidates are found.

    `way`: how the whole space is divided (joint, conditioning, alternating). `sampler`, `pruner`: keys of those that
    are installed. None lets the run choose. `space`: a person's own search space, see `engine.search.own_space`; None
    searches everything. `use_past`: begin with what worked on tables like this one. `use_all_time`: go on where the
    run would end early because nothing seems left to gain.
    """

    way: str | None = None
    sampler: str | None = None
    pruner: str | None = None
    space: Mapping[str, Any] | None = None
    use_past: bool = True
    use_all_time: bool = False

    def problems(self) -> Iterator[Message]:
        """Tell what is wrong with these settings, in words for the person."""
        if self.way is not None and self.way not in tuple(WayKey):
            yield UNKNOWN_WAY(way=self.way, choices=", ".join(WayKey))
        if self.sampler is not None:
            try:
                yield from self._sampler_problems(sampler_named(self.sampler))
            except ConfigError as unknown:
                yield unknown.message
        if self.pruner is not None:
            try:
                pruner_named(self.pruner)
            except ConfigError as unknown:
                yield unknown.message
        if self.space is not None:
            from engine.search.own_space import space_problems

            yield from space_problems(self.space)

    def _sampler_problems(self, sampler: Sampler) -> Iterator[Message]:
        missing = sampler.available()
        if missing is not None:
            yield missing.reason
        if self.way in {WayKey.JOINT, WayKey.ALTERNATING} and not sampler.conditional:
            able = ", ".join(each.key for each in samplers() if each.conditional)
            yield WAY_NEEDS_OTHER(sampler=sampler.key, way=str(self.way), choices=able)
