"""One look at a model in use: a file, what it showed, and when. Kept with the run, one document a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.insight.in_use.drift import Drift
from engine.insight.in_use.label_next import Labels
from engine.insight.in_use.scored import Scored
from engine.messages import Message

VERSION = 1
FOLDER = "in_use"
"""Where the documents lie among the artifacts of a run."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one file showed. `at`: seconds since 1970. Parts that were not asked for, or not possible, are None.

    `done`: what reading the file changed; `fit`: how its cells fit the model, in words.
    """

    id: str
    file: str
    at: float
    n_rows: int
    drift: Drift | None = None
    scored: Scored | None = None
    labels: Labels | None = None
    done: tuple[Message, ...] = ()
    fit: tuple[Message, ...] = ()

    @property
    def artifact(self) -> str:
        """The name of the artifact that holds it: in the order of time."""
        return f"{FOLDER}/{int(1000 * self.at):015d}-{self.id}.json"

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        parts = {name: part.to_json() if part else None for name, part in self._parts().items()}
        told = {name: [message.to_json() for message in getattr(self, name)] for name in ("done", "fit")}
        return {**vars(self), **parts, **told, "version": VERSION}

    def _parts(self) -> dict[str, Drift | Scored | Labels | None]:
        return {"drift": self.drift, "scored": self.scored, "labels": self.labels}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Look | None":
        """Rebuild what was kept; None for what another version kept."""
        if data.get("version") != VERSION:
            return None
        return Look(
            id=data["id"],
            file=data["file"],
            at=data["at"],
            n_rows=data["n_rows"],
            drift=Drift.from_json(data["drift"]) if data["drift"] else None,
            scored=Scored.from_json(data["scored"]) if data["scored"] else None,
            labels=Labels.from_json(data["labels"]) if data["labels"] else None,
            done=tuple(map(Message.from_json, data["done"])),
            fit=tuple(map(Message.from_json, data["fit"])),
        )
