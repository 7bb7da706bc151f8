"""Settings: language, people, projects, where things are kept, what earlier runs taught, and what is installed."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from app.language import NAMES, _, languages
from app.opened import workspace
from app.past_view import past_runs
from app.preferences import preferences, save
from app.screen import Screen
from app.settings_view.log import log
from app.settings_view.people import people, who_you_are
from app.settings_view.projects import projects
from app.waiting import room
from engine.installed import XGBOOST, installed_versions
from engine.messages import phrase
from storage.settings import ARTIFACTS, DATABASE, MLFLOW, NO_MIRROR, SETTINGS, WORKSPACE, Setting

LIBRARIES = (
    *("onnxruntime", "scikit-learn", "lightgbm", "catboost", *XGBOOST),
    *("optuna", "shap", "mlflow", "streamlit", "pandas"),
)
BROWSER = ""


def render() -> None:
    """Draw the page."""
    st.title(_("Settings"), anchor=False)
    who_you_are()
    _language()
    people()
    projects()
    _room()
    if workspace().actor.manages:
        _places()
    past_runs()
    log()
    _installed()


def _language() -> None:
    st.header(_("Language"), anchor=False)
    choices = [BROWSER, *languages()]
    st.selectbox(
        _("Language of the screens"),
        choices,
        index=choices.index(_spoken()) if _spoken() in choices else 0,
        format_func=lambda key: NAMES.get(key, key) if key else _("As the browser says"),
        key="settings_language",
        on_change=_speak,
        width=320,
    )


def _spoken() -> str:
    return preferences().language if workspace().actor.is_alone else str(st.session_state.get("language", BROWSER))


def _speak() -> None:
    wanted = st.session_state["settings_language"]
    if workspace().actor.is_alone:
        save(replace(preferences(), language=wanted))
    st.session_state["language"] = wanted  # of a team each chooses for themselves, for as long as the page is open


def _room() -> None:
    st.header(_("Trainings at once"), anchor=False)
    st.number_input(
        _("How many may train at the same time"),
        min_value=1,
        value=room(workspace()),
        key="settings_room",
        on_change=_make_room,
        width=320,
        disabled=not workspace().actor.manages,
        help=_("Further ones wait and start by themselves. One for every two cores of the computer is sensible."),
    )


def _make_room() -> None:
    save(replace(preferences(), runs_at_once=int(st.session_state["settings_room"])))


def _places() -> None:
    st.header(_("Where things are kept"), anchor=False)
    folder = workspace().folder
    st.write(_where(folder))
    st.code(str(folder), language=None, wrap_lines=True)
    with st.expander(_("Addresses, for administrators")):
        st.caption(
            _("Each is set by its environment variable, or by its key, if any, in settings.toml in the workspace.")
        )
        rows = pd.DataFrame(
            {
                _("Key"): ["–" if setting is WORKSPACE else setting.key for setting in SETTINGS],
                _("Environment variable"): [setting.variable for setting in SETTINGS],
                _("Value"): [_shown(setting, folder) for setting in SETTINGS],
                _("Meaning"): [_(setting.sentence) for setting in SETTINGS],
            }
        )
        st.dataframe(rows, hide_index=True, alt=_("Addresses and how to change them"))


def _where(folder: Path) -> str:
    """Say where things are kept, and whether anything leaves this computer."""
    addresses = (DATABASE, ARTIFACTS, MLFLOW)
    set_here = [setting.key for setting in addresses if setting.value(folder) not in ("", NO_MIRROR)]
    if not set_here:
        return _("Tables, runs and models are kept in the workspace folder on this computer. Nothing is sent anywhere.")
    said = _(
        "Tables are kept in the workspace folder on this computer. Runs or models also go to what is set for: {keys}."
    )
    return said.format(keys=", ".join(set_here))


def _shown(setting: Setting, folder: Path) -> str:
    if setting.is_secret:
        return "***" if setting.value() else "–"
    chosen = setting.value() if setting is WORKSPACE else setting.value(folder)  # its own file cannot say where it is
    return without_secrets(chosen) or "–"


def without_secrets(address: str) -> str:
    """Return an address with stars for its password.

    >>> without_secrets("postgresql://ada:s3cr@t@server/runs"), without_secrets("sqlite:///runs.db")
    ('postgresql://ada:***@server/runs', 'sqlite:///runs.db')
    """
    hidden = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", address)
    return re.sub(r"([?&][^=&]*(?:pass|pwd|secret|token|key)[^=&]*=)[^&#]*", r"\1***", hidden, flags=re.IGNORECASE)


def _installed() -> None:
    st.header(_("What is installed"), anchor=False)
    found = installed_versions(LIBRARIES)
    rows = pd.DataFrame({_("Library"): list(found), _("Version"): list(found.values())})
    st.dataframe(rows, hide_index=True, width=420, alt=_("Installed libraries"))


SCREEN = Screen(
    key="settings",
    title=phrase("screen_settings", "Settings"),
    icon=":material/settings:",
    order=90,
    render=render,
)
