"""Fits a member of the blend again on all rows of a large table, of which the search has seen a sample.

The features are made block by block and wait on disk. Where there is not time or memory for all rows, whole stretches
of them in random order are taken; rows that were drawn with other chances weigh accordingly. Runs in a guarded process.
"""

import os
import pickle
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from engine.blend.final import FittedModel
from engine.errors import TrialTimeoutError
from engine.families.family import Blocks, Setting, family_named
from engine.features.pipeline import FittedPipeline, transform
from engine.features.step import Matrix
from engine.messages import phrase
from engine.run.roles import weights_of
from engine.search.cache import fold_features, fold_store
from engine.search.data import TrainingData
from engine.search.fitting import ALL_ROWS, MOST_MORE_ROUNDS, monotone_of
from engine.search.kept import load_folds
from engine.search.order import Order
from engine.table.dataset import Dataset
from engine.table.large.drawing import Drawing, Plan
from engine.table.large.drawn import Drawn
from engine.table.large.figures import changed_cells
from engine.table.large.whole import Group
from engine.table.schema import Role
from engine.tasks.detection import encode_target
from engine.whole_files import write_whole

Floats = NDArray[np.float64]

FITTED = "all-rows.pkl"
DRAWN = "drawn.npz"
LEAST_TIMES = 1.5  # as many rows as the sample: with fewer there is nothing to be gained
BYTES_PER_ROW = 56  # beside a byte for each feature: answers, weights, gradients, scores, places
MEMORY_FOR_ROWS = 0.6
MARGIN = 1.15
USABLE, SHARE_FOR_FEATURES = 0.8, 0.5  # of the time: until the last round begins, and for making features at most

TOO_FEW = phrase(
    "all_rows_too_few",
    "There was time or memory for {n_rows} rows only, hardly more than the sample has.",
    "More time or a larger memory limit helps.",
)


@dataclass(frozen=True, kw_only=True)
class AllRows:
    """What is to be fitted.

    `order`: of the candidate; its `seconds` are for all of it, None lets the clock decide nothing. `rounds`: of its
    folds. `fit_seconds`: what fitting it on the sample takes, with all threads.
    """

    order: Order
    rounds: int
    fit_seconds: float


@dataclass(frozen=True, kw_only=True)
class _Made:
    """The features of some rows on disk, with their answers, weights and classes' places in the plan."""

    path: Path
    y: NDArray[np.generic]
    weight: Floats
    level: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class _Done:
    """A fit that has ended: the model, its rows, and the `seconds` that it had; None: as many as it liked."""

    model: FittedModel
    n_rows: int
    seconds: float | None


def fit_on_all_rows(asked: AllRows) -> int:
    """Fit a candidate on all rows, or as many as there is room and time for; returns how many these are.

    What an earlier process of the run has fitted in at least as much time is kept. Raises TrialTimeoutError where the
    rows are hardly more than the sample has.
    """
    began, order = time.monotonic(), asked.order
    if (n_rows := _n_rows_before(order)) is not None:
        return n_rows
    # A round is not broken off, and the model has to be written: who is not ready at the end has worked for nothing.
    usable_seconds = None if order.seconds is None else USABLE * order.seconds
    place = order.folder / "all_rows"
    shutil.rmtree(place, ignore_errors=True)  # of one that was broken off
    place.mkdir()
    with threadpool_limits(order.threads):
        data = TrainingData.load(order.folder / "data")
        drawing, plan = load_drawing(order.folder)
        family = family_named(order.family)
        assert family.fit_blocks is not None
        everything = np.arange(len(data.train.y))
        pipeline, sample = fold_features(order.folder, data, order.spec.recipe, ALL_ROWS, everything)
        most_rows = _rows_in_memory(drawing, len(pipeline.outputs))
        per_row = asked.fit_seconds / max(len(everything), 1)

        def is_enough(n_rows: int) -> bool:
            if n_rows + len(everything) >= most_rows:
                return True
            if usable_seconds is None:
                return False
            spent = time.monotonic() - began
            to_fit = per_row * (n_rows + len(everything))
            return spent > SHARE_FOR_FEATURES * usable_seconds or MARGIN * (spent + to_fit) > usable_seconds

        made, share = _through(drawing, plan, data, pipeline, place, order.threads, is_enough)
        n_rows = len(everything) + sum(len(each.y) for each in made)
        if n_rows < LEAST_TIMES * len(everything):
            raise TrialTimeoutError(TOO_FEW(n_rows=f"{n_rows:,}"))
        folds = load_folds(order.place)
        drawn = Drawn.load(order.folder / DRAWN)
        blocks = _blocks(data, sample, made, drawn, plan, share, folds[0])
        settled = family.refit_parameters([model.state for model in folds], order.spec.parameters)
        state = family.fit_blocks(
            blocks,
            None if usable_seconds is None else began + usable_seconds,
            Setting(
                task=data.task,
                parameters=settled,
                seed=order.seed,
                threads=order.threads,
                rounds=round(MOST_MORE_ROUNDS * asked.rounds) or None,
                store=fold_store(order.folder, order.spec.recipe, ALL_ROWS),
                monotone=monotone_of(sample, data.monotone),
            ),
        )
    model = replace(folds[0], pipeline=pipeline, state=state, rounds=family.rounds(state))
    write_whole(order.place / FITTED, pickle.dumps(_Done(model=model, n_rows=n_rows, seconds=order.seconds)))
    shutil.rmtree(place, ignore_errors=True)
    return n_rows


def load_fitted(place: Path) -> FittedModel:
    """Read the model that `fit_on_all_rows` has left beside a candidate's folds."""
    return _done(place).model


def _done(place: Path) -> _Done:
    done: _Done = pickle.loads((place / FITTED).read_bytes())  # noqa: S301 - written by this run itself
    return done


def _n_rows_before(order: Order) -> int | None:
    if not (order.place / FITTED).exists():
        return None
    done = _done(order.place)
    enough = done.seconds is None or (order.seconds is not None and order.seconds <= done.seconds)
    return done.n_rows if enough else None


def keep_drawing(folder: Path, drawing: Drawing, plan: Plan) -> None:
    """Keep for later processes how rows are drawn."""
    whole = replace(drawing.whole, keeper=None)
    kept = replace(drawing, dataset=replace(drawing.dataset, whole=whole))
    (folder / "drawing.pkl").write_bytes(pickle.dumps((kept, plan)))


def load_drawing(folder: Path) -> tuple[Drawing, Plan]:
    """Read what `keep_drawing` wrote in this run's own folder."""
    kept: tuple[Drawing, Plan] = pickle.loads((folder / "drawing.pkl").read_bytes())  # noqa: S301 - our own file
    return kept


def _rows_in_memory(drawing: Drawing, n_features: int) -> float:
    from engine.table.large.reading import memory_for_table

    return MEMORY_FOR_ROWS * memory_for_table(drawing.whole.most_bytes) / (n_features + BYTES_PER_ROW)


def _through(
    drawing: Drawing,
    plan: Plan,
    data: TrainingData,
    pipeline: FittedPipeline,
    place: Path,
    threads: int,
    is_enough: Callable[[int], bool],
) -> tuple[list[_Made], float]:
    """Make the features of rows that were not drawn, stretch by stretch; return also the share of rows gone through."""
    drawing.whole.refuse_changes()
    groups = list(drawing.whole.groups())
    order = np.random.default_rng(plan.seed).permutation(len(groups))
    names = [column.name for column in data.columns]
    weighing = drawing.config.apply(drawing.dataset.schema).with_role(Role.WEIGHT)
    names += [column.name for column in weighing]

    def make(group: Group) -> list[_Made]:
        return list(_of_group(drawing, plan, data, pipeline, names, place, group))

    made: list[_Made] = []
    n_gone = 0
    with ThreadPoolExecutor(threads) as workers:
        for start in range(0, len(order), threads):
            if is_enough(sum(len(each.y) for each in made)):
                break
            wave = [groups[i] for i in order[start : start + threads]]
            for found in workers.map(make, wave):
                made += found
            n_gone += sum(group.n_rows for group in wave)
    return made, n_gone / max(sum(group.n_rows for group in groups), 1)


def _of_group(
    drawing: Drawing,
    plan: Plan,
    data: TrainingData,
    pipeline: FittedPipeline,
    names: Sequence[str],
    place: Path,
    group: Group,
) -> Iterator[_Made]:
    target = data.task.target
    schema = drawing.config.apply(drawing.dataset.schema).with_target(target)
    for block, seen in drawing.seen(plan, [group], names):
        marks = seen.marks.copy()
        marks[seen.marks] = seen.is_free
        cells = changed_cells(block.cells(marks), drawing.dataset, drawing.config)
        bare = Dataset(frame=cells, schema=schema, name="", fingerprint="")
        y, own = encode_target(bare, data.task), weights_of(bare)
        usable = y.astype(np.int64) >= 0 if data.task.classes else np.isfinite(y.astype(np.float64))
        usable &= True if own is None else own > 0
        if not usable.any():
            continue
        path = place / f"{block.first}-{os.getpid()}.npy"
        np.save(path, transform(pipeline, cells[usable].reset_index(drop=True)).values)
        weight = np.ones(len(y)) if own is None else own
        yield _Made(path=path, y=y[usable], weight=weight[usable], level=seen.level[seen.is_free][usable])


def _blocks(
    data: TrainingData, sample: Matrix, made: Sequence[_Made], drawn: Drawn, plan: Plan, share: float, like: FittedModel
) -> Blocks:
    """Put the sample and the other rows together, each with the weight that makes up for its chance to be here."""
    chance = np.asarray(plan.chance)
    stands_for = 1 / (chance + share - chance * share)
    places = np.asarray(data.train.places)
    own = np.ones(len(places)) if data.train.weight is None else data.weight_unit * np.asarray(data.train.weight)
    own = own if drawn.weight is None else own / drawn.weight[places]
    weight = np.concatenate(
        [own * stands_for[drawn.level[places]], *(one.weight * stands_for[one.level] for one in made)]
    )
    y = np.concatenate([np.asarray(data.train.y), *(one.y for one in made)])
    if not data.task.classes:
        values = (y.astype(np.float64) - data.target_scale.centre) / data.target_scale.scale
        y = values if like.target is None else like.target.forward(values)
    elif like.offset:
        weight *= np.exp(like.offset if len(like.offset) > 1 else (0.0, *like.offset))[y.astype(np.int64)]
    weight /= weight.mean()
    return Blocks(
        first=sample,
        paths=tuple(one.path for one in made),
        y=y,
        weight=None if np.allclose(weight, 1.0) else weight,
    )
