"""Judges what a column of texts is: yes or no, classes with or without an order, sentences, or names of rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import Parameter, phrase
from engine.table.columns.judgement import (
    ENOUGH,
    FEWEST_IDS,
    GROUP_ID_NAME,
    ID_NAME,
    ID_SHARE,
    MISSING,
    ONE_VALUE,
    REPEATING_ID,
    UNIQUE_NAMED,
    UNIQUE_VALUES,
    Levels,
    Verdict,
    short,
)
from engine.table.columns.ordered import find_order, refuses
from engine.table.columns.word_kinds import judge_links, judge_lists
from engine.table.moments import WHITE
from engine.table.schema import Kind, ReadingRules, Subkind

YES_OR_NO = phrase("kind_yes_no", "Only {first} and {second} occur.")
LEVELS = phrase("kind_levels", "{n} different values, which repeat over the rows.")
SENTENCES = phrase("kind_sentences", "Free text: {words} words on average, and hardly any text comes twice.")

OR_NOTHING = phrase("kind_or_nothing", "A row says {value} or nothing.")
ORDERED = phrase("kind_ordered", "{n} levels with an order: from {first} to {last}.")
ORDERED_BESIDE = phrase(
    "kind_ordered_beside", "{n} levels with an order: from {first} to {last}. Outside of it stands: {outside}."
)
HASHES = phrase("kind_hashes", "Long codes made by a program, such as {example}.")

_YES = frozenset("yes y true t on ja oui si sí sim да 是 真 1 tak evet igen kyllä 有 对 wahr vrai verdadero".split())
_NO = frozenset(
    "no n false f off nein non não nao нет 否 假 0 nie hayır nem ei 无 没有 不 错 falsch faux falso".split()
)
_HASH = (
    r"(?i)\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?|(?:0x)?[0-9a-f]{24}|(?:0x)?[0-9a-f]{32}"
    r"|(?:0x)?[0-9a-f]{40}|(?:0x)?[0-9a-f]{64}"
)
_MOST_SPELLINGS = 12
_MOST_LEVELS = 100  # no order has so many
_MOST_REFUSALS = 3
_FEW_WORDS = 4
_ALWAYS_THERE = 0.05  # an id whose levels come in more than twenty rows each is as useful as a category
_SAMPLE = 2000


def judge_texts(levels: Levels) -> Verdict:
    """Judge a column that holds neither numbers nor dates."""
    if levels.n == 1 and levels.n_filled == levels.n_rows:
        return Verdict(kind=Kind.CONSTANT, reason=ONE_VALUE(value=levels.example), probability=1.0)
    return _judge_ids(levels) or judge_links(levels) or judge_lists(levels) or _judge_words(levels)


def judge_order(levels: Levels) -> Verdict | None:
    """Know categories whose levels have an order; None when they have none."""
    if levels.n > _MOST_LEVELS:
        return None
    order, outside = find_order(levels.texts, levels.name), ""
    if not order:
        beside = np.array([refuses(str(text)) for text in levels.texts], bool)
        if not 1 <= beside.sum() <= _MOST_REFUSALS:
            return None
        order = find_order(levels.texts[~beside], levels.name)
        outside = ", ".join(levels.texts[beside])
    if not order:
        return None
    ends: dict[str, Parameter] = {"n": len(order), "first": short(order[0]), "last": short(order[-1])}
    return Verdict(
        kind=Kind.CATEGORY,
        subkind=Subkind.ORDERED,
        reason=ORDERED_BESIDE(**ends, outside=outside) if outside else ORDERED(**ends),
        probability=0.92,
        order=order,
    )


def _judge_ids(levels: Levels) -> Verdict | None:
    """Know codes that a program made, and what its name calls an id, also where they come in several rows."""
    if levels.n < FEWEST_IDS or levels.unique_share <= _ALWAYS_THERE:
        return None
    if levels.texts.iloc[:_SAMPLE].str.fullmatch(_HASH).mean() >= ENOUGH:
        return Verdict(kind=Kind.ID, reason=HASHES(example=levels.example), probability=0.95)
    if levels.unique_share <= ID_SHARE and GROUP_ID_NAME.search(levels.name):
        return Verdict(kind=Kind.ID, reason=REPEATING_ID(rows=round(1 / levels.unique_share, 1)), probability=0.8)
    return None


def _judge_words(levels: Levels) -> Verdict:
    sample = levels.texts.iloc[:: max(len(levels.texts) // _SAMPLE, 1)]
    n_words = float(sample.str.count(r"\S+").mean())
    n_letters = float(sample.str.len().mean())
    # Text without spaces between words (Chinese) is known by its length.
    sentences = n_words >= 3 or (n_letters > 15 and not sample.str.cat().isascii() and n_words < 2)
    rules = ReadingRules(missing=MISSING, separators=" " if sentences and _are_spaced(levels.texts) else "")
    if levels.n >= FEWEST_IDS and levels.unique_share > 0.5 and n_words < _FEW_WORDS and ID_NAME.search(levels.name):
        return Verdict(kind=Kind.ID, reason=UNIQUE_NAMED(), probability=0.85)
    if sentences and levels.n > 20 and levels.unique_share > 0.5:
        return Verdict(
            kind=Kind.TEXT,
            reason=SENTENCES(words=round(n_words)),
            probability=0.9 if n_words >= 5 else 0.7,
            rules=rules,
        )
    if levels.n >= FEWEST_IDS and levels.unique_share > ID_SHARE:
        return Verdict(kind=Kind.ID, reason=UNIQUE_VALUES(example=levels.example), probability=0.85, rules=rules)
    if levels.n == 1:
        return Verdict(kind=Kind.CATEGORY, reason=OR_NOTHING(value=levels.example), probability=0.85)
    return Verdict(kind=Kind.CATEGORY, reason=LEVELS(n=levels.n), probability=0.9 if levels.unique_share < 0.2 else 0.7)


def _are_spaced(texts: pd.Series) -> bool:
    """Say whether line breaks, tabs or several spaces divide words; a graph divides at single spaces."""
    return bool(texts.str.contains(f"[{WHITE}]|  ").any())


def judge_answers(levels: Levels) -> Verdict | None:
    """Know yes and no in several languages and spellings; one spelling each is kept as it stands."""
    if not 2 <= levels.n <= _MOST_SPELLINGS:
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
