"""Findings in three piles, each with its remedy as a button."""

from dataclasses import replace

import streamlit as st

from app import jobs
from app.language import _, close_up, say, say_price, say_sentence, say_suggestion
from app.pieces import refusal
from app.tables import Table
from app.wording import listed, plain
from engine.checks.check import Finding, Severity
from engine.config import ExperimentConfig, Remedy
from engine.errors import InputError


def show_findings(seen: Table) -> None:
    """Draw what must be fixed, what to look at, and what was handled; nothing when nothing was found."""
    piles = {
        severity: [each for each in seen.inspection.findings if each.severity is severity] for severity in Severity
    }
    st.header(_("What was noticed about the table"), anchor=False)
    if not any(piles.values()):
        st.caption(_("Nothing that stands in the way."))
        return
    for severity, title, icon, colour in (
        (Severity.MUST_FIX, _("Must be fixed"), ":material/block:", "red"),
        (Severity.PLEASE_LOOK, _("Please look"), ":material/visibility:", "orange"),
    ):
        for number, finding in enumerate(piles[severity]):
            _card(seen, finding, title, icon, colour, key=f"{severity}_{number}")
    if piles[Severity.HANDLED]:
        with st.expander(
            _("Handled, or good to know ({n})").format(n=len(piles[Severity.HANDLED])), icon=":material/check:"
        ):
            for number, finding in enumerate(piles[Severity.HANDLED]):
                _line(seen, finding, key=f"informs_{number}")


def _card(seen: Table, finding: Finding, title: str, icon: str, colour: str, *, key: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(title, icon=icon, color=colour)  # type: ignore[arg-type]
            st.markdown(plain(say_sentence(finding.message)), width="stretch")
        advice = [say_suggestion(finding.message), say_price(finding.message)]
        if any(advice):
            st.caption(plain(close_up(" ".join(each for each in advice if each))))
        _evidence(finding)
        _remedies(seen, finding, key=key)


def _line(seen: Table, finding: Finding, *, key: str) -> None:
    st.markdown(plain(say_sentence(finding.message)))
    _evidence(finding)
    _remedies(seen, finding, key=key)


def _evidence(finding: Finding) -> None:
    if finding.evidence:
        with st.expander(_("What shows it"), type="compact"):
            st.markdown("\n".join(f"- {plain(say(message))}" for message in finding.evidence))


def _remedies(seen: Table, finding: Finding, *, key: str) -> None:
    if not finding.remedies:
        return
    with st.container(horizontal=True):
        for number, remedy in enumerate(finding.remedies):
            if st.button(button_words(remedy), key=f"remedy_{seen.id}_{key}_{number}", icon=":material/healing:"):
                review(seen, seen.config.remedied(remedy))


def review(seen: Table, config: ExperimentConfig) -> None:
    """Look at a table again in the light of new choices and draw the page anew, or say why that cannot be."""
    with st.spinner(_("Looking at the table again …")):
        try:
            jobs.review(seen.id, config)
        except InputError as wrong:
            refusal(wrong.message)
            return
    st.rerun()


def button_words(remedy: Remedy) -> str:
    """Return a remedy as the words of a button: short, whatever the names of the columns are."""
    names = listed([plain(name) for name in remedy.columns], 2)
    known = names if len(names) < 30 else _("these columns")
    return say_sentence(replace(remedy.title, parameters={**remedy.title.parameters, "columns": known}))
