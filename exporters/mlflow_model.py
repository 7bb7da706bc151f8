"""An MLflow model folder: raw cells in, predictions out, under MLflow's own server and registry."""

import json
import logging
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.graph.known_levels import known_levels
from engine.model import Model, open_model
from engine.plain import finite
from engine.table.schema import ColumnSchema
from exporters import onnx
from exporters.contract import certificate, contract
from exporters.exporter import Exporter, Source
from exporters.golden import golden_rows
from exporters.mlflow_code.tablewright_loader import input_names
from exporters.mlflow_documents import readme

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import ModelSignature

MODEL_LIST = "MLmodel"
REQUIREMENTS = ("mlflow", "numpy", "onnxruntime", "pandas")
LOADER = Path(__file__).parent / "mlflow_code" / "tablewright_loader.py"
READING = Path(__file__).parent / "predictor" / "reading.py"
N_EXAMPLES = 3


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write all files beside each other first, then move them into the folder, the list of them at last."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".mlflow-") as name:
        draft = Path(name) / "model"
        _save(source, draft, Path(name))
        files = sorted(path.relative_to(draft) for path in draft.rglob("*") if path.is_file())
        files.sort(key=lambda file: file.name == MODEL_LIST)
        written = []
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            written.append((draft / file).replace(folder / file))
        return (written[-1], *written[:-1])


def _save(source: Source, draft: Path, place: Path) -> None:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    with _quiet():
        import mlflow.pyfunc
        from mlflow.models import Model as MlflowModel

    (file,) = onnx.write(source, place)
    shutil.copyfile(READING, place / "tablewright_reading.py")
    shutil.copyfile(LOADER, place / LOADER.name)
    model = open_model(file)
    example = _example(model, source.config.seed)
    told = MlflowModel(
        # Neither tells when it was exported: the same run is the same folder.
        utc_time_created=source.created_at.strftime("%Y-%m-%d %H:%M:%S.%f"),
        model_uuid=uuid.uuid5(uuid.NAMESPACE_OID, f"{source.run_id} {source.ready.certificate.sha256}").hex,
    )
    told.add_flavor(
        "onnx",
        onnx_version=source.ready.certificate.versions.get("onnx", version("onnx")),
        data=f"data/{onnx.MODEL_FILE}",
        providers=["CPUExecutionProvider"],
    )
    with _quiet():
        mlflow.pyfunc.save_model(
            path=draft,
            loader_module=LOADER.stem,
            data_path=str(file),
            code_paths=[str(place / LOADER.name), str(place / "tablewright_reading.py")],
            mlflow_model=told,
            signature=_signature(model, source),
            input_example=example,
            pip_requirements=[f"{package}=={version(package)}" for package in REQUIREMENTS],
            metadata=_facts(source),
        )
    for name, document in (
        ("schema.json", contract(source, model.columns, model.left_out)),
        ("certificate.json", certificate(source)),
    ):
        text = json.dumps(finite(document), ensure_ascii=False, indent=1, allow_nan=False)
        (draft / name).write_text(text + "\n", encoding="utf-8", newline="\n")
    page = readme(source, example.head(1).to_dict("records")[0])
    (draft / "README.md").write_text(page, encoding="utf-8", newline="\n")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep MLflow from telling what it does, and from warning of its own ways: who asked for a folder sees that."""
    logger = logging.getLogger("mlflow")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _example(model: Model, seed: int) -> "pd.DataFrame":
    """Return made-up rows that say something in most columns; no row of the training table is among them."""
    rows = golden_rows(model.columns, known_levels(model.path), seed)
    fullest = (rows != "").sum(axis=1).sort_values(ascending=False, kind="stable").index[:N_EXAMPLES]
    return rows.loc[fullest].reset_index(drop=True).set_axis(_names(model.columns), axis=1)


def _signature(model: Model, source: Source) -> "ModelSignature":
    """Name the columns. Their type is "any": a raw cell may be a number, a text with a unit, or missing."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    return ModelSignature(
        inputs=Schema(list(_inputs(model.columns))),
        outputs=Schema([ColSpec(kind, name) for name, kind in _outputs(source)]),
    )


def _inputs(columns: Sequence[ColumnSchema]) -> "Iterable[Any]":
    from mlflow.types import ColSpec
    from mlflow.types.schema import AnyType

    for column, name in zip(columns, _names(columns), strict=True):
        yield ColSpec(AnyType(), name, required=not column.n_missing)


def _names(columns: Sequence[ColumnSchema]) -> list[str]:
    return list(input_names([column.to_json() for column in columns]).values())


def _outputs(source: Source) -> list[tuple[str, str]]:
    classes = source.prepared.task.classes
    if not classes:
        return [("prediction", "double")]
    label = "long" if isinstance(classes[0], int) else "string"
    return [("prediction", label), *((f"probability_{each}", "double") for each in classes)]


def _facts(source: Source) -> dict[str, Any]:
    """Return what the model's metadata says: where it comes from, how good it is, that the file is the model."""
    ready = source.ready
    scores = ready.validation if ready.holdout is None else ready.holdout
    return {
        "run_id": source.run_id,
        "name": source.name,
        "takes": "raw cells, as in the table that it was trained on; the reading rules are applied inside",
        "metric": source.prepared.metric,
        "measured_on": "hold-out" if source.prepared.n_holdout else "out-of-fold predictions",
        "scores": {key: {"value": each.value, "low": each.low, "high": each.high} for key, each in scores.items()},
        "certificate": {
            "max_abs_diff": ready.certificate.max_abs_diff,
            "rows_checked": ready.certificate.rows_checked,
            "sha256": ready.certificate.sha256,
        },
    }


MLFLOW_MODEL = Exporter(
    key="mlflow",
    title="MLflow model",
    summary="A folder that MLflow loads, serves and registers; it takes raw cells and reads them by its own rules.",
    write=write,
)
