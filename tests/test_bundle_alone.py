"""A bundle in another folder, in an environment with nothing but its own requirements."""

import json
import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Trained

KNOWN_HERE = ("pandas", "sklearn", "lightgbm", "catboost", "onnx", "engine", "app", "exporters")


@pytest.fixture(scope="module")
def elsewhere(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle in a folder of its own, beside an environment that holds what its requirements name, and no more.

    What `pip install -r requirements-serve.txt` would fetch is linked from where the tests run: they need no network.
    """
    place = tmp_path_factory.mktemp("else where")
    shutil.copytree(trained.bundle, place / "bundle")
    venv.create(place / "venv", with_pip=False)
    (packages,) = (place / "venv").rglob("site-packages")
    for line in (trained.bundle / "requirements-serve.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            link(line, packages)
    return place


def link(pin: str, packages: Path) -> None:
    """Put one pinned package into an environment."""
    name, _, wanted = pin.partition("==")
    found = distribution(name)
    assert found.version == wanted, "a bundle names the versions that its model was checked with"
    for top in {path.parts[0] for path in found.files or () if path.parts[0] not in {"..", "__pycache__"}}:
        if not (packages / top).exists():
            (packages / top).symlink_to(Path(str(found.locate_file(top))))


def run(place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a file of the bundle with the environment's own Python, from the bundle's folder."""
    python = place / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [python, *command], cwd=place / "bundle", env=clean, capture_output=True, text=True, check=False
    )


def test_the_environment_holds_nothing_of_what_trained_the_model(elsewhere: Path) -> None:
    said = run(elsewhere, "-c", f"import importlib.util as u; print([n for n in {KNOWN_HERE} if u.find_spec(n)])")
    assert said.stdout.strip() == "[]", said.stderr


def test_the_file_and_the_service_give_the_recorded_answers(elsewhere: Path) -> None:
    checked = run(elsewhere, "predict.py", "--check")
    assert "24 of 24 rows agree" in checked.stdout, checked.stderr
    golden = run(elsewhere, "test_golden.py")
    assert "3 passed, 0 failed" in golden.stdout, golden.stderr


def test_a_table_is_predicted(elsewhere: Path, trained: Trained) -> None:
    rows = pd.read_csv(trained.table, dtype="str", keep_default_na=False)
    rows["note"] = ["x" * 200_000, *[""] * (len(rows) - 1)]  # longer than Python's csv takes by itself
    rows.to_csv(elsewhere / "rows.csv", index=False)
    done = run(elsewhere, "predict.py", str(elsewhere / "rows.csv"), "--out", "predictions.csv")
    assert done.returncode == 0, done.stderr
    n_lines = len((elsewhere / "bundle" / "predictions.csv").read_text(encoding="utf-8").splitlines())
    assert n_lines == len(trained.table.read_text(encoding="utf-8").splitlines())
    assert json.loads((elsewhere / "bundle" / "schema.json").read_text(encoding="utf-8"))["inputs"]
