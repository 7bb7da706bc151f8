"""A workspace of a team: people with every role, a run that is shared and one that is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from engine.config import ExperimentConfig
from engine.table.reading import read_table
from storage.access import Actor, Role
from storage.workspace import Workspace
from tests.app.made_runs import finished

PROJECT, SHARED_NAME, PRIVATE_NAME = "sales", "Shared question", "Private question"
ADMIN, OWNER, BUILDER, VIEWER, GUEST, OTHER, UNKNOWN, NOBODY = (
    "root@x.org", "ada@x.org", "ben@x.org", "vic@x.org", "gus@x.org", "bob@x.org", "eve@x.org", "",
)  # fmt: skip
PEOPLE = {OWNER: Role.BUILDER, BUILDER: Role.BUILDER, VIEWER: Role.VIEWER, GUEST: Role.BUILDER, OTHER: Role.BUILDER}
MEMBERS = {BUILDER: Role.BUILDER, VIEWER: Role.BUILDER, GUEST: Role.VIEWER}  # a viewer stays one, whatever is shared
EVERYBODY = (*PEOPLE, ADMIN, UNKNOWN, NOBODY)
READERS = {OWNER, BUILDER, VIEWER, GUEST, ADMIN}
WRITERS = {OWNER, BUILDER, ADMIN}
SETTINGS = {
    "TABLEWRIGHT_SIGN_IN": "header",
    "TABLEWRIGHT_PROXIES": "127.0.0.1",
    "TABLEWRIGHT_ADDRESS": "https://tables.example.org",
    "TABLEWRIGHT_ADMINS": ADMIN,
}


@dataclass(frozen=True, kw_only=True)
class Team:
    """The whole workspace, and what lies in it."""

    place: Workspace
    table: str
    shared: str
    private: str

    def as_seen_by(self, name: str) -> Workspace:
        """Return the workspace as it is for somebody."""
        return self.place.seen_by(self.actor(name))

    def actor(self, name: str) -> Actor:
        """Return who somebody is here."""
        role = Role.ADMIN if name == ADMIN else PEOPLE.get(name)
        return Actor(name=name, role=role)


def make_team(place: Workspace, folder: Path) -> Team:
    """Fill a workspace."""
    for name, role in PEOPLE.items():
        place.people.add(name, role)
    place.people.create_project(PROJECT, owner=OWNER)
    for name, role in MEMBERS.items():
        place.people.share(PROJECT, name, role)
    file = folder / "table.csv"
    pd.DataFrame({"fee": range(60), "left": ["yes", "no"] * 30}).to_csv(file, index=False)
    table = place.datasets.save(read_table(file), owner=OWNER, project=PROJECT, source=file)
    place.datasets.save_inspection(table, {})
    ids = []
    for name, project in ((SHARED_NAME, PROJECT), (PRIVATE_NAME, "default")):
        config = ExperimentConfig(target="left")
        run_id = place.runs.create(owner=OWNER, project=project, name=name, dataset_id=table, config=config)
        for event in finished():
            place.runs.append(run_id, event)
        model = folder / "model.onnx"
        model.write_bytes(b"model")
        place.runs.artifacts(run_id).save("model.onnx", model)
        ids.append(run_id)
    return Team(place=place, table=table, shared=ids[0], private=ids[1])


@contextmanager
def asking_as(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the pages that are drawn in this process work for somebody."""
    from app import who

    with monkeypatch.context() as patched:
        patched.setattr(who, "_name", lambda: name)
        yield
