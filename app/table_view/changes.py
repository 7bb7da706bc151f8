"""What the person has changed about a table so far, each change with a way back."""

from dataclasses import replace

import streamlit as st

from app.findings import review
from app.language import _
from app.tables import Table
from app.wording import joined, listed, plain
from engine.column_choice import ColumnChoice


def show_changes(seen: Table) -> None:
    """Draw the changes; nothing when there are none."""
    columns = seen.config.columns or {}
    n_changes = len(columns) + seen.config.drop_copies + bool(seen.config.drop_alike)
    if not n_changes:
        return
    with st.expander(_("Your changes ({n})").format(n=n_changes), icon=":material/edit:"):
        for name, choice in columns.items():
            if _line(f"**{plain(name)}**: {choice_words(choice)}", key=f"undo_{seen.id}_{name}"):
                left = {other: kept for other, kept in columns.items() if other != name}
                review(seen, replace(seen.config, columns=left or None))
        if seen.config.drop_copies and _line(
            _("Rows that are copies of others are left out"), key=f"undo_{seen.id}_copies"
        ):
            review(seen, replace(seen.config, drop_copies=False))
        if seen.config.drop_alike and _line(
            _("Rows that differ from others only in columns that are not used are left out"),
            key=f"undo_{seen.id}_alike",
        ):
            review(seen, replace(seen.config, drop_alike=()))


def choice_words(choice: ColumnChoice) -> str:
    """Say in words what was changed about a column."""
    said = []
    if choice.kind:
        said.append(_("is a {kind}").format(kind=_(str(choice.kind))))
    if choice.role:
        said.append(_("has the role {role}").format(role=_(str(choice.role))))
    if choice.known:
        said.append(_("is known {moment}").format(moment=_(str(choice.known))))
    if choice.missing:
        said.append(_("{values} count as missing").format(values=listed([plain(text) for text in choice.missing])))
    if choice.lowest is not None:
        said.append(_("below {number} counts as missing").format(number=f"{choice.lowest:g}"))
    if choice.highest is not None:
        said.append(_("above {number} counts as missing").format(number=f"{choice.highest:g}"))
    if choice.same:
        pairs = listed([f"{plain(written)} = {plain(level)}" for written, level in choice.same])
        said.append(_("spellings count as one value: {pairs}").format(pairs=pairs))
    return joined(said)


def _line(words: str, *, key: str) -> bool:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words, width="stretch")
        return st.button(_("Undo"), key=key, icon=":material/undo:")
