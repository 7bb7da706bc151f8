"""The strip of rows: every row has its part, in the order of time where there is one, and its words are true."""

from itertools import pairwise

import pytest

from app.goal_view.strip import _drawn, _parts
from engine.run.division import Division
from engine.search.validation import ValidationSettings, plan_validation


def divided(n_learn: int, n_final: int, *, scheme: str | None = None, time: str | None = None) -> Division:
    plan = plan_validation(
        ValidationSettings(scheme=scheme), n_rows=n_learn, n_cells=10 * n_learn, seconds=300, time_column=time
    )
    return Division(n_learn=n_learn, n_final=n_final, plan=plan)


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (divided(8_000, 2_000), ["1", "2", "3", "4", "5", "final test"]),
        (divided(8_000, 0), ["1", "2", "3", "4", "5"]),
        (divided(90_000, 10_000), ["learn from", "compare on", "final test"]),
        (divided(8_000, 2_000, scheme="single"), ["learn from", "compare on", "final test"]),
        (divided(8_000, 2_000, time="day"), ["earlier rows", "1", "2", "3", "4", "final test"]),
    ],
)
def test_every_row_has_its_part(found: Division, names: list[str]) -> None:
    parts = list(_parts(found))
    assert [name for name, _colour, _n in parts] == names
    assert sum(n for _name, _colour, n in parts) == pytest.approx(found.n_learn + found.n_final)
    drawn = _drawn(found).to_dict()
    (rows,) = drawn["datasets"].values()
    assert [row["part"] for row in rows] == names
    assert rows[0]["start"] == 0
    assert rows[-1]["end"] == pytest.approx(found.n_learn + found.n_final)
    assert all(before["end"] == pytest.approx(row["start"]) for before, row in pairwise(rows))
