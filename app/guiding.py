"""Asks something of a search under way: at once in words where it cannot be, else written down for the worker."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from app.asking import NOT_UNDER_WAY
from engine.errors import InputError
from engine.events import CandidateAsked, CandidatePinned, FamilyBanned, Request
from engine.messages import phrase
from engine.progress import ACTIVE, Progress
from engine.requests import (
    NO_SUCH_CANDIDATE,
    NOT_SEARCHING,
    TOO_EARLY,
    TOO_LATE,
    parameters_of_candidate,
    request_problem,
)
from storage.runs import RunStore

NO_VALUE = phrase("asked_no_value", "{text} says no value.", "Write it like this: num_leaves=31.")
SEARCHING = ("", "prepare", "search")  # stages at which something can still be asked


def enqueue(runs: RunStore, run_id: str, like: int, changes: Mapping[str, Any]) -> Request:
    """Ask to try a candidate next: one of the run with these settings changed, read as they have to be where written.

    Raises InputError, saying what to do, when that cannot be.
    """
    now = _under_way(runs, run_id)
    found = parameters_of_candidate(now, like)
    if found is None:
        raise InputError(NO_SUCH_CANDIDATE(number=like))
    family, parameters = found
    known = {option.name: option for option in (now.opened.options if now.opened else {}).get(family, ())}
    read = {
        name: known[name].read(value) if name in known and isinstance(value, str) else value
        for name, value in changes.items()
    }
    return _ask(
        runs,
        run_id,
        now,
        CandidateAsked(
            seconds=now.seconds, request=_new(), family=family, parameters={**parameters, **read}, like=like
        ),
    )


def ban(runs: RunStore, run_id: str, family: str, *, lifted: bool = False) -> Request:
    """Ask for no new candidates of a family, or for them again; raises InputError when that cannot be."""
    now = _under_way(runs, run_id)
    return _ask(runs, run_id, now, FamilyBanned(seconds=now.seconds, request=_new(), family=family, lifted=lifted))


def pin(runs: RunStore, run_id: str, number: int, *, lifted: bool = False) -> Request:
    """Pin a candidate, or let it go; raises InputError when that cannot be."""
    now = _under_way(runs, run_id)
    return _ask(runs, run_id, now, CandidatePinned(seconds=now.seconds, request=_new(), number=number, lifted=lifted))


def changes_written(texts: Sequence[str]) -> dict[str, str]:
    """Return settings written as NAME=VALUE; raises InputError when one says no value.

    >>> changes_written(["depth=4"])
    {'depth': '4'}
    """
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise InputError(NO_VALUE(text=text))
        found[name.strip()] = value.strip()
    return found


def can_be_guided(now: Progress) -> bool:
    """Whether something can be asked of a search right now."""
    opened = now.opened is not None and bool(now.opened.options) and now.search_ended is None
    return opened and now.status in ACTIVE and now.stage in SEARCHING


def _under_way(runs: RunStore, run_id: str) -> Progress:
    now = runs.progress(run_id)
    if now.status not in ACTIVE:
        raise InputError(NOT_UNDER_WAY(run_id=run_id, status=str(now.status)))
    if now.stage not in SEARCHING:
        raise InputError(TOO_LATE())
    if now.opened is None:
        raise InputError(TOO_EARLY())
    if not now.opened.options:
        raise InputError(NOT_SEARCHING())
    return now


def _ask(runs: RunStore, run_id: str, now: Progress, request: Request) -> Request:
    problem = request_problem(request, now)
    if problem is not None:
        raise InputError(problem)
    runs.append(run_id, request)
    return request


def _new() -> str:
    return uuid.uuid4().hex[:12]
