"""Python API of Tablewright: a table in, a verified ONNX model out.

Importing it loads no machine-learning library; each name is fetched when it is first used. Scripts that call
`run_experiment` need the usual `if __name__ == "__main__":` guard, because candidates train in processes of their own.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.column_choice import ColumnChoice
    from engine.config import ExperimentConfig
    from engine.errors import TablewrightError
    from engine.experiment import FinishedRun, run_experiment
    from engine.model import Model, open_model
    from engine.table.dataset import Dataset
    from engine.table.reading import read_table

_HOMES = {
    "ColumnChoice": "engine.column_choice",
    "Dataset": "engine.table.dataset",
    "ExperimentConfig": "engine.config",
    "Model": "engine.model",
    "FinishedRun": "engine.experiment",
    "TablewrightError": "engine.errors",
    "open_model": "engine.model",
    "read_table": "engine.table.reading",
    "run_experiment": "engine.experiment",
}

__all__ = [
    "ColumnChoice",
    "Dataset",
    "ExperimentConfig",
    "FinishedRun",
    "Model",
    "TablewrightError",
    "open_model",
    "read_table",
    "run_experiment",
]


def __getattr__(name: str) -> Any:
    """Fetch a public name from the module where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
