"""The final model: which fitted models, with which weights, and what the libraries themselves predict with it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.blend.calibration import UNCALIBRATED, Calibration
from engine.blend.decision import Decision
from engine.blend.familiar import Familiar
from engine.blend.link import link_to_prediction
from engine.families.family import Family, family_named
from engine.features.pipeline import FittedPipeline, transform
from engine.features.step import Matrix
from engine.table.schema import ColumnSchema
from engine.targets.turned import TurnedTarget
from engine.tasks.task import Task

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class TargetScale:
    """How a numeric target was standardised: (y - centre) / scale."""

    centre: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """One fitted model with the pipeline in front of it, cut at a number of boosting rounds (0: no rounds).

    `target`: how the target was turned before the fit; None for not at all. `offset`: what weights of classes added to
    the link-scale scores [n_outputs], and is taken off again, so that probabilities stay those of the table (the prior
    correction of King and Zeng 2001); empty without such weights.
    """

    pipeline: FittedPipeline
    family: str
    state: Any
    rounds: int
    target: TurnedTarget | None = None
    offset: tuple[float, ...] = ()

    @property
    def part(self) -> Family:
        """The family that fitted it."""
        return family_named(self.family)

    def cut(self) -> "FittedModel":
        """Return the model without what it would need for other numbers of rounds."""
        return replace(self, state=self.part.cut(self.state, self.rounds))

    def raw(self, features: Matrix) -> Floats:
        """Return link-scale scores [N, n_outputs] by the library's own predict, whatever the target was turned into."""
        raw = self.fitted_raw(features)
        if self.target is not None:
            return self.target.inverse(raw)
        return raw - np.array(self.offset) if self.offset else raw

    def fitted_raw(self, features: Matrix) -> Floats:
        """Return scores [N, n_outputs] on the scale that the family was fitted on."""
        return self.part.raw(self.state, features, self.rounds)

    def graph(self, features: Var) -> Var:
        """Return what `raw` returns, as a double variable, for the float32 features of its pipeline."""
        raw = op.cast(self.part.graph(self.state, features, self.rounds), to=np.float64)
        if self.target is not None:
            return self.target.graph(raw)
        return op.sub(raw, op.const(np.array(self.offset)[None, :])) if self.offset else raw

    def contributions(self, features: Matrix) -> tuple[Floats, Floats]:
        """Return SHAP values [N, F, n_outputs] and base [n_outputs], which add up to `raw`.

        Those of a turned target are stretched row by row: they add up on the family's scale, and must do so after
        turning back.
        """
        values, start = self.part.contributions(self.state, features, self.rounds)
        base = np.asarray(start)
        if self.target is not None:
            raw = values.sum(axis=1) + base
            return values * self.target.slope(raw, base)[:, None, :], self.target.inverse(base)
        return values, base - np.array(self.offset) if self.offset else base


@dataclass(frozen=True, kw_only=True)
class FinalMember:
    """One member of the blend: a bag of fitted models, averaged, with its weight.

    `number`: its candidate. `of_folds`: the models are those of its folds, not of all rows.
    """

    number: int
    family: str
    weight: float
    bag: tuple[FittedModel, ...]
    of_folds: bool = False


@dataclass(frozen=True, kw_only=True)
class FinalModel:
    """The whole: members blended on the link scale, then calibrated.

    `columns`: the table columns that are the inputs of the file, all of them features. `decision`: None names the most
    probable class and says nothing of doubt. `familiar`: what was learnt from looks like; None does not tell what is
    unlike it.
    """

    task: Task
    columns: tuple[ColumnSchema, ...]
    members: tuple[FinalMember, ...]
    calibration: Calibration = UNCALIBRATED
    target_scale: TargetScale = TargetScale()
    decision: Decision | None = None
    familiar: Familiar | None = None

    def by_pipeline(self) -> list[tuple[FittedPipeline, list[tuple[float, FittedModel]]]]:
        """Return each pipeline with the models behind it and their shares in the blend: its features are made once."""
        behind: dict[int, tuple[FittedPipeline, list[tuple[float, FittedModel]]]] = {}
        for member in self.members:
            for fitted in member.bag:
                _, models = behind.setdefault(id(fitted.pipeline), (fitted.pipeline, []))
                models.append((member.weight / len(member.bag), fitted))
        return list(behind.values())

    def raw(self, frame: pd.DataFrame) -> Floats:
        """Return blended and calibrated link-scale scores [N, n_outputs] by the libraries' own predict."""
        total: Floats = np.zeros((len(frame), self.task.n_outputs))
        for pipeline, models in self.by_pipeline():
            features = transform(pipeline, frame)
            for share, fitted in models:
                total += share * fitted.raw(features).reshape(total.shape)
        return self.calibration.calibrated(total)

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Return what the file must predict: probabilities [N, K], or values [N] of a regression."""
        raw = self.raw(frame)
        if self.task.classes:
            return link_to_prediction(raw, self.task)
        return raw[:, 0] * self.target_scale.scale + self.target_scale.centre
