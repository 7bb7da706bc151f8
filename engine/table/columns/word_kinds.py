"""Judges whether a column holds lists, or addresses of pages and people."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import Message, phrase
from engine.table.columns.judgement import ENOUGH, MISSING, Levels, Verdict
from engine.table.rules import item_texts
from engine.table.schema import Kind, ReadingRules, Subkind

URLS = phrase("kind_urls", "Addresses of pages, such as {example}.")
EMAILS = phrase("kind_emails", "E-mail addresses, such as {example}.")
LISTS = phrase("kind_lists", "Lists of items with {sign} between them, such as {example}; {n} different items.")

_URL = r"(?i)(?:https?|ftp|s3|file)://\S+(?:\s\S+)?|www\.[^\s.]+\.\S+"
_DOMAIN = (
    r"(?i)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:com|org|net|edu|gov|io|info|biz|co|eu|de|fr|uk|cn|jp|ru|it|es|nl"
    r"|ch|at|br|in|us|ca|au|se|pl|me|tv|app|dev|ai)(?::[0-9]+)?(?:/\S*)?"
)
_EMAIL = r"(?i)[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_BRACKETS = "[](){}'\""
_SAMPLE = 1000
_MOST_ITEM_LETTERS = 30
_FEWEST_LEVELS = 5


def judge_links(levels: Levels) -> Verdict | None:
    """Judge whether most cells are addresses; None when they are not."""
    texts = levels.texts.iloc[:: max(len(levels.texts) // _SAMPLE, 1)]
    for pattern, subkind, reason in ((_EMAIL, Subkind.EMAIL, EMAILS), (_URL, Subkind.URL, URLS)):
        if texts.str.fullmatch(pattern).mean() >= ENOUGH:
            return _verdict(levels, reason(example=levels.example), subkind)
    either = texts.str.fullmatch(f"{_URL}|{_DOMAIN.removeprefix('(?i)')}").mean() >= ENOUGH
    # Few domains that repeat are classes, such as the providers of mail.
    if either and levels.n >= _FEWEST_LEVELS and levels.unique_share > 0.05:
        return _verdict(levels, URLS(example=levels.example), Subkind.URL)
    return None


def _verdict(levels: Levels, reason: Message, subkind: Subkind) -> Verdict:
    return Verdict(kind=Kind.LINK, subkind=subkind, reason=reason, probability=0.95, levels=levels)


def judge_lists(levels: Levels) -> Verdict | None:
    """Judge whether cells list items that come again in other rows; None when they do not."""
    places = np.arange(0, len(levels.texts), max(len(levels.texts) // _SAMPLE, 1))
    texts, counts = levels.texts.iloc[places], levels.counts[places]
    bracketed = bool(texts.str.fullmatch(r"\s*[\[({].*[\])}]\s*").mean() >= ENOUGH)
    for sign in ("|", ";", ","):
        found = _items(texts, counts, sign, bracketed=bracketed)
        if found is None:
            continue
        separators = sign + (_BRACKETS if bracketed else "")
        kept = item_texts(levels.texts, separators).notna().to_numpy(bool)
        return Verdict(
            kind=Kind.LIST,
            reason=LISTS(sign=sign, example=levels.example, n=found),
            probability=0.9 if bracketed or sign != "," else 0.82,
            rules=ReadingRules(missing=MISSING, separators=separators),
            levels=replace(levels, texts=levels.texts[kept].reset_index(drop=True), counts=levels.counts[kept]),
        )
    return None


def _items(texts: pd.Series, counts: NDArray[np.int64], sign: str, *, bracketed: bool) -> int | None:
    """Return how many different items there are; None when these are no lists."""
    has_sign = texts.str.contains(sign, regex=False).to_numpy(bool)
    share = counts[has_sign].sum() / counts.sum()
    if len(texts) < _FEWEST_LEVELS or share < (0.1 if bracketed else 0.3):
        return None
    rows = [[item.strip(" []{}()'\"\t") for item in str(text).split(sign)] for text in texts]
    rows = [[item for item in row if item] for row in rows]
    items = Counter(item for row in rows for item in row)
    if not items:
        return None
    if bracketed and sign == ",":
        return len(items)
    n_letters = sum(len(item) * n for item, n in items.items()) / sum(items.values())
    lengths = {len(row) for row in rows}
    # "Paris, France" has always two parts, and sentences have long ones that never come again.
    again = sum(n for n in items.values() if n > 1) / sum(items.values())
    few_words = all(len(item.split()) <= 5 for item, _ in items.most_common(50))
    if n_letters > _MOST_ITEM_LETTERS or len(lengths) < 2 or again < 0.5 or not few_words:
        return None
    # A comma also stands in titles and names: among lists the same items come in other company.
    if sign == "," and (len(items) > 0.8 * len(texts) or share < 0.5):
        return None
    return len(items)
