"""The bundle: the file with everything that an engineer needs to run it, and to trust it."""

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine import logs
from engine.graph.known_levels import known_levels
from engine.model import Model, open_model
from engine.plain import finite
from exporters import onnx
from exporters.bundle_readme import readme
from exporters.contract import certificate, contract
from exporters.documents import model_card
from exporters.exporter import Exporter, Source
from exporters.golden import canonical_rows, golden_rows, reading_cases
from exporters.inside import values_inside
from exporters.pins import pinned
from exporters.predictor.predict import OLDEST_ONNXRUNTIME

CHECKSUMS = "SHA256SUMS"
RUNTIME = ("numpy", "onnxruntime")
SERVICE = ("fastapi", "pydantic", "uvicorn", *RUNTIME)
HERE = Path(__file__).parent
PROGRAMS = (HERE / "predictor", HERE / "service")
LOG = "serve_log"  # the one file of the engine that comes along, under a name of the service
_OWN_IMPORT = re.compile(r"^from exporters\.(?:predictor|service)\.", re.MULTILINE)


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write all files beside each other first, then move them into the folder."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".bundle-") as name:
        draft = Path(name)
        onnx.write(source, draft)
        for file, text in {**_texts(source, draft / onnx.MODEL_FILE), **programs()}.items():
            path = draft / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        files = sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
        sums = "".join(f"{_sha256(draft / file)}  {file}\n" for file in files)
        (draft / CHECKSUMS).write_text(sums, encoding="utf-8", newline="\n")
        written = (onnx.MODEL_FILE, *(file for file in files if file != onnx.MODEL_FILE), CHECKSUMS)
        return tuple(_move(draft / file, folder / file) for file in written)


def programs() -> dict[str, str]:
    """Return the text of every program of a bundle, by its place there: they find each other side by side."""
    found = {}
    for place in PROGRAMS:
        for path in sorted(place.rglob("*")):
            if path.is_file() and path.name != "__init__.py" and path.suffix != ".pyc":
                text = path.read_text(encoding="utf-8")
                own = _OWN_IMPORT.sub("from ", text).replace(f"from {logs.__name__} import", f"from {LOG} import")
                found[path.relative_to(place).as_posix()] = own
    found[f"{LOG}.py"] = Path(logs.__file__).read_text(encoding="utf-8")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return found | {"Dockerfile": found["Dockerfile"].replace("{python}", python)}


def golden(model: Model, seed: int) -> dict[str, Any]:
    """Return made-up rows with the answers that a model gives, as they stand in `golden_rows.json`."""
    rows = golden_rows(model.columns, known_levels(model.path), seed)
    expected = model.predict_and_tell(rows, doubt=True)[0]
    return {
        "note": "Made-up rows; none is from the training table. canonical: the same rows as the file takes them.",
        "columns": list(rows.columns),
        "rows": rows.to_numpy().tolist(),
        "canonical": canonical_rows(rows, model.columns),
        "outputs": list(expected.columns),
        "expected": [[_shortest(cell) for cell in row] for row in expected.itertuples(index=False, name=None)],
    }


def _texts(source: Source, path: Path) -> Mapping[str, str]:
    model = open_model(path)
    columns = model.columns
    inside = values_inside(path, columns)
    recorded = golden(model, source.config.seed)
    example = dict(zip(recorded["columns"], recorded["rows"][2], strict=True))
    oldest = f"# The oldest onnxruntime that was tried and agrees: {OLDEST_ONNXRUNTIME}\n"
    return {
        "schema.json": _json(finite(contract(source, columns, model.left_out))),
        "certificate.json": _json(finite(certificate(source))),
        "model_card.md": model_card(source, model.left_out),
        "README.md": readme(source, columns, inside, example),
        "requirements.txt": oldest + _lines(pinned(RUNTIME)),
        "requirements-serve.txt": oldest + _lines(pinned(SERVICE, whole=True)),
        "golden_rows.json": _json(recorded),
        "reading_cases.json": _json(reading_cases(columns)),
        "values_inside.json": _json({"classes": list(model.task.classes), "columns": inside}),
    }


def _shortest(cell: Any) -> Any:
    """Return a cell as JSON has it; a float32 with as few digits as tell it from its neighbours."""
    if isinstance(cell, np.floating):
        return float(str(cell))
    return cell.item() if isinstance(cell, np.integer | np.bool_) else cell


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _lines(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _move(path: Path, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    return path.replace(target)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


BUNDLE = Exporter(
    key="bundle",
    title="Bundle",
    summary="The model file with its contract, certificate, model card, a stand-alone script, a scoring service and "
    "recorded answers.",
    write=write,
)
