"""Whatever is sent to a route of ours, it is answered or refused in words; `make fuzz` sends far more."""

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from app.protection import LimitPace
from app.server import protection, routes
from app.sign_in import sign_in
from exporters.service.serve_app import create
from exporters.service.serve_tokens import Tokens, create_token
from storage.workspace import Workspace
from tests.app.fuzzing import Target, listening, request, sent
from tests.app.made_runs import finished, keep
from tests.app.team import OWNER, SETTINGS, make_team
from tests.conftest import Trained
from tests.test_service import service_of

N_REQUESTS = int(os.environ.get("TABLEWRIGHT_REQUESTS", "250"))
SEED = int(os.environ.get("TABLEWRIGHT_SEED", "0"))
UPLOAD = (("x-tablewright", "1"), ("x-filename", "t.csv"))
SERVICE_PATHS = (
    *["/predict"] * 3,
    "/predict/csv",
    "/schema",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/predict/*",
    "/*",
)


def own_paths(run_id: str) -> tuple[str, ...]:
    known = f"/api/download/{run_id}"
    return (
        "/api/upload",
        "/api/upload",
        "/api/upload/*",
        "/healthz",
        "/metrics",
        "/*",
        "/api/*",
        "/api/download/*/*",
        f"{known}/model.onnx",
        f"{known}/*",
        f"{known}/predictions/*",
        f"{known}/exports/*",
        f"{known}/exports/*/*",
        f"{known[:-8]}/model.onnx",
        f"{known}/predictions/*.csv",
    )


def guarded(folder: Path) -> Starlette:
    """Our own routes behind everything that protects them, but for the pace: nobody is to wait for a minute."""
    doors = [each for each in protection(sign_in(folder)) if each.cls is not LimitPace]  # type: ignore[comparison-overlap]
    return Starlette(routes=routes(folder), middleware=doors)


def survives(app: ASGIApp, target: Target, *, seed: str) -> Counter[int]:
    """Send requests and count the answers; fails at one that is no answer."""
    draw, statuses = Random(f"{SEED} {seed}"), Counter[int]()
    with listening(app) as (port, complaints):
        for _n in range(N_REQUESTS):
            asked = request(draw, target)
            heard = sent(port, asked)
            assert heard.status < 500, asked.data[:300]
            assert not complaints, (complaints, asked.data[:300])
            assert b"Traceback" not in heard.body
            statuses[heard.status] += 1
    return statuses


def test_whatever_comes_to_a_route_of_one_person_is_answered_in_words(place: Workspace, tmp_path: Path) -> None:
    run_id = keep(place, finished())
    (tmp_path / "model.onnx").write_bytes(b"model" * 999)
    place.runs.artifacts(run_id).save("model.onnx", tmp_path / "model.onnx")
    target = Target(paths=own_paths(run_id), credentials=UPLOAD)
    statuses = survives(guarded(place.folder), target, seed="alone")
    assert {200, 400, 403, 404, 405} <= set(statuses), "some get through, some are refused: else nothing was tried"
    assert sorted(path.name for path in place.folder.rglob("*.part")) == []


def test_whatever_comes_to_a_route_of_a_team_is_answered_in_words(
    place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    team = make_team(place, tmp_path)
    target = Target(paths=own_paths(team.shared), credentials=(*UPLOAD, ("x-forwarded-user", OWNER)))
    statuses = survives(guarded(place.folder), target, seed="team")
    assert {200, 400, 401, 404, 405} <= set(statuses)


def test_made_up_sign_ins_with_an_identity_provider_are_answered_in_words(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = {"SIGN_IN": "oidc", "ADDRESS": "https://tables.example.org", "OIDC_PROVIDER": "p", "OIDC_CLIENT": "c"}
    for name, value in {**provider, "OIDC_SECRET": "s", "COOKIE_SECRET": "s" * 32}.items():
        monkeypatch.setenv(f"TABLEWRIGHT_{name}", value)
    target = Target(paths=own_paths("0" * 12), credentials=(*UPLOAD, ("cookie", "_streamlit_user=eyJhIjoxfQ|1|x")))
    assert {400, 401} <= set(survives(guarded(place.folder), target, seed="oidc"))


def test_whatever_comes_to_the_scoring_service_is_answered_in_words(trained: Trained, tmp_path: Path) -> None:
    token = create_token(tmp_path / "tokens.json", "ada")
    app = create(service_of(trained.bundle), tokens=Tokens(tmp_path / "tokens.json"), per_minute=10**9)
    target = Target(paths=SERVICE_PATHS, credentials=(("authorization", f"Bearer {token}"),))
    assert {200, 400, 401, 404, 405, 422} <= set(survives(app, target, seed="service"))


@pytest.mark.parametrize(
    "name", ["predictions/a\0b.csv", "predictions/" + "a" * 5000, "exports/a\0b", "\0", "exports/../x"]
)
def test_odd_names_of_files_are_not_there(place: Workspace, name: str) -> None:
    from tests.app.asgi import ask

    run_id = keep(place, finished())
    answer = ask(guarded(place.folder), f"/api/download/{run_id}/{name}")
    assert answer.status == 404
    assert answer.body
