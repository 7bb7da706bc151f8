"""Settings: an administrator lets people in and reads the log, an owner shares, and what is deleted is gone."""

from pathlib import Path

import pytest

from app.rights import require_deletion
from engine.config import ExperimentConfig
from engine.errors import InputError
from storage.access import Role
from storage.workspace import Workspace
from tests.app.looking import Show, labels, run, said
from tests.app.made_runs import finished, keep
from tests.app.team import ADMIN, BUILDER, OTHER, OWNER, PROJECT, SETTINGS, VIEWER, Team, asking_as, make_team


@pytest.fixture
def team(place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return make_team(place, tmp_path)


def test_an_administrator_lets_people_in_and_reads_the_log(
    team: Team, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking_as(ADMIN, monkeypatch):
        page = show("settings")
        assert OWNER.replace("@", "") in said(page).replace("\\", "").replace("@", "")
        page.text_input(key="person_name").input(" New@X.org ")
        run(next(button for button in page.button if button.label == "Add or change").click())
        assert team.place.people.role("new@x.org") is Role.VIEWER
        page = show("settings")
        assert "Who did what" in said(page)
        assert any("new@x.org" in str(table.value.to_numpy()) for table in page.dataframe)


def test_who_is_no_administrator_sees_neither_people_nor_log_nor_addresses(
    team: Team, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking_as(BUILDER, monkeypatch):
        words = said(show("settings"))
        assert "Who did what" not in words
        assert "People" not in words.splitlines()
        assert "Where things are kept" not in words
        assert PROJECT in words


def test_an_owner_shares_a_project_and_ends_it(team: Team, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    project = team.place.people.project(PROJECT)
    with asking_as(OWNER, monkeypatch):
        page = show("settings")
        page.text_input(key=f"share_name_{project.id}").input(OTHER)
        run(next(button for button in page.button if button.label == "Share it").click())
        assert [record.id for record in team.as_seen_by(OTHER).runs.records()] == [team.shared]
        run(show("settings").button(key=f"unshare_{project.id}_{OTHER}").click())
        assert team.as_seen_by(OTHER).runs.records() == []
    with asking_as(VIEWER, monkeypatch):
        assert "Share it" not in labels(show("settings"))


def test_only_who_leads_a_project_may_delete_it(team: Team) -> None:
    for name, allowed in ((OWNER, True), (ADMIN, True), (BUILDER, False), (VIEWER, False), (OTHER, False)):
        if allowed:
            require_deletion(team.as_seen_by(name), PROJECT)
        else:
            with pytest.raises(InputError):
                require_deletion(team.as_seen_by(name), PROJECT)
    with pytest.raises(InputError):
        require_deletion(team.as_seen_by(VIEWER), "default")


def test_a_single_user_deletes_everything_after_writing_the_word(
    place: Workspace, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    run_id = keep(place, finished())
    page = show("settings")
    assert "its tables (0) and runs (1)" in said(page)
    assert page.button(key="delete_project_default").disabled
    page = run(page.text_input(key="delete_word_default").input("delete"))
    run(page.button(key="delete_project_default").click())
    assert place.runs.records() == []
    assert not (place.folder / "runs" / run_id).exists()


def test_a_single_user_deletes_a_project_that_was_named_in_the_terminal(
    place: Workspace, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    kept = keep(place, finished())
    for owner in ("local", "somebody"):
        place.runs.create(owner=owner, project="sales", name="n", dataset_id="none", config=ExperimentConfig())
    page = show("settings")
    assert [each.label for each in page.expander if each.label.startswith("Delete")] == [
        "Delete everything in the project default",
        "Delete everything in the project sales",
    ]
    page = run(page.text_input(key="delete_word_sales").input("delete"))
    page = run(page.button(key="delete_project_sales").click())
    assert {(each.project, each.owner) for each in place.runs.records()} == {
        ("default", "local"),
        ("sales", "somebody"),
    }
    assert place.runs.get(kept).project == "default"
    assert "Delete everything" in [each.label for each in page.expander]
