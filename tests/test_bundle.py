"""The bundle: what is in it, and that its script predicts the same with numpy and onnxruntime alone."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import main
from engine.messages import Message
from engine.model import open_model
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules
from exporters.predictor import predict as script
from exporters.predictor.reading import RefusalError, canonical
from tests.conftest import Trained

# Runs a script in an interpreter where only what a production engineer has can be imported.
ALONE = """
import sys
allowed = {"numpy", "onnxruntime", "coloredlogs", "flatbuffers", "google", "packaging", "sympy", "mpmath"}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in allowed or top == "__main__":
            return None
        if any(top == each for each in ("engine", "app", "exporters", "storage", "pandas", "sklearn", "lightgbm",
                                        "catboost", "spox", "onnx", "skl2onnx", "optuna", "shap", "mlflow", "scipy")):
            raise ModuleNotFoundError(name)
        return None
sys.meta_path.insert(0, Refuse())
import runpy
sys.argv = sys.argv[1:]
sys.path.insert(0, str(__import__("pathlib").Path(sys.argv[0]).parent))
runpy.run_path(sys.argv[0], run_name="__main__")
"""
BUNDLE_FILES = {
    "model.onnx",
    "schema.json",
    "certificate.json",
    "model_card.md",
    "predict.py",
    "reading.py",
    "serve.py",
    "serve_app.py",
    "serve_log.py",
    "serve_openapi.py",
    "serve_rows.py",
    "serve_together.py",
    "serve_tokens.py",
    "serve_watch.py",
    "test_golden.py",
    "Dockerfile",
    "snippets/CallModel.cs",
    "snippets/CallModel.java",
    "snippets/call_model.mjs",
    "snippets/call_model.py",
    "requirements.txt",
    "requirements-serve.txt",
    "values_inside.json",
    "golden_rows.json",
    "reading_cases.json",
    "README.md",
    "SHA256SUMS",
}


def alone(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the bundle's script without this project and without machine-learning libraries."""
    command = [sys.executable, "-I", "-c", ALONE, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_files_of_a_bundle(trained: Trained) -> None:
    found = {path.relative_to(trained.bundle).as_posix() for path in trained.bundle.rglob("*") if path.is_file()}
    assert found == BUNDLE_FILES


def test_checksums(trained: Trained) -> None:
    lines = (trained.bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert set(sums) == BUNDLE_FILES - {"SHA256SUMS"}
    for name, told in sums.items():
        assert hashlib.sha256((trained.bundle / name).read_bytes()).hexdigest() == told


def test_the_readme_names_every_file(trained: Trained) -> None:
    text = (trained.bundle / "README.md").read_text(encoding="utf-8")
    named = {f"{name.partition('/')[0]}/" if "/" in name else name for name in BUNDLE_FILES - {"README.md"}}
    assert {name for name in named if f"`{name}`" not in text} == set()


def test_the_contract_is_that_of_the_file(trained: Trained) -> None:
    contract = json.loads((trained.bundle / "schema.json").read_text(encoding="utf-8"))
    session = open_model(trained.bundle / "model.onnx").session
    assert [(each["name"], each["type"]) for each in contract["inputs"]] == [
        (each.name, each.type) for each in session.get_inputs()
    ]
    assert [(each["name"], each["type"]) for each in contract["outputs"]] == [
        (each.name, each.type) for each in session.get_outputs()
    ]
    assert contract["outputs"][1]["classes"] == ["cheap", "dear"]


def test_the_certificate_is_that_of_the_file(trained: Trained) -> None:
    told = json.loads((trained.bundle / "certificate.json").read_text(encoding="utf-8"))
    model = (trained.bundle / "model.onnx").read_bytes()
    assert told["sha256"] == hashlib.sha256(model).hexdigest()
    assert told["bytes"] == len(model)
    assert told["max_abs_diff"] <= told["tolerance"]


def test_no_golden_row_is_of_the_table(trained: Trained) -> None:
    golden = json.loads((trained.bundle / "golden_rows.json").read_text(encoding="utf-8"))
    table = pd.read_csv(trained.table, dtype="str", keep_default_na=False)[golden["columns"]]
    assert not {tuple(row) for row in golden["rows"]} & set(table.itertuples(index=False, name=None))
    predictions = {tuple(row[:1]) for row in golden["expected"]}
    assert len(predictions) > 1  # rows that all get the same answer would prove little


def test_the_script_agrees_with_what_was_recorded(trained: Trained) -> None:
    finished = alone(trained.bundle / "predict.py", "--check")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "24 of 24 rows agree" in finished.stdout


def test_the_recorded_rows_test_passes_with_what_is_in_the_folder(trained: Trained) -> None:
    finished = alone(trained.bundle / "test_golden.py")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "3 passed, 0 failed" in finished.stdout


def test_the_python_snippet_agrees(trained: Trained) -> None:
    finished = alone(trained.bundle / "snippets" / "call_model.py")
    assert "24 of 24 rows agree" in finished.stdout, finished.stderr


def test_the_texts_inside_are_those_of_the_table(trained: Trained) -> None:
    inside = json.loads((trained.bundle / "values_inside.json").read_text(encoding="utf-8"))
    assert inside["classes"] == ["cheap", "dear"]
    assert {"Ulm", "Bonn", "Kiel"} <= set(inside["columns"]["town"])
    assert {"garden", "kitchen"} <= set(inside["columns"].get("remark", ["garden", "kitchen"]))
    whole = trained.table.read_text(encoding="utf-8").lower()
    strange = [text for texts in inside["columns"].values() for text in texts if text.lower() not in whole]
    assert set(strange) <= {"y", "n", "true", "false"}  # other ways to write yes and no


def test_no_other_cell_of_the_table_is_in_the_file(trained: Trained) -> None:
    model = (trained.bundle / "model.onnx").read_bytes().decode("utf-8", errors="replace")
    table = pd.read_csv(trained.table, dtype="str")
    cells = {cell for name in ("Fläche", "sold on", "remark", "noise") for cell in table[name]}
    assert [cell for cell in cells if cell in model] == []


def test_the_requirements_are_what_the_programs_import(trained: Trained) -> None:
    pins = (trained.bundle / "requirements-serve.txt").read_text(encoding="utf-8").splitlines()
    named = {line.partition("==")[0] for line in pins if not line.startswith("#")}
    assert {"numpy", "onnxruntime", "fastapi", "uvicorn", "pydantic", "starlette"} <= named
    assert all("==" in line or line.startswith("#") for line in pins)
    told = json.loads((trained.bundle / "certificate.json").read_text(encoding="utf-8"))
    assert told["oldest_onnxruntime"] in pins[0]


def test_an_onnxruntime_that_is_too_old_is_refused(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "__version__", "1.23.2")
    with pytest.raises(RefusalError, match=r"1\.23\.2 is too old"):
        script.Model(trained.bundle / "model.onnx")


def test_the_script_says_how_sure_the_model_is(trained: Trained, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    assert alone(trained.bundle / "predict.py", trained.table, "--doubt", "--out", theirs).returncode == 0
    assert main(["predict", str(trained.bundle), str(trained.table), "--doubt", "--out", str(ours)]) == 0
    assert ours.read_text(encoding="utf-8") == theirs.read_text(encoding="utf-8")
    assert {"unsure", "possible", "unlike"} <= set(pd.read_csv(theirs).columns)


def test_the_script_notices_a_changed_model(trained: Trained, tmp_path: Path) -> None:
    for name in ("predict.py", "reading.py", "model.onnx", "reading_cases.json", "golden_rows.json"):
        (tmp_path / name).write_bytes((trained.bundle / name).read_bytes())
    golden = json.loads((tmp_path / "golden_rows.json").read_text(encoding="utf-8"))
    golden["expected"][3][1] += 0.001
    (tmp_path / "golden_rows.json").write_text(json.dumps(golden), encoding="utf-8")
    finished = alone(tmp_path / "predict.py", "--check")
    assert finished.returncode == 1
    assert "23 of 24 rows agree" in finished.stdout


def test_the_script_predicts_what_the_terminal_predicts(trained: Trained, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    assert alone(trained.bundle / "predict.py", trained.table, "--out", theirs).returncode == 0
    command = [sys.executable, "-m", "app.cli", "predict", str(trained.bundle), str(trained.table), "--out", str(ours)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert ours.read_text(encoding="utf-8") == theirs.read_text(encoding="utf-8")
    assert len(pd.read_csv(ours)) == len(pd.read_csv(trained.table))


def test_the_script_counts_the_cells_it_could_not_read(trained: Trained, tmp_path: Path) -> None:
    table = tmp_path / "odd.csv"
    rows = pd.read_csv(trained.table, dtype="str").head(4)
    rows["rooms"], rows.loc[0, "noise"], rows.loc[1, "noise"] = ["3", "n/a", "3 or 4", "?!"], "0,5", ""
    rows.to_csv(table, index=False)
    said = alone(trained.bundle / "predict.py", table).stderr
    assert said.strip() == "Cells that could not be read and count as missing: rooms 2, noise 1."
    assert alone(trained.bundle / "predict.py", trained.table).stderr == ""


def test_the_script_prints_any_letter_whatever_the_systems_encoding(trained: Trained, tmp_path: Path) -> None:
    table = tmp_path / "new.csv"
    pd.read_csv(trained.table, dtype="str").head(3).assign(价格="贵").to_csv(table, index=False, encoding="utf-8")
    western = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, str(trained.bundle / "predict.py"), str(table)]
    finished = subprocess.run(command, capture_output=True, check=False, env=western)
    assert finished.returncode == 0, finished.stderr
    assert "价格" in finished.stdout.decode("utf-8").splitlines()[0]


def test_predictions_of_predictions_keep_all_columns_apart(trained: Trained, tmp_path: Path) -> None:
    table = trained.table
    for number in range(3):
        ours, theirs = tmp_path / f"ours{number}.csv", tmp_path / f"theirs{number}.csv"
        assert main(["predict", str(trained.bundle), str(table), "--out", str(ours)]) == 0
        assert alone(trained.bundle / "predict.py", table, "--out", theirs).returncode == 0
        table = ours
    heads = [path.read_text(encoding="utf-8-sig").splitlines()[0].split(",") for path in (ours, theirs)]
    assert heads[0] == heads[1]
    assert len(set(heads[0])) == len(heads[0])
    assert heads[0][-2:] == ["probability_cheap", "probability_dear"]
    assert {"probability_dear_in", "probability_dear_in_2"} <= set(heads[0])


def test_the_script_reads_other_separators_and_orders(trained: Trained, tmp_path: Path) -> None:
    table = pd.read_csv(trained.table, dtype="str", keep_default_na=False)
    turned = tmp_path / "turned.csv"
    table[table.columns[::-1]].to_csv(turned, sep=";", index=False, encoding="utf-8-sig")
    finished = alone(trained.bundle / "predict.py", turned)
    assert finished.returncode == 0, finished.stderr
    made = list(csv.DictReader(finished.stdout.splitlines()))
    expected = open_model(trained.bundle / "model.onnx").predict(table)
    assert [row["prediction"] for row in made] == list(expected["prediction"])
    np.testing.assert_allclose(
        [float(row["probability_dear"]) for row in made], expected["probability_dear"], rtol=1e-6
    )


def test_the_script_names_a_missing_column(trained: Trained, tmp_path: Path) -> None:
    table, out = tmp_path / "less.csv", tmp_path / "out.csv"
    pd.read_csv(trained.table, dtype="str").drop(columns=["town", "rooms"]).to_csv(table, index=False)
    finished = alone(trained.bundle / "predict.py", table, "--out", out)
    assert finished.returncode == 2
    assert "town" in finished.stderr
    assert "rooms" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not out.exists()


def test_the_script_says_so_when_the_model_is_cut_off(trained: Trained, tmp_path: Path) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes((trained.bundle / "model.onnx").read_bytes()[:5000])
    finished = alone(trained.bundle / "predict.py", trained.table, "--model", broken)
    assert finished.returncode == 2
    assert "not a whole model file" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_script_names_a_place_it_cannot_write(trained: Trained, tmp_path: Path) -> None:
    finished = alone(trained.bundle / "predict.py", trained.table, "--out", tmp_path / "nowhere" / "out.csv")
    assert finished.returncode == 2
    assert "cannot be written" in finished.stderr
    assert "Traceback" not in finished.stderr


def column(
    rules: ReadingRules, cells: Cells = Cells.TEXT, kind: Kind = Kind.NUMBER, dates: tuple[str, ...] = ()
) -> ColumnSchema:
    return ColumnSchema(
        name="x",
        original_name="x",
        position=0,
        kind=kind,
        cells=cells,
        reason=Message("none"),
        rules=rules,
        date_formats=dates,
    )


COLUMNS = {
    "plain": column(ReadingRules(), Cells.NUMBER),
    "same": column(ReadingRules(same=(("yes", "1"), ("no", "0"))), Cells.NUMBER),
    "words": column(ReadingRules(missing=("na", "-")), kind=Kind.CATEGORY),
    "levels": column(ReadingRules(same=(("YES", "yes"), ("Y", "yes"))), kind=Kind.YES_NO),
    "euro": column(ReadingRules(number=True, decimal=",", thousands=".", prefixes=("€",), suffixes=("EUR", "%"))),
    "pounds": column(
        ReadingRules(
            number=True, thousands=",", prefixes=("£", "GBP"), suffixes=("k",), parentheses_negative=True, ranges=True
        )
    ),
    "spaces": column(ReadingRules(number=True, decimal=",", thousands=" ", suffixes=("m²",), missing=("k.A.",))),
    "dates": column(ReadingRules(), kind=Kind.DATE, dates=("%d.%m.%Y", "%Y-%m-%d %H:%M:%S")),
}
NUMBERS = "0 1 12 345 1.5 1,5 1.234 1,234 1.234,5 31.02.2020 29.02.2020".split()
PIECES = [*NUMBERS, *"- + € £ EUR GBP % k m² ( ) e3 . , to – na YES Y".split()]
ISO_DATES = ["2020-01-05 10:11:12", "2021-02-29", "1999-12-31T23:59:59.25Z", "2020-01-05T01:30:00+02:00", "2020-13-01"]
CELLS = st.lists(st.sampled_from([*PIECES, *ISO_DATES, " ", "k.A."]), max_size=5).map("".join)


@pytest.mark.parametrize("name", COLUMNS)
@settings(deadline=None, derandomize=True)
@given(cells=st.lists(CELLS, min_size=40, max_size=40))
def test_the_scripts_reading_rules_are_those_of_the_engine(name: str, cells: list[str]) -> None:
    schema = COLUMNS[name]
    told = json.loads(json.dumps(schema.to_json()))
    theirs = [canonical(cell, told) for cell in cells]
    for times in (1, 10):  # the engine reads many cells by another route
        ours = canonical_cells(pd.Series(cells * times, dtype="str"), schema)
        if schema.cells is Cells.NUMBER:
            np.testing.assert_array_equal(np.array(theirs * times, dtype=float), ours.to_numpy(dtype=float))
        else:
            assert theirs * times == ["" if cell is None or cell != cell else cell for cell in ours]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-1.5", "-1.5"),
        ("+x", "'+x"),
        (-1.5, -1.5),
        ("\tx", "'\tx"),
        ("plain", "plain"),
    ],
)
def test_no_cell_becomes_a_formula(cell: object, safe: object) -> None:
    from app.spreadsheets import harmless

    assert script.harmless(cell) == safe
    if isinstance(cell, str):
        assert harmless(cell) == safe


@pytest.mark.parametrize("script", ["serve.py", "test_golden.py"])
def test_what_the_service_needs_besides_is_named(trained: Trained, script: str) -> None:
    code = f"import runpy, sys; sys.modules['uvicorn'] = None; runpy.run_path({script!r}, run_name='__main__')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=trained.bundle)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("pip install -r requirements-serve.txt")
    assert "Traceback" not in done.stderr


def test_a_bundle_that_no_trainer_has_written_speaks_in_sentences(trained: Trained, tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from app.handing_over import hand_over
from storage.workspace import open_workspace
with open_workspace(Path(sys.argv[1])) as place:
    hand_over(place.runs, place.runs.get(sys.argv[2]), "bundle", Path(sys.argv[3]))
"""
    run_id = trained.document["run_id"]
    words = [str(trained.workspace), run_id, str(tmp_path / "bundle")]
    subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True)
    told = [
        path.read_text(encoding="utf-8")
        for path in (trained.bundle / "model_card.md", tmp_path / "bundle" / "model_card.md")
    ]
    assert "Look at this before" in told[0]
    assert told[0] == told[1]
