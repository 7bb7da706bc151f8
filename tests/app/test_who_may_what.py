"""The table of expected answers: every method of the stores, every route and every screen, for everybody."""

import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from app.jobs import JOBS
from app.protection import PERSON as HEADER
from app.rights import LOOKING, require_job
from app.screen import screens
from app.server import protection, routes
from app.sign_in import sign_in
from engine.config import ExperimentConfig
from engine.errors import InputError, WorkspaceError
from engine.events import Paused
from engine.progress import Command
from storage import audit
from storage.access import Act, Role, act_of
from storage.datasets import DatasetStore
from storage.runs import RunStore
from storage.workspace import Workspace
from tests.app.asgi import ask
from tests.app.looking import Show, read_to_the_end, run, said
from tests.app.team import (
    ADMIN,
    BUILDER,
    EVERYBODY,
    GUEST,
    NOBODY,
    OTHER,
    OWNER,
    PRIVATE_NAME,
    PROJECT,
    READERS,
    SETTINGS,
    SHARED_NAME,
    UNKNOWN,
    VIEWER,
    WRITERS,
    Team,
    asking_as,
    make_team,
)


@pytest.fixture
def team(place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return make_team(place, tmp_path)


# What stands after the id where a method takes more; a method that is not here takes nothing more.
MORE: dict[str, tuple[Any, ...]] = {
    "rename": ("another",),
    "note": ("words",),
    "tag": (["word"],),
    "append": (Paused(seconds=1.0),),
    "request": (Command.STOP,),
    "add_time": (60.0,),
    "save_inspection": ({},),
}
# Methods that do not ask about one row: they cut what they give to what may be seen, or say nothing of anybody's.
CUT = {
    "seen_by", "missing", "create", "save", "get", "record", "records", "events_of_kinds",
    "queue", "place_in_queue", "n_taking_room", "orphans",
}  # fmt: skip


def public(store: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(store, callable) if not name.startswith("_")]


@pytest.mark.parametrize("store", [RunStore, DatasetStore])
def test_every_method_of_a_store_asks_or_is_known_not_to(store: type) -> None:
    for name in public(store):
        assert (act_of(getattr(store, name)) is not None) != (name in CUT), f"{name}: say who may do this"


@pytest.mark.parametrize("who", EVERYBODY)
def test_methods_of_the_stores_answer_whom_they_may(team: Team, who: str) -> None:
    seen = team.as_seen_by(who)
    for store, row_id in ((seen.runs, team.shared), (seen.datasets, team.table)):
        for name in public(type(store)):
            act = act_of(getattr(type(store), name))
            if act is None:
                continue
            allowed = who in (READERS if act is Act.READ else WRITERS)
            assert answers(lambda s=store, n=name, r=row_id: getattr(s, n)(r, *MORE.get(n, ()))) is allowed, name  # type: ignore[misc]
            if store is seen.runs:
                mine = who in {OWNER, ADMIN}
                assert answers(lambda n=name: getattr(seen.runs, n)(team.private, *MORE.get(n, ()))) is mine, name  # type: ignore[misc]


def answers(does: Callable[[], Any]) -> bool:
    """Whether something is done; False where it is refused in words."""
    try:
        does()
    except InputError:
        return False
    return True


@pytest.mark.parametrize("job", sorted(JOBS))
def test_work_in_processes_of_its_own_is_done_for_whom_it_may(team: Team, job: str) -> None:
    if job == "delete_project":  # about no run and no table: `test_settings_on_screen.py` says who may
        return
    for who in EVERYBODY:
        about = {"dataset_id": team.table} if job == "review" else {"run_id": team.shared}
        allowed = who in (READERS if job in LOOKING else WRITERS)
        assert answers(lambda who=who, about=about: require_job(team.as_seen_by(who), job, about)) is allowed, who  # type: ignore[misc]


@pytest.mark.parametrize("who", EVERYBODY)
def test_lists_hold_what_may_be_seen_and_nothing_else(team: Team, who: str) -> None:
    seen = team.as_seen_by(who)
    runs = {team.shared} if who in READERS else set()
    runs |= {team.private} if who in {OWNER, ADMIN} else set()
    assert {record.id for record in seen.runs.records()} == runs
    assert {record.id for record in seen.datasets.records()} == ({team.table} if who in READERS else set())
    both = [team.shared, team.private]
    assert {run_id for run_id, events in seen.runs.events_of_kinds(both, ["finished"]).items() if events} == runs
    for run_id in both:
        assert answers(lambda run_id=run_id: seen.runs.get(run_id)) is (run_id in runs)  # type: ignore[misc]
    assert answers(lambda: seen.datasets.record(team.table)) is (who in READERS)


@pytest.mark.parametrize("who", EVERYBODY)
def test_new_runs_go_only_where_one_may_build_and_belong_to_who_made_them(team: Team, who: str) -> None:
    seen, config = team.as_seen_by(who), ExperimentConfig(target="left")

    def create(project: str) -> str:
        return seen.runs.create(owner=OWNER, name="n", dataset_id=team.table, config=config, project=project)

    assert answers(lambda: create(PROJECT)) is (who in WRITERS)
    own = answers(lambda: create("default"))
    assert own is (who in {*WRITERS, GUEST}), "who may look at a table may learn from it, if they may build at all"
    owners = {record.owner for record in team.place.runs.records() if record.name == "n"}
    assert owners == ({who} if own else set())


@pytest.mark.parametrize("who", EVERYBODY)
def test_people_and_projects_are_changed_by_who_leads_them(team: Team, who: str) -> None:
    people, leads = team.as_seen_by(who).people, who in {OWNER, ADMIN}
    assert answers(lambda: people.share(PROJECT, OTHER, None)) is leads
    assert answers(lambda: people.add("new@x.org", Role.VIEWER)) is (who == ADMIN)
    assert answers(people.everybody) is (who == ADMIN)
    assert answers(people.log) is (who == ADMIN)
    assert answers(lambda: people.remove("new@x.org")) is (who == ADMIN)
    assert answers(lambda: people.create_project("mine")) is (who in {*WRITERS, GUEST, OTHER})


def test_who_no_longer_has_a_role_sees_nothing(team: Team) -> None:
    team.place.people.remove(BUILDER)
    assert team.place.people.role(BUILDER) is None
    assert all(BUILDER not in {member.name for member in each.members} for each in team.place.people.projects())


def test_an_owner_sees_nothing_of_others_in_a_project_of_the_same_name_that_is_not_shared(team: Team) -> None:
    with pytest.raises(InputError, match="already"):
        team.as_seen_by(OTHER).people.create_project(PROJECT)
    with pytest.raises(InputError, match="default"):
        team.as_seen_by(OTHER).people.create_project("default")


# Each of our own routes: what is asked, and who is answered. A new route needs a line here.
CSV = [b"a,b\n1,2\n"]
UPLOAD = {"method": "POST", "headers": {"x-tablewright": "1", "x-filename": "t.csv"}, "chunks": CSV}
ROUTES: dict[str, list[tuple[str, dict[str, Any], set[str]]]] = {
    "/api/upload": [("/api/upload", UPLOAD, {*READERS, OTHER})],
    "/api/download/{run}/{name:path}": [
        ("/api/download/{shared}/model.onnx", {}, READERS),
        ("/api/download/{private}/model.onnx", {}, {OWNER, ADMIN}),
    ],
    "/healthz": [("/healthz", {}, set(EVERYBODY))],
    "/metrics": [("/metrics", {}, set(EVERYBODY))],
}


def test_every_route_has_its_line() -> None:
    assert {route.path for route in routes(Path("x"))} == set(ROUTES)


def guarded_routes(folder: Path) -> Starlette:
    return Starlette(routes=routes(folder), middleware=protection(sign_in(folder)))


@pytest.mark.parametrize("who", EVERYBODY)
def test_routes_answer_whom_they_may(team: Team, who: str) -> None:
    app = guarded_routes(team.place.folder)
    for path, request, allowed in (line for lines in ROUTES.values() for line in lines):
        asked = path.format(shared=team.shared, private=team.private)
        headers = {**request.get("headers", {}), **({"x-forwarded-user": who} if who else {})}
        status = ask(app, asked, **{**request, "headers": headers}).status
        assert (status == 200) is (who in allowed), (path, who, status)
        assert status < 500
        assert (status == 401) is (who == NOBODY and who not in allowed)


@pytest.mark.parametrize(
    "lie", [{HEADER: "ada@x.org"}, {"x-forwarded-user": "ada@x.org", "X-Forwarded-User": "root@x.org"}]
)
def test_nobody_becomes_somebody_by_saying_so(team: Team, lie: dict[str, str]) -> None:
    app = guarded_routes(team.place.folder)
    assert ask(app, f"/api/download/{team.shared}/model.onnx", headers=lie).status == 401


def test_only_the_proxies_that_are_named_are_believed(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_PROXIES", "10.0.0.9, 10.1.0.0/16")
    app = guarded_routes(team.place.folder)
    headers = {"x-forwarded-user": OWNER, "x-forwarded-for": "10.0.0.9"}
    assert ask(app, f"/api/download/{team.shared}/model.onnx", headers=headers).status == 401


@pytest.mark.parametrize(
    "name",
    [" ", "%00", "\xff\xfe", "a" * 5000, "local", "ada@x.org, root@x.org", "' OR 1=1 --", "ada@x.org\x00", "ADA@x.org"],
)
def test_odd_names_are_nobodys(team: Team, name: str) -> None:
    app = guarded_routes(team.place.folder)
    status = ask(app, f"/api/download/{team.shared}/model.onnx", headers={"x-forwarded-user": name}).status
    assert (status == 200) is (name == "ADA@x.org"), "letters small or large are the same person"
    assert status in {200, 401, 404}


@pytest.mark.parametrize("cookie", ["", "x", "%%%", "eyJhIjoxfQ.x.y", "\xff", "a" * 9000])
def test_made_up_cookies_let_nobody_in(team: Team, monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    for name, value in (("SIGN_IN", "oidc"), ("OIDC_PROVIDER", "p"), ("OIDC_CLIENT", "c"), ("OIDC_SECRET", "s")):
        monkeypatch.setenv(f"TABLEWRIGHT_{name}", value)
    monkeypatch.setenv("TABLEWRIGHT_COOKIE_SECRET", "s" * 32)
    app = guarded_routes(team.place.folder)
    headers = {"cookie": f"_streamlit_user={cookie}", "x-forwarded-user": OWNER}
    assert ask(app, f"/api/download/{team.shared}/model.onnx", headers=headers).status == 401


WRONG_SETTINGS = (
    {"SIGN_IN": "yes"},
    {"PROXIES": ""},
    {"PROXIES": "0.0.0.0/0"},
    {"PROXIES": "somewhere"},
    {"ADDRESS": "http://tables.example.org"},
    {"ADDRESS": ""},
    {"SIGN_IN": "oidc"},
    {"SIGN_IN": "off", "LISTEN": "0.0.0.0"},
)


@pytest.mark.parametrize("wrong", WRONG_SETTINGS, ids=str)
def test_settings_that_would_let_strangers_in_are_refused(
    team: Team, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    assert sign_in(team.place.folder).is_on
    for name, value in wrong.items():
        monkeypatch.setenv(f"TABLEWRIGHT_{name}", value)
    with pytest.raises(WorkspaceError, match="cannot be used"):
        sign_in(team.place.folder)


def test_an_upload_is_only_its_senders(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    from app.uploads import QUARANTINE, discard, uploaded

    app = guarded_routes(team.place.folder)
    headers = {"x-tablewright": "1", "x-filename": "t.csv", "x-forwarded-user": OWNER}
    upload_id = json.loads(ask(app, "/api/upload", method="POST", headers=headers, chunks=CSV).body)["id"]
    with asking_as(OTHER, monkeypatch), pytest.raises(FileNotFoundError):
        uploaded(team.place.folder, upload_id)
    with asking_as(OTHER, monkeypatch), pytest.raises(FileNotFoundError):
        discard(team.place.folder, upload_id)
    with asking_as(OWNER, monkeypatch):
        assert uploaded(team.place.folder, upload_id).name == "t.csv"
        discard(team.place.folder, upload_id)
    assert not list((team.place.folder / QUARANTINE).iterdir())


@pytest.mark.parametrize("screen", [screen.key for screen in screens()])
def test_every_screen_shows_what_may_be_seen(
    team: Team, show: Show, monkeypatch: pytest.MonkeyPatch, screen: str
) -> None:
    for who, run_id in ((UNKNOWN, team.private), (OTHER, team.shared), (VIEWER, team.private)):
        with asking_as(who, monkeypatch):
            page = show(screen, run=run_id, table=team.table)
        assert PRIVATE_NAME not in said(page)
        assert SHARED_NAME not in said(page) or who == VIEWER
        assert (page.title[0].value == "Who are you?") is (who == UNKNOWN)


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_page_about_a_run_is_there_for_who_may_see_it(
    team: Team, show: Show, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    with asking_as(who, monkeypatch):
        assert (SHARED_NAME in said(show("training", run=team.shared))) is (who in READERS)


def test_a_new_table_lies_where_its_reader_was_asked_or_where_the_table_lay(
    team: Team, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking_as(OWNER, monkeypatch):
        assert show("data").selectbox(key="project_choice").options == ["Only you", PROJECT]
        page = show("data", table=team.table)
        run(next(button for button in page.button if button.label == "Read again").click())
        page = read_to_the_end(page)
    again = page.query_params["table"]
    assert again != team.table
    assert team.place.datasets.record(again).project == PROJECT


def test_a_viewer_who_presses_a_button_is_refused(team: Team, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    team.place.runs.enqueue(team.shared)
    with asking_as(VIEWER, monkeypatch):
        seen = team.as_seen_by(VIEWER)
        for does in (seen.runs.delete, seen.runs.enqueue, seen.runs.note_launch):
            with pytest.raises(InputError, match="not change it"):
                does(team.shared)
    assert [entry.action for entry in audit.entries(team.place.engine)][:3] == [
        "refused: note_launch",
        "refused: enqueue",
        "refused: delete",
    ]


def test_a_team_reads_no_files_of_the_computer_the_app_runs_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import readings

    for given in ("/etc/passwd", "sqlite:////etc/x.db", "postgresql://server/db"):
        with asking_as(OWNER, monkeypatch), pytest.raises(InputError, match="not read from the computer"):
            readings.begin(given, "")


def test_the_log_can_only_grow(team: Team) -> None:
    team.as_seen_by(OWNER).runs.rename(team.shared, "secret words")
    newest = audit.entries(team.place.engine, limit=1)[0]
    assert (newest.person, newest.action, newest.subject) == (OWNER, "rename", team.shared)
    for change in ("DELETE FROM audit", "UPDATE audit SET person = 'x'"):
        with team.place.engine.connect() as connection, pytest.raises(DBAPIError, match="only grow"):
            connection.execute(text(change))
    assert "secret" not in str(audit.lines(audit.entries(team.place.engine)))


def test_two_people_at_once_never_see_each_others_runs(team: Team) -> None:
    config = ExperimentConfig(target="left")

    def work(who: str) -> set[str]:
        seen, owners = team.as_seen_by(who), set()
        for n in range(15):
            seen.runs.create(name=f"{who} {n}", dataset_id=team.table, config=config)
            owners |= {record.owner for record in seen.runs.records() if record.project == "default"}
        return owners

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, (BUILDER, GUEST))) == [{BUILDER}, {GUEST}]
