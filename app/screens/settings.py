"""Settings: the language, where things are kept, and what is installed."""

from importlib.metadata import PackageNotFoundError, version

import pandas as pd
import streamlit as st

from app.language import NAMES, _, languages
from app.opened import workspace
from app.preferences import Preferences, preferences, save
from app.screen import Screen
from engine.messages import phrase
from storage.settings import SETTINGS

LIBRARIES = ("onnxruntime", "scikit-learn", "lightgbm", "catboost", "optuna", "shap", "mlflow", "streamlit", "pandas")
BROWSER = ""


def render() -> None:
    """Draw the page."""
    st.title(_("Settings"), anchor=False)
    _language()
    _places()
    _installed()


def _language() -> None:
    st.header(_("Language"), anchor=False)
    choices = [BROWSER, *languages()]
    st.selectbox(
        _("Language of the screens"),
        choices,
        index=choices.index(preferences().language) if preferences().language in choices else 0,
        format_func=lambda key: NAMES.get(key, key) if key else _("As the browser says"),
        key="settings_language",
        on_change=_speak,
        width=320,
    )


def _speak() -> None:
    wanted = st.session_state["settings_language"]
    save(Preferences(language=wanted))
    st.session_state["language"] = wanted


def _places() -> None:
    st.header(_("Where things are kept"), anchor=False)
    st.write(_("Tables, runs and models are kept in the workspace folder on this computer. Nothing is sent anywhere."))
    folder = workspace().folder
    st.code(str(folder), language=None)
    with st.expander(_("Addresses, for administrators")):
        st.caption(_("Each is set by its environment variable, or by its key in settings.toml in the workspace."))
        rows = pd.DataFrame(
            {
                _("Key"): [setting.key for setting in SETTINGS],
                _("Environment variable"): [setting.variable for setting in SETTINGS],
                _("Value"): [setting.value(folder) or "–" for setting in SETTINGS],
                _("Meaning"): [_(setting.sentence) for setting in SETTINGS],
            }
        )
        st.dataframe(rows, hide_index=True, alt=_("Addresses and how to change them"))


def _installed() -> None:
    st.header(_("What is installed"), anchor=False)
    rows = pd.DataFrame(
        {_("Library"): LIBRARIES, _("Version"): [_version(name) for name in LIBRARIES]},
    )
    st.dataframe(rows, hide_index=True, width=420, alt=_("Installed libraries"))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _("not installed")


SCREEN = Screen(
    key="settings",
    title=phrase("screen_settings", "Settings"),
    icon=":material/settings:",
    order=90,
    render=render,
)
