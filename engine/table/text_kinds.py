"""Judges what a column of texts is: yes or no, classes, sentences, or names of rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import phrase
from engine.table.judgement import (
    ID_NAME,
    ID_SHARE,
    MISSING,
    ONE_VALUE,
    UNIQUE_NAMED,
    UNIQUE_VALUES,
    Levels,
    Verdict,
)
from engine.table.schema import Kind, ReadingRules

YES_OR_NO = phrase("kind_yes_no", "Only {first} and {second} occur.")
LEVELS = phrase("kind_levels", "{n} different values, which repeat over the rows.")
SENTENCES = phrase("kind_sentences", "Free text: {words} words on average, and hardly any text comes twice.")

_YES = frozenset("yes y true t on ja oui si sí sim да 是 真 1".split())
_NO = frozenset("no n false f off nein non não nao нет 否 假 0".split())


def judge_texts(levels: Levels) -> Verdict:
    """Judge a column that holds neither numbers nor dates."""
    if levels.n == 1 and levels.n_filled == levels.n_rows:
        return Verdict(kind=Kind.CONSTANT, reason=ONE_VALUE(value=levels.example), probability=1.0)
    answers = _judge_answers(levels)
    if answers is not None:
        return answers
    n_words = float(levels.texts.str.count(r"\S+").mean())
    n_letters = float(levels.texts.str.len().mean())
    # Text without spaces between words (Chinese) is known by its length.
    sentences = n_words >= 3 or (n_letters > 15 and not levels.texts.str.cat().isascii() and n_words < 2)
    if sentences and levels.n > 20 and levels.unique_share > 0.5:
        return Verdict(kind=Kind.TEXT, reason=SENTENCES(words=round(n_words)), probability=0.9 if n_words >= 5 else 0.7)
    if levels.n >= 20 and levels.unique_share > ID_SHARE:
        return Verdict(kind=Kind.ID, reason=UNIQUE_VALUES(example=levels.example), probability=0.85)
    if levels.n >= 20 and levels.unique_share > 0.5 and ID_NAME.search(levels.name):
        return Verdict(kind=Kind.ID, reason=UNIQUE_NAMED(), probability=0.8)
    return Verdict(kind=Kind.CATEGORY, reason=LEVELS(n=levels.n), probability=0.9 if levels.unique_share < 0.2 else 0.7)


def _judge_answers(levels: Levels) -> Verdict | None:
    """Know yes and no in several languages and spellings; one spelling each is kept as it stands."""
    if levels.n > 8:
        return None
    folded = levels.texts.str.lower()
    yes, no = folded.isin(_YES).to_numpy(), folded.isin(_NO).to_numpy()
    if not (yes.any() and no.any() and (yes | no).all()):
        return None
    most = {
        answer: str(levels.texts[chosen].iloc[int(np.argmax(levels.counts[chosen]))])
        for answer, chosen in ((True, yes), (False, no))
    }
    spellings = {text: most[bool(is_yes)] for text, is_yes in zip(levels.texts, yes, strict=True)}
    for kept in most.values():  # other programs write True, TRUE and true
        spellings.update(dict.fromkeys((kept.lower(), kept.upper(), kept.capitalize()), kept))
    same = tuple((text, kept) for text, kept in spellings.items() if text != kept)
    return Verdict(
        kind=Kind.YES_NO,
        reason=YES_OR_NO(first=most[False], second=most[True]),
        probability=0.97,
        rules=ReadingRules(missing=MISSING, same=same),
        levels=replace(levels, texts=pd.Series([most[False], most[True]], dtype="str"), counts=_two(levels, yes)),
    )


def _two(levels: Levels, yes: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.array([levels.counts[~yes].sum(), levels.counts[yes].sum()], np.int64)
