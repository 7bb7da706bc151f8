"""The labels of a question about classes: their order, and which of two is the positive one."""

from dataclasses import dataclass

import pandas as pd

from engine.errors import TargetError
from engine.messages import Message, phrase

POSITIVE_YES = phrase("positive_yes", "{positive} is the positive class, because it means yes.")
POSITIVE_RARER = phrase(
    "positive_rarer",
    "{positive} is the positive class, because it is the rarer one ({share} % of the rows) and usually looked for.",
)
POSITIVE_EQUAL = phrase(
    "positive_equal",
    "{positive} was taken as the positive class; nothing speaks for one of the two values: they are equally common.",
)
POSITIVE_CHOSEN = phrase("positive_chosen", "{positive} is the positive class, because you chose it.")
POSITIVE_UNKNOWN = phrase(
    "positive_unknown", "The target {target} has no value {positive} that could be looked for.", "Choose {choices}."
)

_POSITIVE = frozenset("+ yes y true t on positive pos ja oui si sí sim да 是 真 有".split())
_NEGATIVE_NUMBERS = frozenset({"0", "-1"})  # beside them 1 means yes; beside 2 it is the name of a class

MOST_WHOLE = 2**53  # from here on a float is no longer one whole number only

Labels = tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Classes:
    """The labels in the order of the probability columns. `reason`: why the second of two is the positive one."""

    labels: Labels
    reason: Message | None = None


def label_of(value: object) -> str | int:
    """Write a cell as a label.

    >>> label_of(2.0), label_of(0.5), label_of(1e300), label_of("red")
    (2, '0.5', '1e+300', 'red')
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < MOST_WHOLE else repr(float(value))
    return str(value)


def classes_of(counts: pd.Series) -> Labels:
    """Order the labels of several classes, which index their numbers of rows: by size or alphabet."""
    labels = [label_of(value) for value in counts.index]
    if all(isinstance(label, int) for label in labels):
        return tuple(sorted(int(label) for label in labels))
    return tuple(sorted(map(str, labels)))


def two_classes_of(counts: pd.Series, target: str, *, positive: str | None = None) -> Classes:
    """Order two labels, given with their rows from the most common to the rarest: the positive one second.

    Positive is what the person chose, else what means yes; if neither says so, the rarer one, because that is
    usually the one looked for. Raises TargetError when the chosen one is none of the two.
    """
    labels = [label_of(value) for value in counts.index]
    words = [str(label).strip().lower() for label in labels]
    if positive is not None:
        second = _place_of(positive, labels, target)
        reason = POSITIVE_CHOSEN(positive=labels[second])
    elif _says_yes(words[0], words[1]) != _says_yes(words[1], words[0]):
        second = 0 if _says_yes(words[0], words[1]) else 1
        reason = POSITIVE_YES(positive=labels[second])
    else:
        second = 1
        share = round(100 * float(counts.iloc[1]) / float(counts.sum()), 1)
        equal = counts.iloc[0] == counts.iloc[1]
        reason = POSITIVE_EQUAL(positive=labels[1]) if equal else POSITIVE_RARER(positive=labels[1], share=share)
    ordered = [labels[1 - second], labels[second]]
    if all(isinstance(label, int) for label in ordered):
        return Classes(labels=tuple(int(label) for label in ordered), reason=reason)
    return Classes(labels=tuple(str(label) for label in ordered), reason=reason)


def _says_yes(word: str, other: str) -> bool:
    return word in _POSITIVE or (word == "1" and other in _NEGATIVE_NUMBERS)


def _place_of(positive: str, labels: list[str | int], target: str) -> int:
    wanted = positive.strip()
    for fold in (str, str.lower):
        places = [i for i, label in enumerate(labels) if fold(str(label).strip()) == fold(wanted)]
        if len(places) == 1:
            return places[0]
    raise TargetError(POSITIVE_UNKNOWN(target=target, positive=positive, choices=f"{labels[0]} or {labels[1]}"))
