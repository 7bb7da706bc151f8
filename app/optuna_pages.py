"""Optuna's own pages, with the candidates of the runs of this workspace."""

from pathlib import Path

from app.side_pages import SidePages

PAGES = SidePages("app.optuna_server", log="optuna_dashboard.log", health="/api/meta")


def start(folder: Path) -> None:
    """Start the server of the pages, unless it runs already."""
    PAGES.start(folder, ["--workspace", str(folder)])
