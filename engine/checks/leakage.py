"""Checks whether columns give the answer away, which usually means that they are written down afterwards.

The limits of a single column are those that DataRobot uses. What is above the upper one, with the whole interval, is
left out until the person says that it is known in time.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.checks.cells import Codes, Floats, level_codes, ordered_values
from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity
from engine.checks.disguised import odd_dates
from engine.checks.equations import find_equation
from engine.checks.known import is_confirmed, known_as, until_confirmed, when_known
from engine.checks.power import Answers, Power, bins_of, power_meter
from engine.messages import Message, listed, phrase
from engine.registry import Skip
from engine.table.schema import Cells, ColumnSchema, Kind, Known

LEAKS = phrase(
    "leak",
    "{column} alone predicts the target almost perfectly ({power} of 1). It is left out until you say when it is "
    "known.",
    "Say whether its value is known at the moment of predicting.",
    "It stays left out. Should it be known in time, the model is worse than it could be.",
)
MAY_LEAK = phrase(
    "may_leak",
    "Alone these columns predict the target very well: {columns}.",
    "Say whether their values are known at the moment of predicting.",
    "What is known only afterwards makes the score too good, and the model fails when it is used.",
)
COMPUTED = phrase(
    "leak_equation",
    "{target} is computed from other columns: {target} = {equation}. They are left out until you say when they are "
    "known.",
    "Say whether their values are known at the moment of predicting.",
    "They stay left out. Should they be known in time, no model is needed: compute it.",
)
FORMULA = phrase(
    "leak_formula",
    "{target} can be computed from other columns: {target} = {equation}, but for a constant.",
    "Say whether their values are known at the moment of predicting.",
    "If they are known only afterwards, the score is far too good; if they are known in time, no model is needed.",
)
RANGES = phrase(
    "leak_ranges",
    "{column} is made from the target: each of its {n} values stands for one range of {target}. It is left out until "
    "you say when it is known.",
    "Say whether its value is known at the moment of predicting.",
    "It stays left out. Should it be known in time, the model is worse than it could be.",
)
DECIDED = phrase(
    "leak_difference",
    "The difference of {column} and {other} tells the target almost without error ({power} of 1). Both are left out "
    "until you say when they are known.",
    "Say whether their values are known at the moment of predicting.",
    "They stay left out. Should they be known in time, the model is worse than it could be.",
)
PARTLY = phrase(
    "leak_with_known",
    "Together with {known}, known in time as you said, these give the answer away: {columns}. Left out until you say "
    "when they are known.",
    "Say whether their values are known at the moment of predicting.",
    "They stay left out. Should they be known in time, no model is needed.",
)
ONLY_LEAKS = phrase(
    "leak_only",
    "There is nothing to predict from but columns that give the answer away: {columns}. They are used all the same.",
    "Say whether their values are known at the moment of predicting, and add columns that are.",
    "If they are known only afterwards, the score is far too good and the model is of no use.",
)
CONFIRMED = phrase(
    "leak_confirmed",
    "{columns} predict the target almost perfectly and are used, because you said that they are known in time.",
    "",
    "If that is a mistake, the score is far too good and the model fails when it is used.",
)
POWER = phrase(
    "evidence_power",
    "{column} alone: {value} (95 % interval {low} to {high}; 0 is guessing, 1 is perfect), measured on {n} rows, each "
    "fifth predicted from the others.",
)
SAME_ORDER = phrase(
    "evidence_same_order", "Sorted by {column}, the rows stand in the order of the target: one is the other rewritten."
)
BY_WORDS = phrase("evidence_by_words", "In {column} these words tell it, the first that a text has: {words}.")
EXPLAINS = phrase("evidence_equation", "The equation explains {share} % of the differences in {target}.")

ASK, LEAVE_OUT = 0.85, 0.975
_CERTAIN = 0.999
_SELDOM = 0.02
_MOST_COLUMNS = 300
_MOST_EQUATIONS = 3
_MOST_COMPARED = 12
_MOST_RANGES = 50
_ROWS_PER_RANGE = 10
_MISPLACED = 0.002
_MISPLACED_OF_ONE = 0.05
_MOST_SHARED = 0.5  # of the rows of a code


def _look(case: Case) -> tuple[Finding, ...] | Skip:
    answers = case.answers
    if answers is None:
        return Skip(NO_TARGET())
    found: list[Finding] = []
    if answers.regression:
        found += _equations(case, answers)
        found += _ranges(case, answers)
    else:
        found += _differences(case, answers)
    told = {name for finding in found for name in finding.columns}
    found += _single(case, answers, told)
    return _keeping_some(case, tuple(found))


def _keeping_some(case: Case, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings, but leave nothing out by itself where nothing else would be left to predict from."""
    unsettled = [name for finding in found if finding.automatic for name in finding.remedies[0].columns]
    if not unsettled or {column.name for column in case.features} - set(unsettled):
        return found
    kept = Finding(
        severity=Severity.PLEASE_LOOK,
        message=ONLY_LEAKS(columns=listed(unsettled)),
        columns=tuple(unsettled),
        evidence=tuple(message for finding in found if finding.automatic for message in finding.evidence),
        remedies=when_known(unsettled)[: len(Known)],
    )
    return (kept, *(finding for finding in found if not finding.automatic))


def _single(case: Case, answers: Answers, told: set[str]) -> Iterator[Finding]:
    strong = {name: power for name, power in case.powers.items() if power.value >= ASK and name not in told}
    asked = []
    for name, power in strong.items():
        if _is_moment(case, name):
            continue
        if power.low < LEAVE_OUT or power.several:
            if not is_confirmed(case, name):
                asked.append(name)
            continue
        message = LEAKS(column=name, power=_figure(power.value))
        yield _left_out(case, message, [name], _evidence({name: power}, answers))
    if asked:
        asked.sort(key=lambda name: -strong[name].value)
        powers = {name: strong[name] for name in asked}
        named = listed([f"{name} ({_figure(power.value)} of 1)" for name, power in powers.items()])
        yield Finding(
            severity=Severity.PLEASE_LOOK,
            message=MAY_LEAK(columns=named),
            columns=tuple(asked),
            evidence=_evidence(powers, answers),
            remedies=when_known(asked),
        )


def _is_moment(case: Case, name: str) -> bool:
    """Whether a column says when a row came about, in every row: along time things change, which is no leak."""
    column = case.dataset.schema[name]
    if column.kind is not Kind.DATE:
        return False
    levels = case.sample.levels(name)
    none = int(levels[odd_dates(levels, column)].sum()) / len(case.sample.rows)  # such as 9999-12-31: it says when, not
    return column.n_missing / case.dataset.n_rows + none <= _SELDOM


def _equations(case: Case, answers: Answers) -> Iterator[Finding]:
    """Find sums, differences, products and ratios of columns that are the target."""
    target = case.task.target if case.task else ""
    alone = {name for name, power in case.powers.items() if power.low >= _CERTAIN}
    ranked = sorted(case.powers, key=lambda name: -case.powers[name].value)
    names = [name for name in ranked if name not in alone and _is_number(case.dataset.schema[name])][:_MOST_COLUMNS]
    values = {name: _values(case, name, answers) for name in names}
    for _attempt in range(_MOST_EQUATIONS):
        if len(values) < 2:
            return
        equation = find_equation(list(values), np.column_stack(list(values.values())), answers.shown[:, 0])
        if equation is None:
            return
        values = {name: each for name, each in values.items() if name not in equation.names}
        exact = EXPLAINS(share=round(100 * equation.explained, 2), target=target)
        powers = {name: case.powers[name] for name in equation.names}
        evidence = (exact, *_evidence(powers, answers))
        if equation.account:
            yield _left_out(case, COMPUTED(target=target, equation=equation.text), equation.names, evidence)
        elif not all(is_confirmed(case, name) for name in equation.names):
            yield Finding(
                severity=Severity.PLEASE_LOOK,
                message=FORMULA(target=target, equation=equation.text),
                columns=equation.names,
                evidence=evidence,
                remedies=when_known(equation.names),
            )


def _ranges(case: Case, answers: Answers) -> Iterator[Finding]:
    """Find columns of few values, each of which stands for a range of the target."""
    target = case.task.target if case.task else ""
    for name, power in case.powers.items():
        if power.low >= LEAVE_OUT or case.dataset.schema[name].n_distinct > _MOST_RANGES:
            continue
        cells = case.dataset.frame[name].iloc[answers.rows]
        known = cells.notna().to_numpy()
        n = _n_ranges(level_codes(cells[known]), answers.shown[known, 0])
        if n:
            message = RANGES(column=name, n=n, target=target)
            yield _left_out(case, message, [name], _evidence({name: power}, answers))


def _n_ranges(codes: Codes, answers: Floats) -> int:
    """Return how many ranges of the answers the codes stand for; 0 when some codes share a range, or one is a point.

    Codes of few rows only have to stand in their places; the others have to be at least two.

    >>> _n_ranges(np.repeat([2, 0, 1], 20), np.arange(60.0)), _n_ranges(np.tile([0, 1], 30), np.arange(60.0))
    (3, 0)
    """
    counts = np.bincount(codes) if len(codes) else np.zeros(0, np.int64)
    full = counts >= _ROWS_PER_RANGE
    if full.sum() < 2:
        return 0
    means = np.bincount(codes, weights=answers) / counts
    places = np.argsort(np.argsort(means, kind="stable"), kind="stable")[codes]
    by_answer = places[np.lexsort((places, answers))]
    expected = np.sort(places)
    misplaced = by_answer != expected
    # Among many rows of one code a few others are soon lost: each code is asked by itself, too.
    of_each = np.bincount(expected, weights=misplaced)[np.argsort(np.argsort(means, kind="stable"), kind="stable")]
    points = np.bincount(codes, weights=answers**2) / counts <= means**2 * (1 + 1e-9)
    # Of an answer that two codes have, such as 0 in most rows, none of them makes a range; at a limit it may come once.
    answer = np.unique(answers, return_inverse=True)[1]
    pairs = np.unique(np.column_stack([answer, codes]), axis=0)
    shared = np.bincount(pairs[:, 0])[answer] > 1
    apart = np.bincount(codes, weights=shared) <= _MOST_SHARED * counts
    sound = apart[full].all() and misplaced.mean() <= _MISPLACED and (of_each <= _MISPLACED_OF_ONE * counts)[full].all()
    return len(counts) if sound and not points[full].any() else 0


def _differences(case: Case, answers: Answers) -> Iterator[Finding]:
    """Find two numbers whose difference decides the class, such as the goals of both sides."""
    ranked = sorted(case.powers, key=lambda name: -case.powers[name].value)
    numbers = [name for name in ranked if _is_number(case.dataset.schema[name])]
    names = [name for name in numbers if 0.05 < case.powers[name].value < LEAVE_OUT][:_MOST_COMPARED]
    values = {name: _values(case, name, answers) for name in names}
    measure = power_meter(answers)
    told: set[str] = set()
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            if told & {name, other}:
                continue
            power = measure(bins_of(values[name] - values[other]))
            if power.low < _CERTAIN:
                continue
            told |= {name, other}
            message = DECIDED(column=name, other=other, power=_figure(power.value))
            powers = {each: case.powers[each] for each in (name, other)}
            yield _left_out(case, message, [name, other], _evidence(powers, answers))


def _left_out(case: Case, message: Message, names: Sequence[str], evidence: tuple[Message, ...]) -> Finding:
    """Return the finding about columns that are left out, as far as the person has not said that they are known."""
    unsettled = [name for name in names if not is_confirmed(case, name)]
    if not unsettled:
        return Finding(
            severity=Severity.HANDLED,
            message=CONFIRMED(columns=listed(names)),
            columns=tuple(names),
            evidence=evidence,
            remedies=(known_as(names, Known.AFTER),),
        )
    if len(unsettled) < len(names):
        known = [name for name in names if name not in unsettled]
        message = PARTLY(known=listed(known), columns=listed(unsettled))
    return Finding(
        severity=Severity.PLEASE_LOOK,
        message=message,
        columns=tuple(names),
        evidence=evidence,
        remedies=until_confirmed(unsettled),
        automatic=True,
    )


def _evidence(powers: Mapping[str, Power], answers: Answers) -> tuple[Message, ...]:
    said = []
    for name, power in powers.items():
        low, value, high = (_figure(each) for each in (power.low, power.value, power.high))
        said.append(POWER(column=name, value=value, low=low, high=high, n=len(answers.rows)))
        if power.same_order:
            said.append(SAME_ORDER(column=name))
        if power.words:
            said.append(BY_WORDS(column=name, words=listed([f"“{word}”" for word in power.words])))
    return tuple(said)


def _values(case: Case, name: str, answers: Answers) -> Floats:
    column = case.dataset.schema[name]
    values = ordered_values(case.dataset.frame[name].iloc[answers.rows], column)
    return np.full(len(answers.rows), np.nan) if values is None else values


def _is_number(column: ColumnSchema) -> bool:
    return column.cells is Cells.NUMBER or column.kind.is_number


def _figure(power: float) -> str:
    """Write a power so that only a perfect one reads as 1.

    >>> _figure(0.99996), _figure(1.0)
    ('0.999', '1.000')
    """
    return f"{power:.3f}" if power == 1 else f"{min(power, 0.999):.3f}"


LEAKAGE = Check(key="leakage", title="Columns that give the answer away", look=_look, leaves_out=True)
