"""A check for values that are one value in several spellings, such as "New York", "new york" and "NewYork"."""

import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.remedies import write_the_same
from engine.messages import Message, listed, phrase
from engine.table.schema import Cells, Kind, Role

SPELLINGS = phrase(
    "spellings",
    "Values that seem to be the same in different spellings: {columns}.",
    "Count them as one value each.",
    "Each spelling is learned as a value of its own, from fewer rows.",
)
SPELLINGS_SHOWN = phrase("spellings_shown", "{column}: {values}.")

_MOST_LEVELS = 5000
_MOST_PAIRS = 1000
_FEW_LEVELS = 8
_SHOWN = 3
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])[\s._\-'’]+(?=[^\W\d_])")
_SPACES = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")
_NO_MARKS = str.maketrans("", "", " \t\r\x0b\x0c\u00a0._-'’\"“”,;:\u200b\u200c\u200d\ufeff")
_MARKS_AT_ENDS = re.compile(r"^[\s\"'“”’.,;:_]+|(?<=\w)[\s\"'“”’.,;:_]+$")


def spelling_key(level: str) -> str:
    """Return what all spellings of a value have in common.

    >>> {spelling_key(text) for text in ("New York", "new york ", "NewYork", "NEW-YORK", "Ｎew York.")}
    {'newyork'}
    >>> spelling_key("A+") == spelling_key("A-"), spelling_key("1-2") == spelling_key("12")
    (False, False)
    """
    text = _MARKS_AT_ENDS.sub("", unicodedata.normalize("NFKC", level).casefold())
    return _SPACES.sub(" ", _BETWEEN_LETTERS.sub("", text)).strip()


def spellings(levels: pd.Series) -> list[tuple[str, list[str]]]:
    """Return for each value written in several ways the most common way, and the others. `levels`: rows of each."""
    ways: dict[str, list[str]] = {}
    for level in levels.index:
        ways.setdefault(spelling_key(str(level)), []).append(str(level))
    # Single letters are often codes in which "m" and "M" differ, unless the column has but a few of them.
    few = len(levels) <= _FEW_LEVELS
    return [(each[0], each[1:]) for key, each in ways.items() if len(each) > 1 and key and (few or len(key) > 1)]


def _look(case: Case) -> tuple[Finding, ...]:
    pairs: dict[str, list[tuple[str, str]]] = {}
    evidence: list[Message] = []
    target = case.task.target if case.task is not None else None
    for column in case.dataset.schema.columns:
        used = column.role is not Role.IGNORED or column.name == target
        if not used or column.kind not in {Kind.CATEGORY, Kind.YES_NO} or column.cells is not Cells.TEXT:
            continue
        if not 2 <= column.n_distinct <= _MOST_LEVELS:
            continue
        if not _may_have(case.sample.texts(column.name)):
            continue
        found = spellings(case.sample.levels(column.name))
        if found:
            pairs[column.name] = _pairs(found)
            shown = listed([" = ".join(f"“{text}”" for text in (kept, *others)) for kept, others in found], _SHOWN)
            evidence.append(SPELLINGS_SHOWN(column=column.name, values=shown))
    if not pairs:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=SPELLINGS(columns=listed(list(pairs))),
            columns=tuple(pairs),
            evidence=tuple(evidence),
            remedies=write_the_same(pairs),
        ),
    )


def _may_have(texts: str) -> bool:
    """Say quickly whether any two of these texts, one a line, could be the same: without any marks and spaces."""
    bare = unicodedata.normalize("NFKC", texts).casefold().translate(_NO_MARKS).split("\n")
    return len(set(bare)) < len(bare)


def _pairs(found: Iterable[tuple[str, list[str]]]) -> list[tuple[str, str]]:
    return [(other, kept) for kept, others in found for other in others][:_MOST_PAIRS]


SAME_SPELLED = Check(key="spellings", title="Values in several spellings", look=_look)
