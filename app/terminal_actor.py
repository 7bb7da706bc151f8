"""Who the log names for what is done in the terminal: the account of the system; it can read the folder anyway."""

import getpass

from storage import audit
from storage.workspace import Workspace


def noted(place: Workspace, action: str, subject: str = "") -> None:
    """Write into the log what is about to be done."""
    audit.write(place.engine, person=f"terminal: {getpass.getuser()}", action=action[:64], subject=subject[:255])
