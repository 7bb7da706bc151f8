"""Who may sign in and what they may do; for who manages the workspace of a team."""

import streamlit as st

from app.language import _
from app.opened import workspace
from app.pieces import refusal
from app.sign_in import sign_in
from app.wording import plain
from engine.errors import InputError
from storage.access import Role


def role_words(role: Role) -> str:
    """Return the word for a role, with what it means."""
    words = {
        Role.VIEWER: _("viewer: looks at results and uses models"),
        Role.BUILDER: _("builder: trains and changes, too"),
        Role.ADMIN: _("administrator: everything, for everybody"),
    }
    return words[role]


def who_you_are() -> None:
    """Say who has signed in, with what rights, and let them leave."""
    actor = workspace().actor
    if actor.role is None or actor.is_alone:
        return
    st.header(_("You"), anchor=False)
    st.write(_("{name}, {role}").format(name=plain(actor.name), role=role_words(actor.role)))
    if sign_in(workspace().folder).secrets():
        st.button(_("Sign out"), icon=":material/logout:", on_click=st.logout, key="sign_out")


def people() -> None:
    """Draw everybody with a role, and the form that adds one."""
    place = workspace()
    if place.actor.is_alone or not place.actor.manages:
        return
    st.header(_("People"), anchor=False)
    for each in place.people.everybody():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(each.name), width="stretch")
            st.caption(role_words(each.role))
            label, key = _("Remove"), f"remove_{each.name}"
            st.button(label, key=key, icon=":material/person_remove:", on_click=place.people.remove, args=(each.name,))
    with st.form("add_person", border=False, clear_on_submit=True):
        name = st.text_input(_("E-mail address or user name, as this person signs in"), key="person_name")
        role = st.selectbox(_("May do"), list(Role), format_func=role_words, key="person_role")
        if not st.form_submit_button(_("Add or change"), icon=":material/person_add:"):
            return
    try:
        place.people.add(name, role or Role.VIEWER)
    except InputError as wrong:
        refusal(wrong.message)
        return
    st.rerun()
