"""The bare ONNX file: for those who know what to do with it."""

import shutil
from pathlib import Path

from engine.whole_files import make_whole
from exporters.exporter import Exporter, Source

MODEL_FILE = "model.onnx"


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Copy the certified file."""
    path = folder / MODEL_FILE
    make_whole(path, lambda part: shutil.copyfile(source.model, part))
    return (path,)


ONNX = Exporter(
    key="onnx",
    title="ONNX file",
    summary="Only the verified model file; its schema and certificate are inside it.",
    write=write,
)
