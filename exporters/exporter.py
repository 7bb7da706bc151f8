"""What leaves a finished run: one exporter, one file in this folder, one constant of type `Exporter`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from engine.artifacts import Artifacts
from engine.config import ExperimentConfig
from engine.errors import InputError, WorkspaceError
from engine.events import DataPrepared, ModelReady
from engine.messages import Message, phrase, render
from engine.progress import Progress

NOT_READY = phrase(
    "export_not_ready",
    "The run {run_id} has no model yet.",
    "Wait until its model is ready, or stop it to keep the best so far.",
)
MODEL_GONE = phrase(
    "export_model_gone",
    "The model file of the run {run_id} is no longer where it was kept.",
    "Bring the run's files back from a backup, or train again.",
)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads what leaves: the language, how a message is said in it, and how a word of the program is.

    `language`: as HTML names it.
    """

    language: str = "en"
    say: Callable[[Message], str] = render
    word: Callable[[str], str] = str


@dataclass(frozen=True, kw_only=True)
class Source:
    """The facts of a run whose model is ready. `n_looks`: how many trainings were scored on its rows set aside.

    `reader`: speaks English where nobody else is meant.
    """

    run_id: str
    name: str
    created_at: datetime
    config: ExperimentConfig
    progress: Progress
    artifacts: Artifacts
    n_looks: int = 1
    reader: Reader = field(default_factory=Reader)

    @property
    def prepared(self) -> DataPrepared:
        """The question, and how the rows were divided; raises InputError before the model is ready."""
        if self.progress.prepared is None:
            raise InputError(NOT_READY(run_id=self.run_id))
        return self.progress.prepared

    @property
    def ready(self) -> ModelReady:
        """The certificate and the scores; raises InputError before the model is ready."""
        if self.progress.ready is None:
            raise InputError(NOT_READY(run_id=self.run_id))
        return self.progress.ready

    @property
    def model(self) -> Path:
        """The certified ONNX file; raises InputError before it is ready, WorkspaceError when it is gone."""
        try:
            return self.artifacts.fetch(self.ready.path)
        except FileNotFoundError as gone:
            raise WorkspaceError(MODEL_GONE(run_id=self.run_id)) from gone


def nothing() -> Message | None:
    """Say that nothing is lacking."""
    return None


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """One form in which a model leaves.

    `summary`: what it is good for, in a sentence. `write(source, folder)`: writes into a folder that exists, and
    returns the files, the most important one first. Every file appears whole or not at all. `lacks()`: what this
    computer lacks for it, in words, so that a screen can say it before somebody asks for the file.
    """

    key: str
    title: str
    summary: str
    write: Callable[[Source, Path], tuple[Path, ...]]
    lacks: Callable[[], Message | None] = nothing
