"""MLflow's own pages, and where they are when they are not ours to start."""

from pathlib import Path

from app.side_pages import SidePages
from storage.settings import MLFLOW, NO_MIRROR

OWN_STORE = "mlflow.db"
PAGES = SidePages("app.mlflow_server", log="mlflow.log", health="/health")


def pages_elsewhere(folder: Path) -> str | None:
    """Return the address of a server that the settings name; None where runs are mirrored into the workspace."""
    address = MLFLOW.value(folder)
    return address if address.startswith(("http://", "https://")) else None


def can_be_shown(folder: Path) -> bool:
    """Whether there is something that MLflow could show: some run was mirrored to a place without a server."""
    address = MLFLOW.value(folder)
    return address != NO_MIRROR and (bool(address) or (folder / OWN_STORE).is_file())


def start(folder: Path) -> None:
    """Start MLflow's server, unless it runs already."""
    from storage.mlflow_client import local_address

    PAGES.start(folder, ["--store", MLFLOW.value(folder) or local_address(folder)])
