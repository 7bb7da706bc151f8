"""Why there is no skops file: said where somebody asks for one, with what to take in its place.

skops keeps pipelines of scikit-learn's types. What was tried (skops 0.16): the fitted boosters and trees come back as
they were, to the last digit, but they see features that 26 types of this project make; a file with those loads only
where Tablewright is installed, and its feature steps came back without their columns, which nobody is told.
"""

from pathlib import Path
from typing import NoReturn

from engine.errors import InputError
from engine.messages import Message, phrase
from exporters.exporter import Exporter, Source

REFUSED = phrase(
    "export_no_skops",
    "A skops file would hold only a part of this model: its features are not made by scikit-learn.",
    "Take the ONNX file, the bundle or the MLflow model, which hold all of it; or the training script, to change it.",
)


def refused() -> Message:
    """Return the reason, for a screen to show before somebody asks."""
    return REFUSED()


def write(source: Source, folder: Path) -> NoReturn:  # noqa: ARG001
    """Raise InputError: a file that is not the whole model is not handed over as if it were."""
    raise InputError(REFUSED())


SKOPS = Exporter(
    key="skops",
    title="skops file",
    summary="Not offered: scikit-learn's own format cannot hold the whole model.",
    write=write,
    lacks=refused,
)
