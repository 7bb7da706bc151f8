"""Uploads go to the quarantine of the workspace, and nowhere else, under no name that somebody else chose."""

import errno
import json
import os
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from app.uploads import EXTENSIONS, QUARANTINE, discard, safe_name, sweep, upload_route, uploaded
from tests.app.asgi import Answer, ask

LIMIT = 1000
OURS = {"x-tablewright": "1", "x-filename": "table.csv"}


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return Starlette(routes=[upload_route(tmp_path, LIMIT)])


def send(app: Starlette, headers: dict[str, str], *chunks: bytes | None) -> Answer:
    return ask(app, "/api/upload", method="POST", headers=headers, chunks=chunks or (b"a,b\n1,2\n",))


def left_behind(folder: Path) -> list[Path]:
    return [path for path in (folder / QUARANTINE).rglob("*") if path.is_file()]


def test_a_file_arrives_whole_and_is_found_again(app: Starlette, tmp_path: Path) -> None:
    answer = send(app, OURS, b"a,b\n", b"1,", b"2\n")
    assert answer.status == 200
    sent = json.loads(answer.body)
    assert (sent["name"], sent["bytes"]) == ("table.csv", 8)
    path = uploaded(tmp_path, sent["id"])
    assert path.read_bytes() == b"a,b\n1,2\n"
    discard(tmp_path, sent["id"])
    assert left_behind(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        uploaded(tmp_path, sent["id"])


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-filename": "table.csv"}, 403, "upload_not_ours"),
        ({**OURS, "x-tablewright": "0"}, 403, "upload_not_ours"),
        ({**OURS, "x-filename": "page.html"}, 415, "upload_type"),
        ({**OURS, "x-filename": "table"}, 415, "upload_type"),
        ({"x-tablewright": "1"}, 415, "upload_type"),
        ({**OURS, "x-filename": "table.csv.exe"}, 415, "upload_type"),
        ({**OURS, "content-length": str(LIMIT + 1)}, 413, "upload_too_large"),
    ],
)
def test_what_is_refused_before_a_byte_is_kept(
    app: Starlette, tmp_path: Path, headers: dict[str, str], status: int, code: str
) -> None:
    answer = send(app, headers)
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("claimed", ["10", "nonsense", "-5", "", "9" * 5000])
def test_the_limit_holds_whatever_the_sender_claims(app: Starlette, tmp_path: Path, claimed: str) -> None:
    answer = send(app, {**OURS, "content-length": claimed}, *[b"x" * 300] * 4)
    assert answer.status == 413
    assert left_behind(tmp_path) == []


def test_an_empty_file_is_refused(app: Starlette, tmp_path: Path) -> None:
    assert send(app, OURS, b"").status == 400
    assert left_behind(tmp_path) == []


def test_a_sender_who_goes_away_leaves_nothing_behind(app: Starlette, tmp_path: Path) -> None:
    assert send(app, OURS, b"a,b\n", b"1,2\n", None).status in (200, 400)
    assert send(app, OURS, b"x" * 10, None, b"rest").status == 400
    assert not list((tmp_path / QUARANTINE).glob("*.part"))


def test_only_posting_is_understood(app: Starlette) -> None:
    assert ask(app, "/api/upload", headers=OURS).status == 405


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/x.csv",
        "..\\..\\x.csv",
        "/abs/x.csv",
        "C:\\x.csv",
        "x\0.csv",
        "....csv",
        "a/../b.csv",
        "%2e%2e/x.csv",
    ],
)
def test_paths_in_names_lead_nowhere(app: Starlette, tmp_path: Path, name: str) -> None:
    answer = send(app, {**OURS, "x-filename": quote(name)})
    assert answer.status == 200
    for path in left_behind(tmp_path):
        assert path.parent.parent == tmp_path / QUARANTINE
        assert path.suffix == ".csv"


@pytest.mark.parametrize("letter", ["x", "é", "表", "𠀀"])
def test_a_long_name_is_cut_to_what_a_file_system_takes(app: Starlette, tmp_path: Path, letter: str) -> None:
    answer = send(app, {**OURS, "x-filename": quote(letter * 200 + ".parquet")})
    assert answer.status == 200
    (path,) = left_behind(tmp_path)
    assert path.suffix == ".parquet"
    assert len(path.name.encode()) < 200
    assert set(path.stem) == {letter}


@pytest.mark.parametrize(
    ("number", "status", "code"), [(errno.ENOSPC, 507, "upload_no_space"), (errno.EACCES, 500, "upload_not_kept")]
)
def test_a_disk_that_takes_no_more_is_said_in_words(
    app: Starlette, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int, code: str
) -> None:
    def refuse(_path: Path, _target: Path) -> Path:
        raise OSError(number, "as a full disk says")

    monkeypatch.setattr(Path, "replace", refuse)
    answer = send(app, OURS)
    assert (answer.status, json.loads(answer.body)) == (status, {"code": code})
    assert not list((tmp_path / QUARANTINE).iterdir())


def test_a_quarantine_that_cannot_be_made_is_said_in_words(app: Starlette, tmp_path: Path) -> None:
    (tmp_path / QUARANTINE).write_text("in the way")
    answer = send(app, OURS)
    assert (answer.status, json.loads(answer.body)) == (500, {"code": "upload_not_kept"})


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=300), extension=st.sampled_from(sorted(EXTENSIONS)))
def test_any_name_becomes_a_plain_one_inside_the_quarantine(
    app: Starlette, tmp_path: Path, name: str, extension: str
) -> None:
    kept = safe_name(name + extension)
    assert "/" not in kept
    assert "\\" not in kept
    assert kept not in ("", ".", "..")
    assert len(kept) <= 120
    assert kept.endswith(extension)
    headers = {**OURS, "x-filename": quote(name.encode("utf-8", "replace") + extension.encode())}
    answer = send(app, headers)
    assert answer.status == 200
    path = uploaded(tmp_path, json.loads(answer.body)["id"])
    assert path.resolve().parent.parent == (tmp_path / QUARANTINE).resolve()


@pytest.mark.parametrize("wrong", ["", "..", "../x", "0" * 31, "G" * 32, "0" * 32])
def test_uploads_are_found_by_their_ids_only(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(FileNotFoundError):
        uploaded(tmp_path, wrong)


def test_forgotten_uploads_are_swept_away(app: Starlette, tmp_path: Path) -> None:
    old = json.loads(send(app, OURS).body)["id"]
    new = json.loads(send(app, OURS).body)["id"]
    long_ago = time.time() - 10_000
    os.utime(tmp_path / QUARANTINE / old, (long_ago, long_ago))
    (tmp_path / QUARANTINE / "broken.part").write_bytes(b"x")
    os.utime(tmp_path / QUARANTINE / "broken.part", (long_ago, long_ago))
    sweep(tmp_path, older_than_seconds=5000)
    assert [path.parent.name for path in left_behind(tmp_path)] == [new]
