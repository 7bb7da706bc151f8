"""The few words of a text that tell the most about the target: a list that is read until the first word that fits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.checks.cells import Codes, Floats, Rows

_MOST_SIGNS = 1_000
_MOST_WORDS = 200
_LEAST_ROWS = 10
_LEAST_SHARE = 0.01
_ROUNDING = 1e-9
# Languages that write without spaces are cut into pairs of signs.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,2}|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|\d+"
)


@dataclass(frozen=True, kw_only=True)
class WordRows:
    """Which words stand in which rows. `words`: by number; `word`, `row`: one entry for each word of each row."""

    words: tuple[str, ...]
    word: Codes
    row: Rows
    n_rows: int


def word_rows(cells: pd.Series) -> WordRows:
    """Return the words of texts, without those that hardly any has.

    >>> word_rows(pd.Series(["Not paid", "paid"] * 20)).words
    ('not', 'paid')
    """
    texts, levels = pd.factorize(cells)
    in_levels = [sorted(set(_WORD.findall(str(level)[:_MOST_SIGNS].lower())))[:_MOST_WORDS] for level in levels]
    words = [in_levels[text] if text >= 0 else [] for text in texts]
    row = np.repeat(np.arange(len(cells)), [len(some) for some in words])
    word, names = pd.factorize(np.array([each for some in words for each in some], dtype=object))
    counts = np.bincount(word, minlength=len(names))
    common = np.flatnonzero(counts >= max(_LEAST_ROWS, _LEAST_SHARE * len(cells)))
    numbers = np.full(len(names), -1)
    numbers[common] = np.arange(len(common))
    kept = numbers[word] >= 0 if len(word) else np.zeros(0, bool)
    named = tuple(str(names[each]) for each in common)
    return WordRows(words=named, word=numbers[word][kept], row=row[kept], n_rows=len(cells))


def telling_words(texts: WordRows, shown: Floats, most: int) -> tuple[Sequence[str], Codes]:
    """Choose words, each the one that tells most of the rows without the words before; return them and their rows.

    `shown` [N, K]: the answers. The codes number for each row the first word that it has; those without come last.

    >>> texts = word_rows(pd.Series(["is ok", "is bad"] * 20))
    >>> words, codes = telling_words(texts, np.tile([[1.0], [0.0]], (20, 1)), 2)
    >>> words, codes[:2].tolist()
    (['ok'], [0, 2])
    """
    codes = np.full(texts.n_rows, most, np.int64)
    chosen: list[str] = []
    scale = np.maximum(shown.var(axis=0), 1e-12)
    for place in range(min(most, len(texts.words))):
        left = codes == most
        entries = left[texts.row]
        n_with = np.bincount(texts.word[entries], minlength=len(texts.words))
        n_all = int(left.sum())
        gain = np.zeros(len(texts.words))
        for k, column in enumerate(shown.T):
            answers = np.where(left, column, 0.0)
            sums = np.bincount(texts.word[entries], weights=answers[texts.row[entries]], minlength=len(texts.words))
            apart = sums - n_with * (answers.sum() / max(n_all, 1))
            gain += apart**2 / np.maximum(n_with * (n_all - n_with) / max(n_all, 1), 1) / scale[k]
        gain[n_with < _LEAST_ROWS] = 0.0
        best = int(gain.argmax())
        if gain[best] <= _ROUNDING * texts.n_rows:
            break
        has = np.zeros(texts.n_rows, bool)
        has[texts.row[texts.word == best]] = True
        codes[left & has] = place
        chosen.append(texts.words[best])
    return chosen, codes
