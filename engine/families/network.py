"""A small neural network, trained in NumPy: strong where answers change smoothly with numbers."""

import numpy as np
from numpy.typing import NDArray
from spox import Var

from engine.families.family import Family, Floats, Parameters, Rows, Setting, Trial
from engine.families.recipes import SCALED
from engine.features.step import Matrix
from engine.messages import phrase
from engine.network.contributions import walk_contributions
from engine.network.graph import network_graph
from engine.network.layout import Layout, Single
from engine.network.loss import Loss
from engine.network.optimizer import OPTIMIZERS
from engine.network.state import Network, within_reach
from engine.network.training import Lesson, Sample, train
from engine.registry import Skip
from engine.shape import Shape
from engine.tasks.task import Task, TaskKind

TOO_MANY_ROWS = phrase(
    "network_too_many_rows",
    "A small neural network learns too slowly from {n_rows} rows; it is tried up to {limit}.",
)
TOO_MANY_COLUMNS = phrase(
    "network_too_many_columns",
    "A small neural network learns too slowly from {n_columns} columns; it is tried up to {limit}.",
)
MAX_ROWS = 100_000
MAX_COLUMNS = 500

DEFAULT: Parameters = {
    "width": 128,
    "depth": 2,
    "activation": "relu",
    "skip": False,
    "optimizer": "nadam",
    "weight_decay": 0.02,
    "label_smoothing": 0.0,
    "n_waves": 8,
    "frequency": 0.1,
    "most_rounds": 100,
}
# What is left open is settled by the task: dropout makes a network of numbers coarse, one of classes modest.
BY_TASK: dict[bool, Parameters] = {
    True: {"learning_rate": 0.1, "dropout": 0.0},
    False: {"learning_rate": 0.03, "dropout": 0.15},
}
N_MIXED = 3
IMITATOR_WIDTH, LEAST_SHARE = 64, 1e-6
NUMBER_BYTES = 4
# Waves for more numbers than this cost more time than they bring.
MOST_ENCODED = 150
# A number whose most frequent value fills more than this share is hardly more than a yes or no.
MOSTLY_ONE_VALUE = 0.9
LOOKED_AT_ROWS = 2_000
N_BACKGROUND = 8


def _fit(
    X: Matrix,
    y: NDArray[np.generic],
    weight: Floats | None,
    groups: NDArray[np.generic] | None,  # noqa: ARG001
    deadline: float | None,
    setting: Setting,
) -> Network:
    generator = np.random.default_rng(setting.seed)
    parameters = {**DEFAULT, **BY_TASK[setting.task.kind is TaskKind.REGRESSION], **setting.parameters}
    loss = Loss(task=setting.task)
    rows = Rows(X=X, y=y, weight=weight)
    if weight is not None:
        counted = np.flatnonzero(weight > 0)
        rows = Rows(X=X.take(counted), y=y[counted], weight=weight[counted])
    return _learnt(
        parameters,
        loss,
        _sample(rows, loss),
        None if setting.stopping is None else _sample(setting.stopping, loss),
        loss.prior(rows.y, rows.weight),
        _groups(X),
        generator,
        rounds=setting.rounds,
        deadline=deadline,
    )


def imitator_bytes(X: Matrix, n_outputs: int) -> int:
    """Return what the parameters of a network that `imitate` fits take; its file is larger."""
    parameters = {**DEFAULT, "width": IMITATOR_WIDTH}
    return NUMBER_BYTES * _layout(within_reach(np.asarray(X.values)), parameters, n_outputs).n_parameters


def imitate(
    X: Matrix, wanted: Floats, task: Task, *, stopping: NDArray[np.bool_], seed: int, deadline: float | None
) -> Network:
    """Fit a small network to what another model says.

    `wanted` [N, n_outputs]: probabilities, of the second class where there are two, or standardised values.
    `stopping` [N]: rows that end the training.
    """
    parameters = {**DEFAULT, **BY_TASK[task.kind is TaskKind.REGRESSION], "width": IMITATOR_WIDTH, "dropout": 0.0}
    x, said = within_reach(np.asarray(X.values)), wanted.astype(np.float32)
    mean = np.clip(wanted.mean(axis=0), LEAST_SHARE, 1.0 - LEAST_SHARE)
    odds = mean if len(mean) > 1 else mean / (1.0 - mean)
    prior = wanted.mean(axis=0) if task.kind is TaskKind.REGRESSION else np.log(odds)
    return _learnt(
        parameters,
        Loss(task=task),
        Sample(x=x[~stopping], wanted=said[~stopping], weight=None),
        Sample(x=x[stopping], wanted=said[stopping], weight=None),
        prior.astype(np.float32),
        _groups(X),
        np.random.default_rng(seed),
        rounds=None,
        deadline=deadline,
    )


def _learnt(
    parameters: Parameters,
    loss: Loss,
    sample: Sample,
    stopping: Sample | None,
    prior: Single,
    groups: tuple[int, ...],
    generator: np.random.Generator,
    *,
    rounds: int | None,
    deadline: float | None,
) -> Network:
    """Train a network; what it answers about numbers stays within what it was shown."""
    is_regression = loss.task.kind is TaskKind.REGRESSION
    layout = _layout(sample.x, parameters, loss.task.n_outputs)
    trained = train(layout, _lesson(parameters), loss, sample, stopping, prior, rounds, deadline, generator)
    shown = generator.choice(len(sample.x), min(N_BACKGROUND, len(sample.x)), replace=False)
    return Network(
        layout=layout,
        snapshots=trained.snapshots,
        best=trained.best,
        low=float(sample.wanted.min()) if is_regression else None,
        high=float(sample.wanted.max()) if is_regression else None,
        background=sample.x[np.sort(shown)],
        groups=groups,
    )


def _lesson(parameters: Parameters) -> Lesson:
    return Lesson(
        optimizer=str(parameters["optimizer"]),
        rate=float(parameters["learning_rate"]),
        decay=float(parameters["weight_decay"]),
        dropout=float(parameters["dropout"]),
        smoothing=float(parameters["label_smoothing"]),
        frequency=float(parameters["frequency"]),
        most_rounds=int(parameters["most_rounds"]),
    )


def _sample(rows: Rows, loss: Loss) -> Sample:
    weight = None if rows.weight is None else (rows.weight / rows.weight.mean()).astype(np.float32)
    return Sample(x=within_reach(np.asarray(rows.X.values)), wanted=loss.wanted(rows.y), weight=weight)


def _layout(x: Single, parameters: Parameters, n_outputs: int) -> Layout:
    numbers = tuple(i for i in range(x.shape[1]) if _varies(x[:LOOKED_AT_ROWS, i])) if parameters["n_waves"] else ()
    return Layout(
        n_inputs=x.shape[1],
        numbers=numbers if len(numbers) <= MOST_ENCODED else (),
        n_waves=int(parameters["n_waves"]),
        n_mixed=N_MIXED,
        widths=(int(parameters["width"]),) * int(parameters["depth"]),
        n_outputs=n_outputs,
        activation=str(parameters["activation"]),
        skip=bool(parameters["skip"]),
    )


def _varies(values: Single) -> bool:
    found, counts = np.unique(values, return_counts=True)
    return len(found) > 2 and counts.max() <= MOSTLY_ONE_VALUE * len(values)


def _groups(X: Matrix) -> tuple[int, ...]:
    """Give the inputs that were made from the same columns of the table the same number."""
    numbers: dict[tuple[str, ...], int] = {}
    return tuple(numbers.setdefault(column.sources, len(numbers)) for column in X.columns)


def _raw(state: Network, X: Matrix, rounds: int) -> Floats:
    return state.outputs(np.asarray(X.values), rounds).astype(np.float64)


def _graph(state: Network, x: Var, rounds: int) -> Var:
    return network_graph(state, x, rounds)


def _contributions(state: Network, X: Matrix, rounds: int) -> tuple[Floats, Floats]:
    return walk_contributions(state, np.asarray(X.values), rounds)


def _applies(shape: Shape) -> Skip | None:
    if shape.n_rows > MAX_ROWS:
        return Skip(TOO_MANY_ROWS(n_rows=shape.n_rows, limit=MAX_ROWS))
    if shape.n_columns > MAX_COLUMNS:
        return Skip(TOO_MANY_COLUMNS(n_columns=shape.n_columns, limit=MAX_COLUMNS))
    return None


def _space(trial: Trial, _shape: Shape) -> Parameters:
    return {
        **DEFAULT,
        "width": trial.suggest_categorical("width", (64, 96, 128, 192)),
        "depth": trial.suggest_int("depth", 1, 3),
        "activation": trial.suggest_categorical("activation", ("silu", "relu", "selu")),
        "skip": trial.suggest_categorical("skip", (False, True)),
        "optimizer": trial.suggest_categorical("optimizer", OPTIMIZERS),
        "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.1, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 0.003, 1.0, log=True),
        "dropout": trial.suggest_float("dropout", 0.0, 0.4),
        "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.1),
        "n_waves": trial.suggest_categorical("n_waves", (0, 8, 16)),
        "frequency": trial.suggest_float("frequency", 0.03, 1.0, log=True),
    }


NETWORK: Family = Family(
    key="network",
    title="Neural network",
    tasks=frozenset(TaskKind),
    relative_cost=1.2,
    recipe=SCALED,
    starting_points=(DEFAULT, {**DEFAULT, "activation": "selu", "learning_rate": 0.03, "dropout": 0.1}),
    space=_space,
    fit=_fit,
    cut=lambda state, rounds: state.cut(rounds),
    raw=_raw,
    graph=_graph,
    contributions=_contributions,
    rounds=lambda state: state.best,
    applies=_applies,
    needs_complete=True,
    n_refits=5,
    bags_below_rows=1_500,
)
