"""What a training script makes of columns is what the model makes of them, but for their order."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.features.pipeline import fit_pipeline, transform
from engine.features.step import Answers, StepSpec
from engine.table.schema import Kind
from exporters.script_parts import features
from tests.asking import REGRESSION, column

N_ROWS = 400
CLOSE = 0.002  # of figures with three digits behind the point
DAY = ("%Y-%m-%d",)
MOMENT = ("%Y-%m-%d %H:%M:%S",)
COLUMNS = (
    column("size"),
    column("gaps"),
    column("wild"),
    column("ordered", Kind.DATE, date_formats=DAY),
    column("sent", Kind.DATE, date_formats=DAY),
    column("called", Kind.DATE, date_formats=MOMENT),
    column("opens", Kind.DATE, date_formats=MOMENT),
    column("once", Kind.DATE, date_formats=DAY),
    column("colour", Kind.CATEGORY),
    column("grade", Kind.CATEGORY, order=("small", "medium", "large")),
    column("risk", Kind.CATEGORY, order=("low", "high")),
    column("lift", Kind.YES_NO),
    column("remark", Kind.TEXT),
)


def table(n_rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)

    def some(texts: Any, missing: float) -> pd.Series:
        return pd.Series(np.asarray(texts, dtype=object), dtype="str").mask(random.random(n_rows) < missing)

    begun = pd.Timestamp("2021-01-01") + pd.to_timedelta(random.integers(0, 1200, n_rows), "D")
    sent = begun + pd.to_timedelta(random.integers(0, 90, n_rows), "D")
    called = begun + pd.to_timedelta(random.integers(0, 86_400, n_rows), "s")
    opens = pd.Timestamp("1970-01-01") + pd.to_timedelta(random.integers(0, 1440, n_rows), "min")
    words = random.choice(["late,", "nice!", "n-r 5", "why?", "it's", "so."], (n_rows, 4))
    return pd.DataFrame(
        {
            "size": random.normal(50, 10, n_rows).round(2),
            "gaps": pd.Series(random.integers(0, 9, n_rows), dtype=float).mask(random.random(n_rows) < 0.2),
            "wild": np.exp(random.normal(0, 4, n_rows)),
            "ordered": some(begun.strftime(DAY[0]), 0.1),
            "sent": some(sent.strftime(DAY[0]), 0.1),
            "called": some(called.strftime(MOMENT[0]), 0.1),
            "opens": some(opens.strftime(MOMENT[0]), 0.1),
            "once": some(["2021-03-04"] * n_rows, 0.0),
            "colour": some(random.choice(["red", "green", "blue"], n_rows), 0.1),
            "lift": some(random.choice(["no", "yes"], n_rows), 0.1),
            "remark": some([" ".join(line) for line in words], 0.1),
            "grade": some(random.choice(["small", "large"], n_rows), 0.1),
            "risk": some(random.choice(["low", "high", "unknown"], n_rows), 0.1),
        }
    )


def lines(values: Any, *, of_trees: bool) -> list[tuple[float, ...]]:
    """Return the columns that tell rows apart, in an order of their own; to trees it is all one where they begin."""
    made = np.asarray(values, dtype=float)
    if of_trees:
        made = made - np.nanmin(made, axis=0)
    made = np.nan_to_num(made, nan=-1.0)
    return sorted(map(tuple, made[:, np.ptp(made, axis=0) > 0].T.round(3).tolist()))


@pytest.mark.parametrize(
    "key",
    [
        "numbers",
        "numbers_scaled",
        "number_bins",
        "yes_no",
        "dates",
        "dates_scaled",
        "date_parts",
        "category_one_hot",
        "text_marks",
        "text_terms",
        "category_codes",
    ],
)
def test_a_step_makes_the_same_of_columns(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [{**json.loads(json.dumps(replace(each).to_json())), "role": "feature"} for each in COLUMNS]
    monkeypatch.setattr(features, "COLUMNS", told)
    train, rows = table(N_ROWS, 0), table(60, 1)
    y = np.random.default_rng(2).normal(size=N_ROWS)
    fitted = fit_pipeline(train, COLUMNS, (StepSpec(key),), Answers(task=REGRESSION, y=y))
    pair = getattr(features, key)(train, rows, y)
    for frame, made in ((train, pair[0]), (rows, pair[1])):
        of_trees = key in {"numbers", "dates"}
        own, script = (lines(each, of_trees=of_trees) for each in (transform(fitted, frame).values, made))
        np.testing.assert_allclose(script, own, atol=CLOSE)


def test_ranks_are_numbers_and_other_categories_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "COLUMNS", [{**each.to_json(), "role": "feature"} for each in COLUMNS])
    train = table(N_ROWS, 0)
    made, other, codes = features.features([(features.category_codes, {})], train, table(60, 1), np.zeros(N_ROWS))
    assert codes == [0, 2], "of colour, grade and risk the second has an order that all rows are in"
    assert set(np.unique(made[:, 1][~np.isnan(made[:, 1])])) == {0.0, 2.0}
    assert np.isnan(other[:, 1]).any()
