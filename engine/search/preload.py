"""What every trial needs, imported once before the first of them starts."""

import pkgutil
from pathlib import Path

from engine.search.guard import warm_up

PRELOADED = "engine.search.preloaded"

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    "pandas",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "scipy.optimize",
    "sklearn.model_selection",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.ensemble",
    "lightgbm",
    "catboost",
    "xgboost",
    "onnxruntime",
    "onnx.reference.ops._op_list",
    "engine.run.finish",
    "engine.search.trial",
    "engine.graph.assemble",
    "engine.graph.certificate",
    "engine.insight.explanation",
)
PACKAGES_OF_PARTS = (
    "engine.families",
    "engine.features",
    "engine.targets",
    "engine.search.pruners",
    "engine.tasks.metrics",
    "engine.checks",
)


def preload() -> None:
    """Begin to import, in the background, what trials need; returns at once, and calling it again costs nothing.

    A process that is about to run an experiment calls this first, so that its own imports go on beside it.
    """
    warm_up((PRELOADED,))


def modules() -> tuple[str, ...]:
    """Return the names of all modules that trials need."""
    return (*LIBRARIES, *(name for package in PACKAGES_OF_PARTS for name in _modules_of(package)))


def _modules_of(package: str) -> list[str]:
    """Return the modules of a package without importing any.

    >>> "engine.tasks.metrics.labels" in _modules_of("engine.tasks.metrics")
    True
    """
    folder = ROOT.joinpath(*package.split("."))
    return [f"{package}.{found.name}" for found in pkgutil.iter_modules([str(folder)])]
