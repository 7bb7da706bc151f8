"""Checks of empty cells: columns that are mostly empty, and columns that are empty together."""

import numpy as np
from numpy.typing import NDArray

from engine.checks.check import Case, Check, Finding, Severity, leave_out
from engine.messages import listed, phrase

MANY_MISSING = phrase(
    "many_missing",
    "More than half of the values are missing in: {columns}.",
    "Check that they are filled the same way when the model is used.",
    "The model relies on a column that is mostly empty; what it learns from it holds for few rows.",
)
NEARLY_ALL_MISSING = phrase(
    "nearly_all_missing",
    "More than 95 % of the values are missing in: {columns}.",
    "Leave them out unless a value means a lot.",
    "Training takes longer, and the few filled rows may be learned by heart.",
)
MISSING_SHOWN = phrase("missing_shown", "{column}: {n} of {rows} rows have a value.")
MISSING_TOGETHER = phrase(
    "missing_together",
    "Columns that are empty in the same rows: {columns}.",
    "Ask what these rows have in common, such as a form that was not filled in or a device that was off.",
    "That they are empty may itself give the answer away, or may no longer be so when the model is used.",
)
TOGETHER_SHOWN = phrase("missing_together_shown", "{columns}: empty together in about {share} % of the rows.")

_HALF, _NEARLY_ALL = 0.5, 0.95
_MOST_ROWS = 20_000
_MOST_COLUMNS = 500
_LEAST_SHARE = 0.01
_SAME_ROWS = 0.95


def _look_at_shares(case: Case) -> tuple[Finding, ...]:
    shares = {column.name: column.n_missing / max(case.dataset.n_rows, 1) for column in case.features}
    found = []
    for say, severity, low, high in (
        (NEARLY_ALL_MISSING, Severity.PLEASE_LOOK, _NEARLY_ALL, 1.0),
        (MANY_MISSING, Severity.PLEASE_LOOK, _HALF, _NEARLY_ALL),
    ):
        names = tuple(name for name, share in shares.items() if low < share <= high)
        if names:
            n, schema = case.dataset.n_rows, case.dataset.schema
            found.append(
                Finding(
                    severity=severity,
                    message=say(columns=listed(names)),
                    columns=names,
                    evidence=tuple(
                        MISSING_SHOWN(column=c.name, n=n - c.n_missing, rows=n)
                        for c in schema.columns
                        if c.name in names
                    ),
                    remedies=(leave_out(names),),
                )
            )
    return tuple(found)


def _look_at_blocks(case: Case) -> tuple[Finding, ...]:
    n = case.dataset.n_rows
    names = [column.name for column in case.features if _LEAST_SHARE * n < column.n_missing < _NEARLY_ALL * n][
        :_MOST_COLUMNS
    ]
    if len(names) < 2:
        return ()
    frame = case.sample.frame[names]
    frame = frame if len(frame) <= _MOST_ROWS else frame.iloc[:: len(frame) // _MOST_ROWS]
    empty = frame.isna().to_numpy()
    groups = [[names[at] for at in group] for group in empty_together(empty)]
    if not groups:
        return ()
    together = tuple(name for group in groups for name in group)
    shares = [100 * float(empty[:, [names.index(name) for name in group]].all(axis=1).mean()) for group in groups]
    return (
        Finding(
            severity=Severity.HANDLED,
            message=MISSING_TOGETHER(columns=listed(together)),
            columns=together,
            evidence=tuple(
                TOGETHER_SHOWN(columns=listed(group), share=round(share, 1))
                for group, share in zip(groups, shares, strict=True)
            ),
        ),
    )


def empty_together(empty: NDArray[np.bool_]) -> list[list[int]]:
    """Group columns whose empty rows are the same but for a few; columns without a like are left out.

    >>> empty_together(np.array([[True, True, False], [True, True, True], [False, False, False]]))
    [[0, 1]]
    """
    as_float = empty.astype(np.float32)
    both = as_float.T @ as_float
    either = both.diagonal()[:, None] + both.diagonal()[None, :] - both
    alike = both >= _SAME_ROWS * np.maximum(either, 1)
    taken: set[int] = set()
    groups = []
    for first in range(len(alike)):
        if first not in taken:
            group = [at for at in np.flatnonzero(alike[first]).tolist() if at not in taken]
            taken.update(group)
            if len(group) > 1:
                groups.append(group)
    return groups


MISSING = Check(key="missing", title="Columns that are mostly missing", look=_look_at_shares)
BLOCKS = Check(key="missing_together", title="Columns that are empty together", look=_look_at_blocks)
