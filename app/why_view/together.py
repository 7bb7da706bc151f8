"""Pairs of columns that work together, words that matter, and the model in a few rules."""

import pandas as pd
import streamlit as st

from app.language import _, say, say_sentence
from app.wording import percent, plain
from engine.figures import figure
from engine.insight.surrogate import WORTH_SHOWING, Rule, Surrogate
from engine.insight.terms import Term
from engine.insight.why import Why


def together(why: Why) -> None:
    """Draw what is left to say of a model after the effects of single columns."""
    st.header(_("Columns that work together"), anchor=False)
    for message in why.interaction_sentences():
        st.markdown(plain(say(message)))
    if why.terms:
        st.header(_("Words that move the answer"), anchor=False)
        _terms(why.terms)
    if why.surrogate is not None:
        st.header(_("The model in a few rules"), anchor=False)
        _rules(why.surrogate)


def _terms(found: tuple[Term, ...]) -> None:
    rows = pd.DataFrame(
        {
            _("Word"): [term.term for term in found],
            _("Column"): [term.column for term in found],
            _("With it, the answer moves by"): [_moved(term) for term in found],
            _("Rows that have it"): [term.n_rows for term in found],
        }
    )
    st.dataframe(rows, hide_index=True, alt=_("Words by how far they move the answer"))
    st.caption(_("The average answer for rows that have the word, less that for the same rows without it."))


def _moved(term: Term) -> str:
    if not term.answer:
        return f"{'+' if term.moved > 0 else ''}{figure(term.moved)}"
    points = _("{n} points").format(n=f"{100 * term.moved:+z.1f}")
    return f"{points} ({_('Chance of {answer}').format(answer=term.answer)})"


def _rules(made: Surrogate) -> None:
    if made.fidelity < WORTH_SHOWING:
        st.write(plain(say(made.told())))
        return
    outcome = _("Chance of {answer}").format(answer=made.answer) if made.answer else _("Average prediction")
    rows = pd.DataFrame(
        {
            _("When"): [_conditions(rule) for rule in made.rules],
            _("Share of rows"): [percent(rule.share) for rule in made.rules],
            plain(outcome): [percent(rule.outcome) if made.answer else figure(rule.outcome) for rule in made.rules],
        }
    )
    st.table(rows.map(plain), hide_index=True)
    st.caption(plain(say(made.told())))


def _conditions(rule: Rule) -> str:
    return (" " + _("and") + " ").join(say_sentence(condition).rstrip(".。") for condition in rule.conditions)
