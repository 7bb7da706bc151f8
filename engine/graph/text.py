"""Words inside the graph: split at spaces, surface forms folded by a vocabulary, terms counted and weighted.

There is no text surgery in ONNX that behaves alike on every machine, so "Free!", "FREE" and "free" become one term by
a vocabulary of the surface forms that were seen in training; a form that was never seen counts as no term.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.graph.constants import places, single

MAX_WORDS = 400  # what follows in a longer text is not read: the table of words is as wide as the longest text

Term = tuple[int, ...]  # one word id, or two for a pair of neighbours


@dataclass(frozen=True)
class Terms:
    """What is counted in a text.

    `forms`: surface form -> word id. `terms`: the word ids of each counted term. `weights`: inverse document frequency.
    `names`: the terms as people read them.
    """

    forms: Mapping[str, int]
    terms: tuple[Term, ...]
    weights: NDArray[np.float32]
    names: tuple[str, ...]


def split(text: str) -> list[str]:
    """Split a text into surface forms exactly as the graph does.

    >>> split("Call  NOW, it is free!")
    ['Call', 'NOW,', 'it', 'is', 'free!']
    """
    return [word for word in text.split(" ") if word][:MAX_WORDS]


def fold_form(form: str) -> str:
    """Return the word that a surface form stands for; empty when it is only punctuation.

    >>> fold_form('"Free!!"'), fold_form("2024"), fold_form("...")
    ('free', '2024', '')
    """
    word = re.sub(r"^\W+|\W+$", "", form.casefold())
    return "#" * len(word) if word.isdigit() and len(word) > 4 else word


def fit_terms(texts: Iterable[str], *, max_terms: int, min_rows: int = 2) -> Terms | None:
    """Learn which words and pairs of words to count; None when no term occurs in `min_rows` rows.

    Weights are smoothed inverse document frequencies, ln((1 + n) / (1 + rows with the term)) + 1
    (https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting).
    """
    forms_of_rows = [split(text) for text in texts]
    words = {form: fold_form(form) for form in {form for forms in forms_of_rows for form in forms}}
    rows = [[words[form] for form in forms] for forms in forms_of_rows]
    counts: dict[tuple[str, ...], int] = {}
    for row in rows:
        singles = {(word,) for word in row if word}
        pairs = {pair for pair in pairwise(row) if all(pair)}
        for term in singles | pairs:
            counts[term] = counts.get(term, 0) + 1
    frequent = [term for term, count in counts.items() if min_rows <= count <= 0.95 * len(rows)]
    chosen = sorted(sorted(frequent, key=lambda term: (-counts[term], term))[:max_terms], key=lambda t: (len(t), t))
    if not chosen:
        return None
    word_ids = {word: i + 1 for i, word in enumerate(sorted({word for term in chosen for word in term}))}
    weights = [np.log((1 + len(rows)) / (1 + counts[term])) + 1 for term in chosen]
    return Terms(
        forms={form: word_ids[word] for form, word in sorted(words.items()) if word in word_ids},
        terms=tuple(tuple(word_ids[word] for word in term) for term in chosen),
        weights=np.array(weights, np.float32),
        names=tuple(" ".join(term) for term in chosen),
    )


def term_weights(text: Var, terms: Terms) -> Var:
    """Return the weighted counts of each row's terms, scaled to length 1: strings [N, 1] become float32 [N, terms].

    Counts enter as 1 + ln(count). A row without any known term is all zeros.
    """
    # The appended word keeps the table of words at least one column wide when every text is empty.
    padded = op.string_concat(op.squeeze(text, places(1)), op.const(np.array(" \x01")))
    words, _ = op.string_split(padded, maxsplit=MAX_WORDS)
    ids = ml.label_encoder(
        words,
        keys_tensor=np.array(list(terms.forms), dtype=np.str_),
        values_tensor=np.array(list(terms.forms.values())),
        default_tensor=np.array([0]),
    )
    counts = _count(ids, terms.terms)
    present = op.greater(counts, single(0.0))
    damped = op.where(present, op.add(op.log(op.max([counts, single(1.0)])), single(1.0)), single(0.0))
    weighted = op.mul(damped, op.const(terms.weights[None, :]))
    squares = op.reduce_sum(op.mul(weighted, weighted), places(1), keepdims=1)
    return op.div(weighted, op.max([op.sqrt(squares), single(1e-12)]))


def _count(ids: Var, terms: tuple[Term, ...]) -> Var:
    singles = [term for term in terms if len(term) == 1]
    pairs = [term for term in terms if len(term) == 2]
    pool = [word for term in (*singles, *pairs) for word in term]
    return op.tf_idf_vectorizer(
        ids,
        max_gram_length=2 if pairs else 1,
        max_skip_count=0,
        min_gram_length=1,
        mode="TF",
        ngram_counts=[0, len(singles)] if pairs else [0],
        ngram_indexes=list(range(len(terms))),
        pool_int64s=pool,
    )
