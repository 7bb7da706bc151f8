"""Projects: what is shared by name and with whom, and deleting one with all that was ever kept of it."""

import streamlit as st

from app import jobs
from app.language import _
from app.opened import workspace
from app.pieces import refusal
from app.settings_view.people import role_words
from app.wording import count, plain
from engine.errors import InputError, TablewrightError
from storage.access import OWN_PROJECT
from storage.people import PROJECT_ROLES, Project
from storage.removal import contents, projects_of


def projects() -> None:
    """Draw the projects that somebody takes part in, and their own."""
    place = workspace()
    st.header(_("Projects"), anchor=False)
    if not place.actor.is_alone:
        st.caption(_("Tables and runs are yours alone, unless they lie in a project that is shared with others."))
        for each in place.people.projects():
            _project(each)
        _begin()
        if place.actor.builds:
            with st.expander(_("Delete everything of yours that is not shared")):
                _deletion(OWN_PROJECT)
        return
    names = projects_of(place, place.actor.name)
    for name in names:
        of_one = _("Delete everything in the project {name}").format(name=plain(name))
        with st.expander(of_one if len(names) > 1 else _("Delete everything")):
            _deletion(name)


def _begin() -> None:
    if not workspace().actor.builds:
        return
    with st.form("new_project", border=False, clear_on_submit=True):
        name = st.text_input(_("Name of a new project"), key="project_name")
        if not st.form_submit_button(_("Begin a project"), icon=":material/create_new_folder:"):
            return
    try:
        workspace().people.create_project(name)
    except InputError as wrong:
        refusal(wrong.message)
        return
    st.rerun()


def _project(each: Project) -> None:
    people, actor = workspace().people, workspace().actor
    with st.container(border=True):
        st.markdown(f"**{plain(each.name)}**")
        st.caption(_("Begun by {name}").format(name=plain(each.owner)))
        leads = actor.manages or (actor.builds and each.owner == actor.name)
        for member in each.members:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(member.name), width="stretch")
                st.caption(role_words(member.role))
                key, ending = f"unshare_{each.id}_{member.name}", (each.name, member.name, None)
                if leads:
                    st.button(_("End sharing"), key=key, on_click=people.share, args=ending)
        if not leads:
            return
        with st.form(f"share_{each.id}", border=False, clear_on_submit=True):
            name = st.text_input(_("Share with"), key=f"share_name_{each.id}")
            role = st.selectbox(_("May do"), PROJECT_ROLES, format_func=role_words, key=f"share_role_{each.id}")
            asked = st.form_submit_button(_("Share it"), icon=":material/group_add:")
        if asked:
            try:
                people.share(each.name, name, role)
            except InputError as wrong:
                refusal(wrong.message)
            else:
                st.rerun()
        with st.expander(_("Delete this project")):
            _deletion(each.name)


def _deletion(name: str) -> None:
    """Draw what deleting would remove, and the button that needs a word to be written first."""
    place = workspace()
    held = contents(place, name, owner=place.actor.name)
    said = _(
        "This removes its tables ({tables}) and runs ({runs}) with their models, predictions and copies in MLflow."
    )
    st.write(said.format(runs=count(len(held.run_ids)), tables=count(len(held.dataset_ids))))
    st.write(_("It cannot be undone. Files that were downloaded are not reached."))
    word = _("delete")
    key = f"delete_word_{name}"
    written = st.text_input(_("Write “{word}” to go on").format(word=word), key=key)
    sure = written.strip().casefold() == word.casefold()
    label = _("Delete for good")
    if st.button(label, key=f"delete_project_{name}", disabled=not sure, type="primary", icon=":material/delete:"):
        try:
            with st.spinner(_("Deleting …"), show_time=True):
                jobs.delete_project(name)
        except TablewrightError as wrong:
            refusal(wrong.message)
            return
        st.session_state.pop("run", None)
        st.session_state.pop("table", None)
        st.rerun()
