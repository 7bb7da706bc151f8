"""The databases that stores are held to one contract on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import sqlite_address
from storage.workspace import Workspace, open_workspace
from tests.servers import new_database, postgresql


@pytest.fixture(scope="module")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgresql(tmp_path_factory.mktemp("postgresql")) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    if request.param == "sqlite":
        address = sqlite_address(tmp_path)
    else:
        address = new_database(request.getfixturevalue("postgresql_server"))
    monkeypatch.setenv("TABLEWRIGHT_DATABASE", address)
    with open_workspace(tmp_path) as opened:
        yield opened
