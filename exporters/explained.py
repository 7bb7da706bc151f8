"""The file that also says what each column contributes to the answer for a row."""

import json
from pathlib import Path

import numpy as np

from engine.errors import InputError
from engine.messages import phrase
from engine.model import open_model
from engine.table.rules import number_texts
from engine.table.schema import Cells, ColumnSchema, Kind
from exporters.exporter import Exporter, Source

FILE = "model_explained.onnx"
TYPICAL = "tablewright.typical"
LEVELS = frozenset({Kind.CATEGORY, Kind.YES_NO})
NOT_EXPLAINED = phrase(
    "export_not_explained",
    "What matters in the run {run_id} is not known yet, so no row can be compared with a typical one.",
    "Wait until the run has ended, or take the plain file.",
)


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write the file; its metadata say which cells it takes for typical."""
    import onnx

    from engine.graph.contributions import with_contributions

    model = open_model(source.model)
    cells = typical_cells(_explained_cells(source), model.columns)
    proto = onnx.load_from_string(with_contributions(source.model, model.columns, model.task, cells))
    told = {each.key: each.value for each in proto.metadata_props}
    onnx.helper.set_model_props(proto, {**told, TYPICAL: json.dumps(cells, ensure_ascii=False)})
    path = folder / FILE
    part = path.with_suffix(".part")
    part.write_bytes(proto.SerializeToString())
    return (part.replace(path),)


def typical_cells(seen: dict[str, list[str]], columns: tuple[ColumnSchema, ...]) -> dict[str, float | str]:
    """Return the median of numbers and the most frequent level of categories; dates and texts count as missing.

    `seen`: cells as text, the empty text for a missing one.
    """
    found: dict[str, float | str] = {}
    for column in columns:
        cells = [cell for cell in seen.get(column.name, ()) if cell]
        if column.kind.is_number and cells:
            median = np.array([np.median([float(cell) for cell in cells])])
            found[column.name] = float(median[0]) if column.cells is Cells.NUMBER else str(number_texts(median)[0])
        elif column.kind in LEVELS and cells:
            most = max(sorted(set(cells)), key=cells.count)
            found[column.name] = float(most) if column.cells is Cells.NUMBER else most
    return found


def _explained_cells(source: Source) -> dict[str, list[str]]:
    if source.progress.explained is None:
        raise InputError(NOT_EXPLAINED(run_id=source.run_id))
    with np.load(source.artifacts.fetch(source.progress.explained.path)) as kept:
        return {str(name): kept["cells"][:, i].tolist() for i, name in enumerate(kept["columns"])}


EXPLAINED = Exporter(
    key="explained",
    title="Model file with contributions",
    summary="The model file with one more output: what each column contributes, beside a row with typical cells.",
    write=write,
)
