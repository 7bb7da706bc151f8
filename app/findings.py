"""Findings in three piles, each with its remedy as a button."""

import streamlit as st

from app import jobs
from app.language import _, say_sentence, say_suggestion
from app.pieces import refusal
from app.tables import Table, with_columns
from app.wording import listed, plain
from engine.checks.check import Finding, Remedy, Severity
from engine.config import ColumnChoice, ExperimentConfig
from engine.errors import InputError
from engine.table.schema import Kind, Role


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
        (Severity.BLOCKS, _("Must be fixed"), ":material/block:", "red"),
        (Severity.WARNS, _("Please look"), ":material/visibility:", "orange"),
    ):
        for number, finding in enumerate(piles[severity]):
            _card(seen, finding, title, icon, colour, key=f"{severity}_{number}")
    if piles[Severity.INFORMS]:
        with st.expander(_("Handled ({n})").format(n=len(piles[Severity.INFORMS])), icon=":material/check:"):
            for number, finding in enumerate(piles[Severity.INFORMS]):
                _line(seen, finding, key=f"informs_{number}")


def _card(seen: Table, finding: Finding, title: str, icon: str, colour: str, *, key: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.badge(title, icon=icon, color=colour)  # type: ignore[arg-type]
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(plain(say_sentence(finding.message)))
            if say_suggestion(finding.message):
                st.caption(plain(say_suggestion(finding.message)))
        _remedy(seen, finding, key=key)


def _line(seen: Table, finding: Finding, *, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            st.markdown(plain(say_sentence(finding.message)))
        _remedy(seen, finding, key=key)


def _remedy(seen: Table, finding: Finding, *, key: str) -> None:
    if finding.remedy is None or not finding.remedy.columns:
        return
    label = short_remedy(finding.remedy)
    if st.button(label, key=f"remedy_{seen.id}_{key}", icon=":material/healing:"):
        review(seen, with_columns(seen.config, finding.remedy.columns))


def review(seen: Table, config: ExperimentConfig) -> None:
    """Look at a table again in the light of new choices and draw the page anew, or say why that cannot be."""
    with st.spinner(_("Looking at the table again …")):
        try:
            jobs.review(seen.id, config)
        except InputError as wrong:
            refusal(wrong.message)
            return
    st.rerun()


def short_remedy(remedy: Remedy) -> str:
    """Return a remedy as the words of a button."""
    brief = len(listed(list(remedy.columns), 2)) < 30
    names = listed([plain(name) for name in remedy.columns], 2)
    choices = set(remedy.columns.values())
    if choices == {ColumnChoice(role=Role.IGNORED)}:
        return _("Leave out {names}").format(names=names) if brief else _("Leave them out")
    (choice, *_others) = choices
    word = choice.kind if isinstance(choice.kind, Kind) else choice.role
    return _("Make {names} a {what}").format(names=names, what=word) if brief else _("Change them")
