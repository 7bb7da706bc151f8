"""How the processes of the app begin to say what they do; `engine.logs` has the form."""

import logging
import os
from pathlib import Path

from engine import logs
from engine.logs import VARIABLE, About
from storage.settings import LOG

QUIET = logging.WARNING  # what stands in somebody's terminal, unless a log was asked for


def begin(
    process: str, folder: Path | None = None, *, run: str = "", project: str = "", in_terminal: bool = False
) -> None:
    """Say from here on what this process does, in the form that the settings ask for; children do it likewise."""
    form = LOG.value(folder)
    if form:
        os.environ[VARIABLE] = form
    asked = About(process=process, run=run, project=project, form=logs.wanted())
    logs.begin(asked, QUIET if in_terminal and not form else logging.INFO)
