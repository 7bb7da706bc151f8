"""What holds for the house as a whole: directions of imports, sizes of files, public names, docs that are true."""

import argparse
import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

import engine
from app.cli import parser
from app.command import commands
from app.commands.parts import SHELVES, installed
from app.phrasebook import declared
from storage.settings import SETTINGS
from tests.conftest import LONGEST_FIRST

HOUSE = Path(__file__).parents[1]
PACKAGES = ("app", "engine", "storage", "exporters", "sample_data")
MOST_LINES = 400
PUBLIC = {
    "ColumnChoice",
    "Dataset",
    "ExperimentConfig",
    "Model",
    "FinishedRun",
    "TablewrightError",
    "open_model",
    "read_table",
    "run_experiment",
}
LIBRARIES = {"sklearn", "lightgbm", "catboost", "optuna", "shap", "mlflow", "onnx", "spox", "skl2onnx", "pandas"}
# Put together so that this file does not find itself.
MACHINE_PATH = re.compile("(?<![\\w.:])/" + "(?:work|farm|tmp|root|home|opt)" + r"/[A-Za-z.]")
INDEX_ADDRESS = re.compile("--" + r"(?:(?:extra-)?index-url|find-links)|pypi\.org/" + "simple", re.IGNORECASE)
PYPROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]


@cache
def kept_files() -> tuple[Path, ...]:
    """Return the text files that belong to the project: those git keeps, or all when there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [HOUSE / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for name in (*PACKAGES, "tests", "benchmarks") for path in (HOUSE / name).rglob("*")]
    return tuple(
        path for path in paths if path.is_file() and path.suffix not in {".png", ".csv", ".pyc", ".onnx", ".woff2"}
    )


def sources(*folders: str) -> Iterator[Path]:
    """Yield the Python files of some folders."""
    for folder in folders:
        yield from sorted((HOUSE / folder).rglob("*.py"))


def test_the_test_files_that_begin_first_exist() -> None:
    assert [name for name in LONGEST_FIRST if not (HOUSE / name).is_file()] == []


def test_imports_run_one_way() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


def test_the_public_names_stay() -> None:
    assert set(engine.__all__) == PUBLIC
    assert all(getattr(engine, name) is not None for name in PUBLIC)


def test_the_engine_is_imported_without_a_library() -> None:
    code = f"import engine, sys; sys.exit(', '.join({LIBRARIES!r} & set(sys.modules)) or 0)"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


def test_every_sort_of_part_is_found() -> None:
    found = Counter(part["part"] for part in installed())
    assert set(found) == set(SHELVES)
    assert found["command"] == len(list((HOUSE / "app" / "commands").glob("[!_]*.py")))


def test_no_file_is_too_long() -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*PACKAGES, "tests", "benchmarks")
    }
    assert {path.name: n for path, n in lengths.items() if n > MOST_LINES} == {}


def test_every_folder_says_what_lives_there() -> None:
    for path in sources(*PACKAGES):
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_no_two_sentences_share_a_code() -> None:
    spoken = [
        (texts[0], path.name) for path in sources(*PACKAGES) for texts in declared(path.read_text(encoding="utf-8"))
    ]
    counts = Counter(code for code, _file in spoken)
    assert {code: [file for each, file in spoken if each == code] for code, n in counts.items() if n > 1} == {}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", code) for code in counts)


def test_every_sentence_about_a_model_is_named_in_a_test() -> None:
    """By its code, by its constant, or by words that no other sentence has; that it is true, those tests must show."""
    every = [(path, texts) for path in sources(*PACKAGES) for texts in declared(path.read_text(encoding="utf-8"))]
    told = [(path, texts) for path, texts in every if path.is_relative_to(HOUSE / "engine" / "insight")]
    shared = Counter(part for _path, texts in every for part in {part for text in texts[1:] for part in parts(text)})
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sources("tests"))
    quoted = re.findall(r"(?<!\")\"(?!\")([^\"\n]+)\"|'([^'\n]+)'", tests)
    said = {part for pair in quoted for text in pair for part in parts(text) if part in shared}
    imports = re.findall(r"from engine\.insight\S* import (?:\(([^)]*)\)|(.*))", tests)
    imported = set(re.findall(r"\w+", " ".join(chain.from_iterable(imports))))
    unnamed = [
        texts[0]
        for path, texts in told
        if f'"{texts[0]}"' not in tests
        and constants(path).get(texts[0]) not in imported
        and not any(shared[part] == 1 for part in parts(texts[1]) & said)
    ]
    assert len(told) > 200
    assert unnamed == []


def parts(text: str) -> set[str]:
    """Return all runs of fourteen characters of a sentence that no place interrupts."""
    pieces = re.split(r"\{\w+\}", text)
    return {piece[start : start + 14] for piece in pieces for start in range(len(piece) - 13)}


@cache
def constants(path: Path) -> dict[str, str]:
    """Return what the phrases of a file are called there, by their codes."""
    named = re.findall(r"^(\w+) = phrase\(\s*\"(\w+)\"", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {code: name for name, code in named}


def test_every_sentence_ends_as_one() -> None:
    for path in sources("engine", "storage", "exporters"):
        for texts in declared(path.read_text(encoding="utf-8")):
            if re.match(r"\w+_(title|name|label)$", texts[0]) is None:
                assert all(re.search(r"[.?)}]$", text) for text in texts[1:] if text), (path.name, texts)


def test_what_is_chosen_about_the_goal_stays_while_another_page_is_looked_at() -> None:
    kinds = (
        "text_input number_input text_area selectbox multiselect segmented_control slider toggle checkbox radio".split()
    )
    asked = [
        (path.name, ast.unparse(node))
        for path in (HOUSE / "app" / "goal_view").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in kinds
    ]
    assert len(asked) > 20
    assert not [(name, call) for name, call in asked if "persist_state='session'" not in call]


def test_the_readme_names_every_command_and_option() -> None:
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    (each,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert set(each.choices) == {command.key for command in commands()}
    for name, own in each.choices.items():
        assert f"tablewright {name}" in text
        for action in own._actions:
            assert not action.option_strings or action.dest == "help" or action.option_strings[-1] in text, (
                name,
                action,
            )


def test_the_readme_names_every_setting() -> None:
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)
    assert all(f"`{setting.variable}`" in text for setting in SETTINGS)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_what_the_docs_point_to_is_there(document: str) -> None:
    text = (HOUSE / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^):#]+)\)", text)
    folders = re.findall(r"`((?:app|engine|storage|exporters|tests|benchmarks)/[\w./]*)`", text)
    for name in (*links, *folders):
        assert (HOUSE / name).exists(), name


def test_ci_runs_the_readmes_test_command_and_nothing_more() -> None:
    lines = [line for line in (HOUSE / ".ci" / "run").read_text(encoding="utf-8").splitlines() if line.strip()]
    does = [line for line in lines if not line.startswith(("#", "set ", "cd "))]
    assert does == ["exec make test"]
    assert "make test" in (HOUSE / "README.md").read_text(encoding="utf-8")


def test_nothing_kept_points_to_one_machine() -> None:
    wrong = [
        f"{path.relative_to(HOUSE)}: {found.group()}"
        for path in kept_files()
        for pattern in (MACHINE_PATH, INDEX_ADDRESS)
        for found in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert wrong == []


def test_every_dependency_has_its_reason_and_its_pin() -> None:
    wanted = [*PYPROJECT["project"]["dependencies"], *EXTRAS["test"]]
    names = {re.split(r"[<>=!~\[]", line)[0].lower().replace("_", "-") for line in wanted}
    lines = (HOUSE / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert names <= {line.partition("==")[0].lower().replace("_", "-") for line in lines}


def test_what_is_imported_is_declared() -> None:
    offered_to_users = (each for key, each in EXTRAS.items() if key not in {"test", "benchmark"})
    declared = [*PYPROJECT["project"]["dependencies"], *chain.from_iterable(offered_to_users)]
    declared_names = {re.split(r"[<>=!~\[]", line)[0].lower().replace("_", "-") for line in declared}
    own, offered = {*PACKAGES, *sys.stdlib_module_names}, packages_distributions()
    wrong = {}
    for path in sources(*PACKAGES):
        for top in imported(ast.parse(path.read_text(encoding="utf-8"))) - own:
            names = {name.lower().replace("_", "-").removesuffix("-skinny") for name in offered.get(top, [top])}
            if not names & declared_names:
                wrong[top] = path.name
    assert wrong == {}


def imported(code: ast.AST) -> set[str]:
    """Return the top-level packages that a file imports, anywhere in it."""
    whole = [alias.name for node in ast.walk(code) if isinstance(node, ast.Import) for alias in node.names]
    parts = [node.module for node in ast.walk(code) if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in (*whole, *parts)}


def test_the_server_loads_no_machine_learning() -> None:
    libraries = sorted(LIBRARIES - {"pandas"})
    code = (
        "import sys, app.server; from app.screen import screens; screens();"
        f"sys.exit(', '.join(set({libraries!r}) & set(sys.modules)) or 0)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
