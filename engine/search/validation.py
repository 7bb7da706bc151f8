"""How candidates are compared: on which rows, how often; chosen by the table unless the person decides."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.messages import Message, phrase

REPEATED_BELOW_ROWS = 1_000
FIVE_FOLDS_BELOW_ROWS = 12_000
THREE_FOLDS_BELOW_ROWS = 60_000
LARGEST_VALIDATION_ROWS = 20_000
FEWEST_OF_AN_ANSWER = 10  # rows of the rarer of two answers that compare candidates; of fewer a score says nothing
SINGLE_SHARE = 0.1
FORWARD_FOLDS = 4
MOST_FOLDS, MOST_REPEATS = 20, 10
# A quick boosted fit takes about a second for this many cells and outputs. Folds that would take more than this share
# of the budget for one such candidate are too many: too few candidates could be compared.
CELLS_PER_SECOND = 1e6
LARGEST_SHARE = 0.1

REPEATED = phrase(
    "validation_repeated",
    "Candidates are compared on {n_folds} folds of the rows, drawn {n_repeats} times: with few rows one draw is luck.",
)
FOLDS = phrase(
    "validation_folds",
    "Candidates are compared on {n_folds} folds: each row is predicted by a model that has not seen it.",
)
FEWER_FOLDS = phrase(
    "validation_fewer_folds",
    "Candidates are compared on {n_folds} folds, because more would take too much of the time.",
)
SINGLE = phrase("validation_single", "Candidates are compared on {n_rows} of the rows that no model learns from.")
FORWARD = phrase(
    "validation_forward",
    "Candidates are compared on rows that are later than all those they learnt from, {n_folds} times, because the "
    "column {column} puts the rows in order.",
)
CHOSEN = phrase("validation_chosen", "Candidates are compared on {n_folds} folds, as you chose.")
CHOSEN_REPEATED = phrase(
    "validation_chosen_repeated", "Candidates are compared on {n_folds} folds, drawn {n_repeats} times, as you chose."
)
CHOSEN_SINGLE = phrase(
    "validation_chosen_single",
    "Candidates are compared on {n_rows} of the rows that no model learns from, as you chose.",
)
CHOSEN_FORWARD = phrase(
    "validation_chosen_forward",
    "Candidates are compared, as you chose, on rows that are later than all those they learnt from.",
)
CHOSEN_FORWARD_GAP = phrase(
    "validation_chosen_forward_gap",
    "Candidates are compared, as you chose, on rows that are later than all those they learnt from; {gap} rows in "
    "between are left out.",
)
BAD_SCHEME = phrase("validation_scheme_unknown", "There is no validation called {scheme}.", "Choose one of: {choices}.")
BAD_FOLDS = phrase("validation_bad_folds", "The number of folds is {n}.", "Give a whole number from 2 to {most}.")
BAD_REPEATS = phrase("validation_bad_repeats", "The number of repeats is {n}.", "Give a whole number from 1 to {most}.")
BAD_GAP = phrase("validation_bad_gap", "The gap is {n} rows.", "Give 0 or more.")
NO_ORDER = phrase(
    "validation_no_order",
    "Rows can only be compared forward in time when a column says in which order they are.",
    "Give the column with the date the role time, or choose another validation.",
)


class Scheme(StrEnum):
    """The ways of dividing rows."""

    SINGLE = "single"
    FOLDS = "folds"
    FORWARD = "forward"


@dataclass(frozen=True, kw_only=True)
class ValidationSettings:
    """How the training rows are divided to compare candidates.

    `scheme`: one of `Scheme`; None chooses by rows and roles. `n_folds`, `n_repeats`: None chooses.
    `gap_rows`: with "forward", rows in time order between those trained on and those validated on that are left out.
    """

    scheme: str | None = None
    n_folds: int | None = None
    n_repeats: int | None = None
    gap_rows: int = 0

    def problems(self) -> Iterator[Message]:
        """Tell what is wrong with these settings, whatever the table."""
        if self.scheme is not None and self.scheme not in list(Scheme):
            yield BAD_SCHEME(scheme=self.scheme, choices=", ".join(Scheme))
        if self.n_folds is not None and not 2 <= self.n_folds <= MOST_FOLDS:
            yield BAD_FOLDS(n=self.n_folds, most=MOST_FOLDS)
        if self.n_repeats is not None and not 1 <= self.n_repeats <= MOST_REPEATS:
            yield BAD_REPEATS(n=self.n_repeats, most=MOST_REPEATS)
        if self.gap_rows < 0:
            yield BAD_GAP(n=self.gap_rows)


@dataclass(frozen=True, kw_only=True)
class ValidationPlan:
    """The settled way of comparing candidates, and why. `n_folds` of "forward": how often it is validated."""

    scheme: Scheme
    n_folds: int
    n_repeats: int
    gap_rows: int
    reason: Message


def plan_validation(
    settings: ValidationSettings,
    *,
    n_rows: int,
    n_cells: int,
    seconds: float,
    time_column: str | None,
    n_rarer: int | None = None,
) -> ValidationPlan:
    """Settle how the rows are divided.

    `n_cells`: rows times columns times outputs. `seconds`: the budget. `time_column`: the one that orders the rows.
    `n_rarer`: rows that have the rarer of two answers; None where that is not known, or there are not two.

    >>> plan_validation(ValidationSettings(), n_rows=5_000, n_cells=50_000, seconds=60, time_column=None).n_folds
    5
    """
    scheme = Scheme(settings.scheme) if settings.scheme else _scheme(n_rows, time_column, n_rarer)
    usual = _usual_folds(scheme, n_rows)
    affordable = usual if scheme is Scheme.SINGLE else _affordable(usual, n_cells, seconds)
    n_folds = 1 if scheme is Scheme.SINGLE else settings.n_folds or affordable
    repeated = scheme is Scheme.FOLDS and n_rows < REPEATED_BELOW_ROWS and n_folds == usual and settings.n_folds is None
    n_repeats = 1 if scheme is not Scheme.FOLDS else settings.n_repeats or (2 if repeated else 1)
    return ValidationPlan(
        scheme=scheme,
        n_folds=n_folds,
        n_repeats=n_repeats,
        gap_rows=settings.gap_rows if scheme is Scheme.FORWARD else 0,
        reason=_reason(settings, scheme, n_folds, n_repeats, usual, n_rows, time_column),
    )


def as_divided(plan: ValidationPlan, *, n_turns: int, n_folds: int, n_validated: int) -> ValidationPlan:
    """Return the plan with the figures of the division that was made by it.

    Times can allow fewer turns forward, and groups fewer folds and drawings, or another number of rows of a single
    division, than were planned. `n_turns`: forward, or drawings of `n_folds` each.
    """
    if plan.scheme is Scheme.FOLDS and (n_folds, n_turns) != (plan.n_folds, plan.n_repeats):
        reason = REPEATED(n_folds=n_folds, n_repeats=n_turns) if n_turns > 1 else FOLDS(n_folds=n_folds)
        return replace(plan, n_folds=n_folds, n_repeats=n_turns, reason=reason)
    if plan.scheme is Scheme.FORWARD and n_turns < plan.n_folds:
        reason = replace(plan.reason, parameters={**plan.reason.parameters, "n_folds": n_turns})
        return replace(plan, n_folds=n_turns, reason=reason)
    if plan.reason.code not in {SINGLE.code, CHOSEN_SINGLE.code}:
        return plan
    return replace(plan, reason=replace(plan.reason, parameters={"n_rows": n_validated}))


def with_fewer_folds(plan: ValidationPlan, most: int) -> ValidationPlan:
    """Return a plan with so many folds at most, drawn once; other ways of dividing rows stay as they are."""
    if plan.scheme is not Scheme.FOLDS or most >= plan.n_folds * plan.n_repeats:
        return plan
    n_folds = min(most, plan.n_folds)
    return replace(plan, n_folds=n_folds, n_repeats=1, reason=FEWER_FOLDS(n_folds=n_folds))


def single_rows(n_rows: int) -> int:
    """Return how many rows a single validation takes: a tenth, 20,000 at most.

    >>> single_rows(100_000), single_rows(1_000_000)
    (10000, 20000)
    """
    return min(round(SINGLE_SHARE * n_rows), LARGEST_VALIDATION_ROWS)


def _scheme(n_rows: int, time_column: str | None, n_rarer: int | None) -> Scheme:
    if time_column is not None:
        return Scheme.FORWARD
    too_rare = n_rarer is not None and n_rarer * single_rows(n_rows) < FEWEST_OF_AN_ANSWER * n_rows
    return Scheme.FOLDS if n_rows < THREE_FOLDS_BELOW_ROWS or too_rare else Scheme.SINGLE


def _usual_folds(scheme: Scheme, n_rows: int) -> int:
    if scheme is Scheme.SINGLE:
        return 1
    if scheme is Scheme.FORWARD:
        return FORWARD_FOLDS if n_rows < THREE_FOLDS_BELOW_ROWS else 1
    return 5 if n_rows < FIVE_FOLDS_BELOW_ROWS else 3


def _affordable(usual: int, n_cells: int, seconds: float) -> int:
    """Return fewer folds where the usual ones would take too long; three at least, or the usual two."""
    most = int(LARGEST_SHARE * seconds * CELLS_PER_SECOND / max(n_cells, 1))
    return max(min(usual, 3), min(usual, most))


def _chosen(settings: ValidationSettings, scheme: Scheme, n_folds: int, n_repeats: int, n_rows: int) -> Message:
    if scheme is Scheme.FORWARD:
        return CHOSEN_FORWARD_GAP(gap=settings.gap_rows) if settings.gap_rows else CHOSEN_FORWARD()
    if scheme is Scheme.SINGLE:
        return CHOSEN_SINGLE(n_rows=single_rows(n_rows))
    return CHOSEN(n_folds=n_folds) if n_repeats == 1 else CHOSEN_REPEATED(n_folds=n_folds, n_repeats=n_repeats)


def _reason(
    settings: ValidationSettings,
    scheme: Scheme,
    n_folds: int,
    n_repeats: int,
    usual: int,
    n_rows: int,
    time_column: str | None,
) -> Message:
    if settings.scheme is not None or settings.n_folds is not None or settings.n_repeats is not None:
        return _chosen(settings, scheme, n_folds, n_repeats, n_rows)
    if scheme is Scheme.FORWARD:
        return FORWARD(n_folds=n_folds, column=time_column or "")
    if scheme is Scheme.SINGLE:
        return SINGLE(n_rows=single_rows(n_rows))
    if n_folds < usual:
        return FEWER_FOLDS(n_folds=n_folds)
    return REPEATED(n_folds=n_folds, n_repeats=n_repeats) if n_repeats > 1 else FOLDS(n_folds=n_folds)
