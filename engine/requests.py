"""What a person may ask of a search under way, and why something cannot be: judged alike by the doors and the run."""

from collections.abc import Mapping
from typing import Any

from engine.events import (
    CandidateAsked,
    CandidateFailed,
    CandidateFinished,
    CandidatePinned,
    CandidateStarted,
    FamilyBanned,
    Request,
)
from engine.messages import Message, phrase
from engine.progress import Progress
from engine.search.identity import identity
from engine.search.option import option_problems

_Candidate = CandidateFinished | CandidateFailed | CandidateStarted

TOO_EARLY = phrase(
    "asked_too_early",
    "The search has not begun yet, so nothing can be asked of it.",
    "Ask again when the first candidate is being tried; that takes a few seconds.",
)
TOO_LATE = phrase(
    "asked_too_late",
    "The search has ended, so nothing more is tried.",
    "Start a new run, and give it more time.",
)
NOT_SEARCHING = phrase(
    "asked_not_searching",
    "This run searches nothing: what it trains was chosen before.",
    "Start a new run to try something else.",
)
NO_SUCH_CANDIDATE = phrase(
    "asked_no_candidate", "This run has no candidate {number}.", "Take one of the numbers that the leaderboard shows."
)
NO_SUCH_FAMILY = phrase(
    "asked_no_family",
    "The family {family} takes no part in this run.",
    "Choose one of: {choices}.",
)
BANNED_ALREADY = phrase(
    "asked_banned_family",
    "The family {family} was banned from this run.",
    "Allow it again first.",
)
LAST_FAMILY = phrase(
    "asked_last_family",
    "The family {family} is the last one that is left, and without it nothing would be tried.",
    "Stop the run instead, or allow another family again.",
)
TRIED_ALREADY = phrase(
    "asked_tried_already",
    "Candidate {number} is the same, and has been tried.",
    "Change at least one of its settings.",
)
NOT_FINISHED = phrase(
    "asked_not_finished",
    "Candidate {number} has no score over all rows, so it cannot be pinned.",
    "Pin one of the leaderboard, or enqueue this one: then it is tried to its end.",
)


def request_problem(request: Request, now: Progress) -> Message | None:
    """Say why a request cannot be met as the run stands; None when it can."""
    if now.opened is None:
        return TOO_EARLY()
    if now.search_ended is not None:
        return TOO_LATE()
    if not now.opened.options:
        return NOT_SEARCHING()
    if isinstance(request, CandidateAsked):
        return _candidate_problem(request, now)
    if isinstance(request, CandidatePinned):
        return _pin_problem(request, now)
    return _ban_problem(request, now)


def parameters_of_candidate(now: Progress, number: int) -> tuple[str, Mapping[str, Any]] | None:
    """Return the family and the parameters of a candidate, however it ended; None when there is none."""
    known: tuple[_Candidate, ...] = (*now.finished, *now.failed, *now.under_way)
    return next(((each.family, each.parameters) for each in known if each.number == number), None)


def _candidate_problem(request: CandidateAsked, now: Progress) -> Message | None:
    assert now.opened is not None
    options = now.opened.options.get(request.family)
    if options is None:
        return _no_such_family(request.family, now)
    if request.family in now.banned:
        return BANNED_ALREADY(family=request.family)
    like = None if request.like is None else parameters_of_candidate(now, request.like)
    if request.like is not None and (like is None or like[0] != request.family):
        return NO_SUCH_CANDIDATE(number=request.like)
    known = {} if like is None else like[1]
    for problem in option_problems(request.family, options, request.parameters, known):
        return problem
    return _same_as(request, now)


def _same_as(request: CandidateAsked, now: Progress) -> Message | None:
    """Say which candidate is the same; those that gave up or failed may be tried again."""
    wanted = identity(request.family, request.parameters)
    same: tuple[_Candidate, ...] = (*now.leaderboard, *now.under_way)
    for each in same:
        if identity(each.family, each.parameters) == wanted:
            return TRIED_ALREADY(number=each.number)
    return None


def _pin_problem(request: CandidatePinned, now: Progress) -> Message | None:
    if request.lifted:
        return None
    if any(each.number == request.number for each in now.leaderboard):
        return None
    there = parameters_of_candidate(now, request.number) is not None
    return NOT_FINISHED(number=request.number) if there else NO_SUCH_CANDIDATE(number=request.number)


def _ban_problem(request: FamilyBanned, now: Progress) -> Message | None:
    assert now.opened is not None
    if request.family not in now.opened.options:
        return _no_such_family(request.family, now)
    left = set(now.opened.options) - {*now.banned, request.family}
    return LAST_FAMILY(family=request.family) if not request.lifted and not left else None


def _no_such_family(family: str, now: Progress) -> Message:
    assert now.opened is not None
    return NO_SUCH_FAMILY(family=family, choices=", ".join(now.opened.options))
