"""Says in words what a person asked of a search, and what came of it."""

from app.influence_view import in_words
from app.language import _, say
from app.pieces import family_title
from app.wording import count, plain
from engine.events import CandidateAsked, CandidatePinned, Request
from engine.progress import Progress
from engine.requests import parameters_of_candidate


def asked_in_words(request: Request, now: Progress) -> str:
    """Return a sentence on what was asked, and one on what came of it."""
    return f"{_asked(request, now)} {_outcome(request, now)}"


def _asked(request: Request, now: Progress) -> str:
    if isinstance(request, CandidatePinned):
        said = _("You let go of candidate {number}.") if request.lifted else _("You pinned candidate {number}.")
        return said.format(number=count(request.number))
    if not isinstance(request, CandidateAsked):
        said = _("You allowed {family} again.") if request.lifted else _("You asked for no new candidates of {family}.")
        return said.format(family=family_title(request.family))
    said = _("You asked to try {family} with {settings}.")
    return said.format(family=family_title(request.family), settings=_changed(request, now))


def _changed(request: CandidateAsked, now: Progress) -> str:
    """Return the settings that are others than in the candidate that it was made from; all where none are."""
    like = None if request.like is None else parameters_of_candidate(now, request.like)
    before = {} if like is None else like[1]
    changed = {name: value for name, value in request.parameters.items() if before.get(name) != value}
    pairs = (changed or request.parameters).items()
    return plain("; ".join(f"{in_words(name)} = {value}" for name, value in pairs)) or _("its usual settings")


def _outcome(request: Request, now: Progress) -> str:
    answer = now.answers.get(request.request)
    if answer is None:
        if now.search_ended is not None:
            return _("It came too late: the search had ended.")
        return _("It takes effect in a moment.")
    if answer.problem is not None:
        return plain(say(answer.problem))
    if isinstance(request, CandidateAsked):
        return _("It was begun.") if request.request in now.begun else _("It is tried next.")
    return _("It counts from candidate {number} on.").format(number=count(answer.before))
