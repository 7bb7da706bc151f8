"""What a text looks like: how many words, digits and punctuation marks it has."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.features.text_terms import texts_of
from engine.graph.columns import ColumnReader
from engine.graph.constants import places, whole
from engine.table.schema import ColumnSchema, Kind

MOST_WORDS, MOST_EACH = 200, 20  # further ones are not counted
MOST_MARKS = 6
LEAST_SHARE = 0.02  # of the rows must have a mark, and as many must not
DIGITS = "0123456789"


@dataclass(frozen=True)
class MarksState:
    """For each text column the signs that are counted, in groups: all digits together, each mark by itself."""

    groups: dict[str, tuple[str, ...]]


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], _parameters: Parameters, _answers: Answers
) -> MarksState | None:
    texts = {column.name: texts_of(frame, column) for column in columns}
    groups = {name: _groups(cells) for name, cells in texts.items() if any(cells)}
    return MarksState(groups) if groups else None


def _groups(texts: list[str]) -> tuple[str, ...]:
    """Return the groups of signs that some rows have and others lack.

    >>> _groups(["Call 0800 now!", "see you, soon", "yes, at 5", "ok"])
    ('0123456789', ',', '!')
    """
    rows: Counter[str] = Counter()
    for text in texts:
        rows.update({"0" if sign in DIGITS else sign for sign in set(text) if not sign.isalpha() and sign > " "})
    low, high = LEAST_SHARE * len(texts), (1 - LEAST_SHARE) * len(texts)
    telling = [sign for sign, count in rows.items() if low <= count <= high]
    marks = sorted((sign for sign in telling if sign.isascii() and sign != "0"), key=lambda s: (-rows[s], s))
    return (*((DIGITS,) if "0" in telling else ()), *marks[:MOST_MARKS])


def _outputs(state: MarksState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(f"{name} number of {part}", (name,))
        for name, groups in state.groups.items()
        for part in ("words", *("digits" if group == DIGITS else f'"{group}"' for group in groups))
    )


def _graph(state: MarksState, reader: ColumnReader) -> Var:
    blocks = []
    for name, groups in state.groups.items():
        text = op.squeeze(reader.text(name), places(1))
        _, n_words = op.string_split(text, maxsplit=MOST_WORDS)
        blocks.append(_damped(n_words, MOST_WORDS))
        blocks += [_damped(_count(text, group), MOST_EACH * len(group)) for group in groups]
    return op.concat(blocks, axis=1)


def _count(text: Var, signs: str) -> Var:
    """Return how often the signs occur in each text, each counted up to MOST_EACH times: int64 [N]."""
    found = []
    for sign in signs:
        _, n_pieces = op.string_split(text, delimiter=sign, maxsplit=MOST_EACH)
        # An empty text has no piece at all.
        found.append(op.max([op.sub(n_pieces, whole(1)), whole(0)]))
    total = found[0]
    for part in found[1:]:
        total = op.add(total, part)
    return total


def _damped(count: Var, most: int) -> Var:
    """Return log(1 + count) / log(1 + most) as a float32 column, from a table: exact on every machine."""
    table = (np.log1p(np.arange(most + 1)) / np.log1p(most)).astype(np.float32)
    found = op.gather(op.const(table), op.min([count, whole(most)]))
    return op.unsqueeze(found, places(1))


TEXT_MARKS = FeatureStep(
    key="text_marks",
    complete=True,
    title="Length, digits and punctuation of texts",
    kinds=frozenset({Kind.TEXT, Kind.LIST, Kind.LINK}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    offers={"all": {}},
    offered=lambda shape: shape.n_texts > 0,
)
