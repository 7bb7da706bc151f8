"""What every trial needs, imported once before the first of them starts."""

from engine.search.guard import warm_up

PRELOADED = (
    "pandas",
    "pyarrow.parquet",
    "scipy.optimize",
    "sklearn.model_selection",
    "sklearn.linear_model",
    "sklearn.metrics",
    "lightgbm",
    "catboost",
    "onnxruntime",
    "engine.finish",
    "engine.features.pipeline",
    "engine.graph.assemble",
    "engine.graph.certificate",
    "engine.insight.explanation",
)


def preload() -> None:
    """Begin to import, in the background, what trials need; returns at once, and calling it again costs nothing.

    A process that is about to run an experiment calls this first, so that its own imports go on beside it.
    """
    warm_up(PRELOADED)
