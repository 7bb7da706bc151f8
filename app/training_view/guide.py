"""Guides a search while it goes on: pins candidates, bans families, and tries candidates of one's own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st

from app import guiding
from app.influence_view import in_words
from app.language import _
from app.opened import workspace
from app.pieces import family_title, refusal
from app.wording import plain
from engine.errors import InputError
from engine.events import CandidateFailed, CandidateFinished
from engine.figures import figure
from engine.messages import Message
from engine.progress import Progress
from engine.search.option import Option
from storage.runs import RunRecord

REFUSED = "guide_refused"  # in the session, by run: why the last request could not be met
TURN = "guide_turn"  # in the session: counts refusals, after which lists are drawn anew, as they stood
COLUMNS = 3

Candidate = CandidateFinished | CandidateFailed


def guide(record: RunRecord, now: Progress) -> None:
    """Draw what can be asked of the search of a run under way."""
    st.subheader(_("Guide the search"), anchor=False)
    refused = st.session_state.get(f"{REFUSED}_{record.id}")
    if isinstance(refused, Message):
        refusal(refused)
    left, right = st.columns(2, gap="large")
    with left:
        _pins(record, now)
    with right:
        _bans(record, now)
    _own_candidate(record, now)


def _pins(record: RunRecord, now: Progress) -> None:
    key = _key("pins", record, now)
    st.multiselect(
        _("Pinned candidates"),
        [each.number for each in now.leaderboard],
        default=list(now.pinned),
        format_func=_labels(now).__getitem__,
        placeholder=_("none"),
        key=key,
        help=_(
            "Every second new candidate is a small change of a pinned one. The final model is chosen from it, too, "
            "however it ranks; it takes part where it makes the model better."
        ),
        on_change=_change,
        args=(
            record.id,
            key,
            now.pinned,
            lambda number, lifted: guiding.pin(_runs(), record.id, number, lifted=lifted),
        ),
    )


def _bans(record: RunRecord, now: Progress) -> None:
    assert now.opened is not None
    key = _key("bans", record, now)
    st.multiselect(
        _("Families that get no new candidates"),
        list(now.opened.options),
        default=list(now.banned),
        format_func=family_title,
        placeholder=_("none"),
        key=key,
        help=_("What is under way may end, and what was found stays in the choice."),
        on_change=_change,
        args=(
            record.id,
            key,
            now.banned,
            lambda family, lifted: guiding.ban(_runs(), record.id, family, lifted=lifted),
        ),
    )


def _key(name: str, record: RunRecord, now: Progress) -> str:
    """Return a key that is new after every request, also one from the terminal, and after every refusal."""
    return f"{name}_{record.id}_{len(now.requests)}_{st.session_state.get(TURN, 0)}"


def _change(run_id: str, key: str, before: Iterable[Any], ask: Callable[[Any, bool], object]) -> None:
    """Ask for what was added to a list, and take back what was taken out of it."""
    after = st.session_state[key]
    st.session_state.pop(f"{REFUSED}_{run_id}", None)
    try:
        for each in before:
            if each not in after:
                ask(each, True)
        for each in after:
            if each not in before:
                ask(each, False)
    except InputError as wrong:
        st.session_state[f"{REFUSED}_{run_id}"] = wrong.message
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def _own_candidate(record: RunRecord, now: Progress) -> None:
    assert now.opened is not None
    candidates = {each.number: each for each in _to_begin_with(now)}
    if not candidates:
        return
    labels = _labels(now)
    st.markdown(f"**{_('Try a candidate of your own next')}**")
    like = st.selectbox(
        _("Like this one"),
        list(candidates),
        format_func=labels.__getitem__,
        key=f"like_{record.id}",
        help=_("Change what you like; what you leave stays as it is there."),
    )
    chosen = candidates[like]
    with st.form(f"own_{record.id}_{like}"):
        values = _fields(f"{record.id}_{like}", now.opened.options[chosen.family], chosen.parameters)
        sent = st.form_submit_button(_("Try it next"), icon=":material/playlist_add:")
    if sent:
        changes = {name: value for name, value in values.items() if value is not None and differs(chosen, name, value)}
        st.session_state.pop(f"{REFUSED}_{record.id}", None)
        try:
            guiding.enqueue(_runs(), record.id, like, changes)
        except InputError as wrong:
            st.session_state[f"{REFUSED}_{record.id}"] = wrong.message
        st.rerun()


def differs(candidate: Candidate, name: str, value: Any) -> bool:
    """Whether a setting is another one than in a candidate; what it leaves open differs from any value."""
    before = candidate.parameters.get(name)
    return before is None or value != before or isinstance(value, bool) != isinstance(before, bool)


def _to_begin_with(now: Progress) -> list[Candidate]:
    assert now.opened is not None
    gave_up = [each for each in now.finished if each.pruned]
    known: list[Candidate] = [*now.leaderboard, *gave_up, *now.failed]
    return [each for each in known if each.family in now.opened.options and each.family not in now.banned]


def _labels(now: Progress) -> dict[int, str]:
    """Return what candidates are called in lists, by number."""
    found, text, unscored = {}, _("No. {number}: {family}, {score}"), _("no score over all rows")
    ended: tuple[Candidate, ...] = (*now.finished, *now.failed)
    for each in ended:
        whole = isinstance(each, CandidateFinished) and not each.pruned
        said = figure(each.score) if isinstance(each, CandidateFinished) and whole else unscored
        found[each.number] = text.format(number=each.number, family=family_title(each.family), score=said)
    return found


def _fields(key: str, options: Iterable[Option], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Draw a field for each setting, as it stands in the candidate, and return what they say; None is left open."""
    columns = st.columns(COLUMNS)
    values = {}
    for place, option in enumerate(options):
        with columns[place % COLUMNS]:
            values[option.name] = _field(f"{key}_{option.name}", option, parameters.get(option.name))
    return values


def _field(key: str, option: Option, value: Any) -> Any:
    label, usual = plain(in_words(option.name)), _("as usual")
    if option.choices:
        choices = [*option.choices, *([] if value is None or value in option.choices else [value])]
        index = None if value is None else choices.index(value)
        return st.selectbox(label, choices, index=index, format_func=_choice, placeholder=usual, key=key)
    known = isinstance(value, int | float) and not isinstance(value, bool)
    low, high = (min(option.low, value), max(option.high, value)) if known else (option.low, option.high)
    number: type[Any] = int if option.whole else float
    bounds: dict[str, Any] = {"min_value": number(low), "max_value": number(high)}
    return st.number_input(
        label,
        **bounds,
        value=number(value) if known else None,
        step=1 if option.whole else step_for(option),
        format="%d" if option.whole else "%.5g",
        placeholder=usual,
        key=key,
        help=_("from {low} to {high}").format(low=figure(option.low), high=figure(option.high)),
    )


def step_for(option: Option) -> float:
    """Return how far a press of + goes: the smallest value where it is thought of by factors, else a hundredth.

    >>> step_for(Option(name="rate", low=0.01, high=0.2, log=True)), step_for(Option(name="share", low=0.5, high=1.0))
    (0.01, 0.005)
    """
    return option.low if option.log and option.low > 0 else (option.high - option.low) / 100


def _choice(value: Any) -> str:
    words = {"True": _("yes"), "False": _("no")}
    return words.get(str(value), in_words(str(value)))


def _runs() -> Any:
    return workspace().runs
