"""Reads events back from the plain data that is kept of them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from engine.checks.check import Finding
from engine.events import Event
from engine.messages import Message
from engine.outcomes import Certificate, Estimate, Importance, Influence, Member, SmallerModel
from engine.search.option import Option
from engine.search.table_features import TableFeatures
from engine.tasks.task import Task

EVENTS: Mapping[str, type[Event]] = {event.kind: event for event in Event.__subclasses__()}
_READERS: Mapping[str, Any] = {
    "task": Task.from_json,
    "cause": Message.from_json,
    **dict.fromkeys(
        ("reason", "metric_reason", "how_validated", "problem", "no_room"),
        lambda data: data and Message.from_json(data),
    ),
    "findings": lambda data: tuple(Finding.from_json(item) for item in data),
    "members": lambda data: tuple(Member(**item) for item in data),
    "importances": lambda data: tuple(Importance(**item) for item in data),
    "smaller": lambda data: tuple(SmallerModel.from_json(item) for item in data),
    "influences": lambda data: tuple(Influence(**item) for item in data),
    "certificate": lambda data: Certificate(**data),
    "gain": lambda data: data and Estimate(**data),
    **dict.fromkeys(("holdout", "validation"), lambda data: data and {k: Estimate(**v) for k, v in data.items()}),
    **dict.fromkeys(("fold_scores", "alike"), tuple),
    "features": TableFeatures.from_json,
    "options": lambda data: {family: tuple(map(Option.from_json, each)) for family, each in data.items()},
    "classes": lambda data: {label: tuple(counts) for label, counts in data.items()},
    "said": lambda data: tuple(map(Message.from_json, data)),
}


def event_from_json(data: Mapping[str, Any]) -> Event | None:
    """Rebuild a stored event; None for a kind that this version does not know (written by a newer one)."""
    kind = EVENTS.get(data["kind"])
    if kind is None:
        return None
    known = {f.name for f in fields(kind)}
    return kind(**{k: _READERS.get(k, lambda v: v)(v) for k, v in data.items() if k in known})
