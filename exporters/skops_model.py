"""A skops file: the certified model as a scikit-learn pipeline, without pickle, loaded by a short list of types."""

import io
import json
import sys
import tempfile
import zipfile
from functools import cache
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from exporters.exporter import Exporter, Source
from exporters.skops_documents import readme

MODEL_FILE = "model.skops"
MODULE = "tablewright_sklearn"
PACKAGES = ("numpy", "onnxruntime", "pandas", "scikit-learn", "skops")
HERE = Path(__file__).parent
TYPES = HERE / "skops_code" / f"{MODULE}.py"
RULES_IMPORT = "from exporters.predictor.reading import Column, as_text, canonical, is_lost, places_of\n"
DAY = (1980, 1, 1, 0, 0, 0)
"""The first that an archive can name."""


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write the file, the module with its types, and how to load it."""
    from skops.io import dumps, get_untrusted_types

    model = types_module().pipeline_of(source.model.read_bytes())
    content = settled(dumps(model))
    requirements = [f"{package}=={version(package)}" for package in PACKAGES]
    trusted = get_untrusted_types(data=content)
    contents = {
        MODEL_FILE: content,
        f"{MODULE}.py": module_text().encode(),
        "README.md": readme(source, trusted, requirements).encode(),
    }
    with tempfile.TemporaryDirectory(dir=folder, prefix=".skops-") as name:
        for file, each in contents.items():
            (Path(name) / file).write_bytes(each)
        return tuple((Path(name) / file).replace(folder / file) for file in contents)


@cache
def types_module() -> ModuleType:
    """Return the module with the types, under the name by which a file asks for it."""
    found = spec_from_file_location(MODULE, TYPES)
    assert found is not None
    assert found.loader is not None
    sys.modules[MODULE] = made = module_from_spec(found)
    found.loader.exec_module(made)
    return made


def module_text() -> str:
    """Return the module with the reading rules in the place where it imports them: one file that needs no other."""
    before, _import, after = TYPES.read_text(encoding="utf-8").partition(RULES_IMPORT)
    return before + (HERE / "predictor" / "reading.py").read_text(encoding="utf-8") + after


def settled(content: bytes) -> bytes:
    """Return a skops archive, packed, without what differs between two writings of the same: addresses and times."""
    with zipfile.ZipFile(io.BytesIO(content)) as before:
        kept = {name: before.read(name) for name in before.namelist()}
    numbers: dict[int, int] = {}
    files: dict[str, str] = {}
    schema = _numbered(json.loads(kept.pop("schema.json")), numbers, files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name, data in (*((files[name], data) for name, data in kept.items()), ("schema.json", _json(schema))):
            entry = zipfile.ZipInfo(name, DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, data)
    return made.getvalue()


def _numbered(node: Any, numbers: dict[int, int], files: dict[str, str]) -> Any:
    """Return a part of a schema in which objects and files are called by the order in which they come."""
    if isinstance(node, list):
        return [_numbered(each, numbers, files) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: _numbered(each, numbers, files) for name, each in node.items()}
    if "__id__" in node:
        made["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
    if "file" in node and "__loader__" in node:
        made["file"] = files.setdefault(node["file"], f"{len(files) + 1}{Path(node['file']).suffix}")
    return made


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode()


SKOPS = Exporter(
    key="skops",
    title="skops file",
    summary="The model as a scikit-learn pipeline that takes raw cells: no pickle, and a short fixed list of types.",
    write=write,
)
