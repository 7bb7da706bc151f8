"""Checks for columns that may be filled in after the outcome: by their names, and by which cells are filled."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.checks.cells import cell_text, level_codes, words_of
from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity
from engine.checks.known import is_confirmed, when_known
from engine.checks.leakage import ASK
from engine.checks.power import Answers, Power
from engine.messages import Message, listed, phrase
from engine.registry import Skip
from engine.table.schema import ColumnSchema, Kind

LATER_NAMES = phrase(
    "known_later_names",
    "These columns sound as if they were known only after the outcome: {columns}.",
    "Say whether their values are known at the moment of predicting.",
    "What is known only afterwards makes the score too good, and the model fails when it is used.",
)
FILLED_FOR_ONE = phrase(
    "known_later_filled",
    "{column} is filled almost only in rows where {target} is {value}: it may be written down after the outcome.",
    "Say whether its value, or that there is none, is known at the moment of predicting.",
    "A model would learn to look whether the cell is filled; the score would be too good.",
)
EMPTY_FOR_ONE = phrase(
    "known_later_empty",
    "{column} is empty almost only in rows where {target} is {value}: it may be written down after the outcome.",
    "Say whether its value, or that there is none, is known at the moment of predicting.",
    "A model would learn to look whether the cell is empty; the score would be too good.",
)
SETTLES = phrase(
    "known_later_settles",
    "Where {column} is {value}, {target} is always {number}, and nowhere else.",
    "Say whether its value is known at the moment of predicting, or leave those rows out: there is nothing to predict.",
    "If it is known only afterwards, the score is too good.",
)
SETTLES_CLASS = phrase(
    "known_later_class",
    "Where {column} is {value}, {target} is {answer} (almost) without exception: it may be written down after the "
    "outcome.",
    "Say whether its value is known at the moment of predicting.",
    "If it is known only afterwards, the score is too good.",
)
NAMED_LATER = phrase("evidence_named_later", "{column}: the name says {word}; alone it has a power of {power} of 1.")
NAMED_WORDS = phrase("evidence_named_words", "{column}: the name says {word}.")
SHARE_FILLED = phrase(
    "evidence_share_filled",
    "{share} % of the {n} rows where {column} is filled have {target} = {value}; of all rows, {usual} %.",
)
SHARE_EMPTY = phrase(
    "evidence_share_empty",
    "{share} % of the {n} rows where {column} is empty have {target} = {value}; of all rows, {usual} %.",
)
ROWS_SETTLED = phrase("evidence_rows_settled", "{n} rows.")
CLASS_SETTLED = phrase(
    "evidence_class_settled",
    "{share} % of these {n} rows have {target} = {answer}; of all rows, {usual} %. They are {covered} % of the rows "
    "with {answer}.",
)

# Words that are said of what has come to an end; a column so called is asked about when it tells anything at all.
_SURELY = re.compile(
    r"(?:^|_)(?:final|finally|outcome|closed|closing|closure|close_(?:date|time|at|code|reason)|resolved|refund(?:ed)?"
    r"|resolution_(?:date|time|at|code|note|notes|text)|cancell?(?:ed|ation)?|cancel_(?:date|time|at|reason)"
    r"|discharge_(?:date|time|at|code|status|type|disposition)|discharged|settled|settlement_(?:date|amount)"
    r"|terminat(?:ed|ion)|exit_(?:date|reason|interview)|end_(?:date|time|at|reason)|ended|completed_(?:at|on|date)"
    r"|completion_(?:date|time)|delivered_(?:at|on|date)|returned|recover(?:y|ies|ed)|deceased|autopsy|death_(?:date|day)"
    r"|date_of_death|days_to|time_to|days_until|time_until|elapsed|follow_?up|charge_?off|post_(?:op|event|outcome)"
    r"|after_(?:the_)?event|verdict|winner|storno|storniert|entlassung\w*|endstand|ergebnis|resultado|r[ée]sultat)(?:_|$)"
    r"|_end$|^end_|_(?:actual|actuals)$|^actual_"
    r"|结果|最终|出院|结束|关闭|取消|退款|完成|结算|赔付|死亡|离职|还款|成交|终止|结案|签收"
)
# Words that are said of much else too: asked about only when the column tells much.
_PERHAPS = re.compile(
    r"(?:^|_)(?:duration|dauer|dur[ée]e|duraci[óo]n|result|results|paid|payed|delivered|completed|discharge|close|repaid"
    r"|total_(?:paid|payment|payments|amount|cost|costs|price|charge|charges|revenue|sales|due|bill|spent|spend|minutes"
    r"|hours|days|calls|visits|rec|pymnt)|grand_total|sum_total|end)(?:_|$)|^total$|_total$"
    r"|时长|合计|总计|总额|总价|总费用|实际"
)
_EARLIER = re.compile(r"(?:^|_)(?:prev|previous|past|prior|before|expected|planned|scheduled|estimated|initial)(?:_|$)")
_PLAIN_TARGETS = frozenset(
    "class classes target label labels type value values y result outcome group category".split()
)
_TELLS, _TELLS_MUCH = 0.1, 0.3
_PURE = 0.98
_LEAST_FILLED = 20
_CHANCE = 1e-6
_RARER = 0.5
_MOST_LEVELS = 20
# How many of the rows of a class one value has to settle; a mark that is set or not is looked at more closely.
_COVERED, _COVERED_BY_MARK = 0.5, 0.1


def _look_at_names(case: Case) -> tuple[Finding, ...] | Skip:
    if case.task is None:
        return Skip(NO_TARGET())
    later: dict[str, Message] = {}
    for column in case.features:
        power = case.powers.get(column.name)
        if is_confirmed(case, column.name) or (power is not None and power.value >= ASK):
            continue
        word = said_later(column.name, case.task.target, tells=_tells(power))
        if word and (power is None or power.words):
            later[column.name] = NAMED_WORDS(column=column.name, word=word)
        elif word and power is not None:
            later[column.name] = NAMED_LATER(column=column.name, word=word, power=f"{power.value:.2f}")
    if not later:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=LATER_NAMES(columns=listed(list(later))),
            columns=tuple(later),
            evidence=tuple(later.values()),
            remedies=when_known(list(later)),
        ),
    )


def _tells(power: Power | None) -> float:
    """Return what a column tells, as far as it is not chance; texts may tell more than a few words do."""
    if power is None or power.words:
        return 1.0
    return power.value if power.low > 0 else 0.0


def said_later(name: str, target: str, *, tells: float) -> str:
    """Return the part of a name that speaks of the time after the outcome; empty when there is none.

    `tells`: the power of the column. The name of the target inside another one is such a part.

    >>> said_later("Closing Date", "x", tells=0.2), said_later("duration", "x", tells=0.2)
    ('closing', '')
    >>> said_later("churn_reason", "Churn", tells=0.4), said_later("planned_end", "x", tells=0.9)
    ('churn', '')
    """
    words, asked = words_of(name), words_of(target)
    joined = "_".join(words)
    if tells < _TELLS or _EARLIER.search(joined):
        return ""
    found = _SURELY.search(joined) or (_PERHAPS.search(joined) if tells >= _TELLS_MUCH else None)
    if found:
        return found.group().strip("_").replace("_", " ")
    of_target = set(asked) < set(words) and not set(asked) <= _PLAIN_TARGETS and len("".join(asked)) >= 4
    return " ".join(asked) if of_target and tells >= _TELLS_MUCH else ""


def _look_at_cells(case: Case) -> tuple[Finding, ...] | Skip:
    answers = case.answers
    if answers is None:
        return Skip(NO_TARGET())
    found: list[Finding] = []
    for column in case.features:
        power = case.powers.get(column.name)
        if is_confirmed(case, column.name) or (power is not None and power.value >= ASK):
            continue
        cells = case.dataset.frame[column.name].iloc[answers.rows]
        if answers.regression:
            found += _settling(case, column, cells, answers)
        else:
            found += list(_filled(case, column, cells)) or _settling_a_class(case, column, cells)
    return tuple(found)


def _filled(case: Case, column: ColumnSchema, cells: pd.Series) -> Iterator[Finding]:
    """Find a column that is filled, or empty, for one class only."""
    assert case.task is not None
    filled = cells.notna().to_numpy()
    if min(filled.sum(), (~filled).sum()) < _LEAST_FILLED:
        return
    classes, levels = pd.factorize(case.dataset.frame[case.task.target].loc[cells.index])
    usual = np.bincount(classes, minlength=len(levels)) / len(classes)
    for rows, say, show in ((filled, FILLED_FOR_ONE, SHARE_FILLED), (~filled, EMPTY_FOR_ONE, SHARE_EMPTY)):
        counts = np.bincount(classes[rows], minlength=len(levels))
        most = int(counts.argmax())
        share, n = counts[most] / counts.sum(), int(counts.sum())
        if share < _PURE or usual[most] ** n > _CHANCE or usual[most] > share - 0.2:
            continue
        value, target = cell_text(levels[most]), case.task.target
        figures = {"share": round(100 * share, 1), "usual": round(100 * usual[most], 1), "n": n}
        yield _finding(
            column.name,
            say(column=column.name, target=target, value=value),
            show(column=column.name, target=target, value=value, **figures),
        )


def _settling(case: Case, column: ColumnSchema, cells: pd.Series, answers: Answers) -> Iterator[Finding]:
    """Find a level of a column that comes exactly where the target has one value."""
    if not _is_of_levels(column) or (column.kind.is_number and column.n_distinct > 2):
        return
    assert case.task is not None
    y = answers.shown[:, 0]
    codes = level_codes(cells)
    counts = np.bincount(codes)
    lows = pd.Series(y).groupby(codes).min().to_numpy()
    highs = pd.Series(y).groupby(codes).max().to_numpy()
    for code in np.flatnonzero((lows == highs) & (counts[np.unique(codes)] >= _LEAST_FILLED)):
        level, number = np.unique(codes)[code], lows[code]
        if np.count_nonzero(y == number) != counts[level]:
            continue
        cell = cells.iloc[int(np.flatnonzero(codes == level)[0])]
        value = "-" if pd.isna(cell) else cell_text(cell)
        message = SETTLES(column=column.name, value=value, target=case.task.target, number=cell_text(float(number)))
        yield _finding(column.name, message, ROWS_SETTLED(n=int(counts[level])))


def _settling_a_class(case: Case, column: ColumnSchema, cells: pd.Series) -> Iterator[Finding]:
    """Find a value that nearly always comes with one class, which is not the usual one, and with much of that class."""
    assert case.task is not None
    if not _is_of_levels(column):
        return
    classes, answers = pd.factorize(case.dataset.frame[case.task.target].loc[cells.index])
    codes, levels = pd.factorize(cells)
    table = np.zeros((len(levels), len(answers)), np.int64)
    np.add.at(table, (codes[codes >= 0], classes[codes >= 0]), 1)
    usual = np.bincount(classes, minlength=len(answers)) / len(classes)
    covered = table / np.maximum(np.bincount(classes, minlength=len(answers)), 1)
    least = _COVERED_BY_MARK if len(levels) == 2 else _COVERED
    for level, most in enumerate(table.argmax(axis=1)):
        n, share = int(table[level].sum()), table[level, most] / max(table[level].sum(), 1)
        if n < _LEAST_FILLED or share < _PURE or usual[most] > _RARER or usual[most] ** n > _CHANCE:
            continue
        if covered[level, most] < least:
            continue
        shown = {"answer": cell_text(answers[most]), "target": case.task.target}
        figures = {name: round(100 * float(part), 1) for name, part in (("share", share), ("usual", usual[most]))}
        yield _finding(
            column.name,
            SETTLES_CLASS(column=column.name, value=cell_text(levels[level]), **shown),
            CLASS_SETTLED(n=n, covered=round(100 * float(covered[level, most]), 1), **shown, **figures),
        )


def _is_of_levels(column: ColumnSchema) -> bool:
    return column.n_distinct <= _MOST_LEVELS and column.kind is not Kind.DATE


def _finding(name: str, message: Message, *evidence: Message) -> Finding:
    return Finding(
        severity=Severity.PLEASE_LOOK,
        message=message,
        columns=(name,),
        evidence=evidence,
        remedies=when_known([name]),
    )


NAMES = Check(key="known_later_names", title="Names that speak of the time after the outcome", look=_look_at_names)
CELLS = Check(key="known_later_cells", title="Cells that are filled after the outcome", look=_look_at_cells)
