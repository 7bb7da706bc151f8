"""The bundle: the file with everything that an engineer needs to run it, and to trust it."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.graph.known_levels import known_levels
from engine.model import Model, open_model
from engine.plain import finite
from exporters import onnx
from exporters.contract import certificate, contract
from exporters.documents import model_card, readme
from exporters.exporter import Exporter, Source
from exporters.golden import golden_rows, reading_cases

CHECKSUMS = "SHA256SUMS"
RUNTIME = ("numpy", "onnxruntime")
SCRIPT = Path(__file__).parent / "predictor" / "predict.py"


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write all files beside each other first, then move them into the folder."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".bundle-") as name:
        draft = Path(name)
        onnx.write(source, draft)
        for file, text in _texts(source, draft / onnx.MODEL_FILE).items():
            (draft / file).write_text(text, encoding="utf-8", newline="\n")
        shutil.copyfile(SCRIPT, draft / SCRIPT.name)
        files = sorted(path.name for path in draft.iterdir())
        sums = "".join(f"{_sha256(draft / file)}  {file}\n" for file in files)
        (draft / CHECKSUMS).write_text(sums, encoding="utf-8", newline="\n")
        written = (onnx.MODEL_FILE, *(file for file in files if file != onnx.MODEL_FILE), CHECKSUMS)
        return tuple((draft / file).replace(folder / file) for file in written)


def _texts(source: Source, path: Path) -> Mapping[str, str]:
    model = open_model(path)
    columns = model.columns
    return {
        "schema.json": _json(finite(contract(source, columns, model.left_out))),
        "certificate.json": _json(finite(certificate(source))),
        "model_card.md": model_card(source, model.left_out),
        "README.md": readme(source, columns),
        "requirements.txt": "".join(f"{package}=={version(package)}\n" for package in RUNTIME),
        "golden_rows.json": _json(_golden(model, path, source.config.seed)),
        "reading_cases.json": _json(reading_cases(columns)),
    }


def _golden(model: Model, path: Path, seed: int) -> dict[str, Any]:
    rows = golden_rows(model.columns, known_levels(path), seed)
    expected = model.predict(rows)
    return {
        "note": "Made-up rows; none is from the training table.",
        "columns": list(rows.columns),
        "rows": rows.to_numpy().tolist(),
        "outputs": list(expected.columns),
        "expected": [[_shortest(cell) for cell in row] for row in expected.itertuples(index=False)],
    }


def _shortest(cell: Any) -> Any:
    """Return a cell as JSON has it; a float32 with as few digits as tell it from its neighbours."""
    if isinstance(cell, np.floating):
        return float(str(cell))
    return int(cell) if isinstance(cell, np.integer) else cell


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


BUNDLE = Exporter(
    key="bundle",
    title="Bundle",
    summary="The model file with its contract, certificate, model card, a stand-alone script and recorded answers.",
    write=write,
)
