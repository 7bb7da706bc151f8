"""Chooses which candidates predict together, and with which weights, by their out-of-fold scores.

Greedy selection with replacement: Caruana et al. 2004, "Ensemble selection from libraries of models".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.blend.calibration import calibration
from engine.blend.losses import Next, Positions, next_losses, score_loss
from engine.search.even_parts import even_parts, shuffled_by_class
from engine.tasks.metric import Metric
from engine.tasks.task import Task

Floats = NDArray[np.float64]

MOST_MEMBERS = 5
MOST_STEPS = 25
PATIENCE = 8  # steps without gain before giving up: later prefixes hardly ever win, and each step costs as much
SMALLEST_WEIGHT = 0.05
MOST_ROWS = 10_000  # more rows make the choice slower, hardly better
MOST_SCORES, FEWEST_ROWS = 40_000_000, 2_000  # of all candidates: of many classes fewer rows are looked at
FEW_ROWS = 1_000  # below, the weights fit the noise: fewer members, nearer to equal weights
MOST_MEMBERS_OF_FEW_ROWS = 3
ALIKE = 0.0005  # of the variance: two candidates that differ by less bring each other nothing
MOST_TRIES = 3  # with ever lighter candidates, where heavy ones leave no room for others
LIGHTER = 0.5


@dataclass(frozen=True, kw_only=True)
class Blend:
    """One weight per candidate, in their order; most are 0, all add up to 1."""

    weights: tuple[float, ...]


def choose_blend(
    raw: Sequence[Floats],
    y: NDArray[np.generic],
    task: Task,
    metric: Metric,
    weight: Floats | None = None,
    *,
    rows: Positions | None = None,
    max_members: int = MOST_MEMBERS,
    loads: Sequence[float] | None = None,
    seed: int,
) -> Blend:
    """Choose weights for candidates by their link-scale scores [N, n_outputs] on rows they were not fitted on.

    For a regression `y` and `raw` are on the same scale. On the rows looked at (a sample above 10,000) the blend is
    never worse than the best candidate that fits. The seed decides only which rows are in the sample. `rows`: those to
    choose by; None: all. `loads`: what each takes of the room that there is for all, of which the members together take
    no more than 1. Where none fits, the smallest counts as fitting.
    """
    rows = np.arange(len(y)) if rows is None else rows
    n_outputs = raw[0].size // len(raw[0])
    most_rows = max(FEWEST_ROWS, min(MOST_ROWS, MOST_SCORES // (len(raw) * n_outputs)))
    if len(rows) > most_rows:
        rows = rows[_sample(y[rows], task, most_rows, np.random.default_rng(seed))]
    y, weight = y[rows], None if weight is None else weight[rows]
    taken = np.zeros(len(raw)) if loads is None else np.asarray(loads) / max(1.0, min(loads))
    fitting = np.flatnonzero(taken <= 1.0)
    stack = np.stack([raw[int(each)][rows].reshape(len(y), -1) for each in fitting])
    loss = score_loss(y, task, metric, weight)
    alone = np.array([loss(scores) for scores in stack])
    alike = _alike(stack)
    most = min(max_members, MOST_MEMBERS_OF_FEW_ROWS) if len(y) < FEW_ROWS else max_members

    def chosen(among: Positions) -> Floats:
        different = _different(among[np.argsort(alone[among], kind="stable")], alike)
        counts = np.zeros(len(stack))
        after = next_losses(stack[different], y, task, metric, weight)
        counts[different] = _greedy(after, taken[fitting][different], most)
        weights = _shrink(_tidy(counts), len(y))
        if loss(np.tensordot(weights, stack, axes=1)) <= alone[among].min():
            return weights
        return np.asarray(np.eye(len(stack))[among[int(alone[among].argmin())]])

    found = _with_ever_lighter(chosen, taken[fitting], most)
    best = min(found, key=lambda weights: loss(np.tensordot(weights, stack, axes=1)))
    shares = np.zeros(len(raw))
    shares[fitting] = best
    return Blend(weights=tuple(float(share) for share in shares))


@dataclass(frozen=True, kw_only=True)
class NestedScores:
    """Link-scale scores [N, n_outputs] in which no row had a say in its own. `calibrated`: as the file's are."""

    blended: Floats
    calibrated: Floats


def nested_scores(
    raw: Sequence[Floats],
    y: NDArray[np.generic],
    task: Task,
    metric: Metric,
    weight: Floats | None = None,
    groups: NDArray[np.generic] | None = None,
    *,
    loads: Sequence[float] | None = None,
    given: Sequence[float] | None = None,
    seed: int,
) -> NestedScores:
    """Return blended scores; no row had a say in the weights or calibration it is given.

    The rows are divided into parts, those of one group together; each part is blended with the weights, and calibrated
    as the others say. Their metric is an honest score of choosing, unlike the score of the chosen blend on the rows
    that chose it. `given`: weights that other rows chose before; None: they are chosen here.
    """
    n_parts = 4 if len(y) < MOST_ROWS / 2 else 2  # where rows are few, each part leaves more of them to choose by
    part = even_parts(y, task, n_parts, np.random.default_rng(seed), groups)
    scores = [each.reshape(len(y), -1) for each in raw]
    blended: Floats = np.empty_like(scores[0], dtype=np.float64)
    calibrated = np.empty_like(blended)
    for number in np.unique(part):
        rest, held = np.flatnonzero(part != number), np.flatnonzero(part == number)
        others = None if weight is None else weight[rest]
        weights = given
        if weights is None:
            weights = choose_blend(scores, y, task, metric, weight, rows=rest, loads=loads, seed=seed).weights
        total = np.asarray(sum(share * each for share, each in zip(weights, scores, strict=True) if share))
        blended[held] = total[held]
        calibrated[held] = calibration(total[rest], y[rest], task, others, n_rows=len(y)).calibrated(total[held])
    return NestedScores(blended=blended, calibrated=calibrated)


def _alike(stack: Floats) -> NDArray[np.bool_]:
    """Say of each two candidates [M, M] whether they say nearly the same.

    >>> first, other = np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [0.0]])
    >>> _alike(np.stack([first, first + 1e-6, other]))[0]
    array([ True,  True, False])
    """
    flat = stack.reshape(len(stack), -1)
    squares = flat @ flat.T
    own = np.diag(squares)
    distances = own[:, None] + own[None, :] - 2 * squares
    return np.asarray(distances <= ALIKE * float(np.median(flat.var(axis=1))) * flat.shape[1])


def _different(ranked: Positions, alike: NDArray[np.bool_]) -> Positions:
    """Return the candidates, the best first, without those that say nearly the same as a better one.

    >>> _different(np.array([2, 1, 0]), np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=bool))
    array([2, 1])
    """
    kept: list[int] = []
    for each in ranked:
        if not alike[each, kept].any():
            kept.append(int(each))
    return np.array(kept)


def _with_ever_lighter(chosen: Callable[[Positions], Floats], loads: Floats, most_members: int) -> list[Floats]:
    """Return blends, the first chosen among all, the further ones among lighter candidates only.

    The best candidate comes first into a greedy blend. One that takes nearly all of the room keeps out all others,
    which together may be better: so where a member keeps others out, it is done without as heavy ones too.
    """
    found: list[Floats] = []
    among = np.arange(len(loads))
    while len(among) and len(found) < MOST_TRIES:
        weights = chosen(among)
        found.append(weights)
        members = weights > 0
        room = 1.0 - loads[members].sum()
        if members.sum() >= most_members or not (loads[among][~members[among]] > room).any():
            break
        among = among[loads[among] <= LIGHTER * loads[members].max()]
    return found


def _greedy(losses_after: Next, loads: Floats, max_members: int) -> Floats:
    """Add the candidate that helps most, again and again; return how often each was added in the best prefix.

    Among those that are not members yet only such are added as fit beside the members.
    """
    counts = np.zeros(len(loads))
    best_counts, best_loss, best_step = counts, float("inf"), 0
    for step in range(1, MOST_STEPS + 1):
        members = counts > 0
        room = 1.0 - loads[members].sum() if members.sum() < max_members else -1.0
        allowed = np.flatnonzero(members | (loads <= room))
        losses = losses_after(counts, allowed)
        counts[allowed[int(np.argmin(losses))]] += 1
        if losses.min() < best_loss or step == 1:
            best_counts, best_loss, best_step = counts.copy(), float(losses.min()), step
        if step - best_step >= PATIENCE:
            break
    return best_counts


def _tidy(counts: Floats) -> Floats:
    """Turn counts into weights; members that hardly count are left out, for a smaller and faster file.

    >>> _tidy(np.array([24.0, 1.0, 0.0]))
    array([1., 0., 0.])
    """
    weights = counts / counts.sum()
    weights[weights < SMALLEST_WEIGHT] = 0.0
    return np.asarray(weights / weights.sum())


def _shrink(weights: Floats, n_rows: int) -> Floats:
    """Draw the weights of the members towards equal weights, the more the fewer rows there are."""
    trust = min(n_rows / FEW_ROWS, 1.0)
    members = weights > 0
    return np.asarray(trust * weights + (1 - trust) * members / members.sum())


def _sample(y: NDArray[np.generic], task: Task, n_rows: int, random: np.random.Generator) -> Positions:
    """Return the positions of so many rows; classes keep their shares."""
    order = shuffled_by_class(y, task, random)
    return np.sort(order[np.linspace(0, len(y) - 1, n_rows).astype(np.int64)])
