"""A table with everything wrong gets a finding for each thing; a clean one gets none that asks for a look."""

import random
from pathlib import Path

import pytest

from engine.checks.check import Case, Finding, Severity, findings
from engine.messages import price, render
from engine.table.dataset import Dataset
from tests.checking import remedied
from tests.tables import dataset

N = 600
WRONG = {
    "stand_ins": "age",
    "zeros_for_missing": "pressure",
    "spellings": "town",
    "words_for_missing": "town",
    "dates_for_missing": "joined",
    "two_scales": "height",
    "impossible_values": "price",
    "outliers": "length",
    "damaged_letters": "shop",
    "personal_data": "mail",
    "one_to_one_columns": "state_code",
    "correlated_columns": "pounds",
    "sum_columns": "both",
    "near_constants": "flag",
    "same_rows": None,
}


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    draw = random.Random(9)

    def some(share: float, odd: object, usual: object) -> object:
        return odd if draw.random() < share else usual

    rows: list[dict[str, object]] = []
    for i in range(N):
        state, kilos = draw.choice(("CA", "NY", "TX")), round(draw.gauss(70, 9), 1)
        one, other = draw.randint(0, 90), round(draw.expovariate(0.1), 1)
        rows.append(
            {
                "age": some(0.05, 999, draw.randint(18, 90)),
                "pressure": some(0.03, 0, round(draw.gauss(120, 10))),
                "town": draw.choice(("New York", "new york", "Bonn", "BONN", "Kiel", "unknown")),
                "joined": some(
                    0.05, "1900-01-01", f"20{draw.randint(15, 22)}-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}"
                ),
                "height": some(0.05, round(draw.gauss(1.72, 0.07), 2), round(draw.gauss(172, 7), 1)),
                "price": -7 if i == 11 else round(draw.uniform(1, 60), 2),
                "length": 52000 if i == 40 else round(draw.gauss(50, 4), 1),
                "shop": draw.choice(("cafÃ©", "bar", "kiosk")),
                "mail": f"{draw.choice('abcdef')}{i // 3}@example.org" if i % 3 else "none@example.org",
                "state": state,
                "state_code": {"CA": 6, "NY": 36, "TX": 48}[state],
                "kilos": kilos,
                "pounds": round(kilos * 2.2046, 1),
                "one": one,
                "other": other,
                "both": round(one + other, 1),
                "flag": "y" if i == 3 else "n",
            }
        )
    rows += rows[:5]
    return dataset(tmp_path_factory.mktemp("dirty"), {name: [row[name] for row in rows] for name in rows[0]})


@pytest.fixture(scope="module")
def told(dirty: Dataset) -> tuple[Finding, ...]:
    return findings(Case(dataset=dirty))


@pytest.mark.parametrize(("code", "column"), WRONG.items())
def test_each_thing_is_found_and_its_button_settles_it(
    code: str, column: str | None, dirty: Dataset, told: tuple[Finding, ...]
) -> None:
    (finding,) = [each for each in told if each.code == code]
    assert column is None or column in finding.columns
    assert finding.evidence
    if code != "damaged_letters":  # only reading the file again mends those
        assert code not in {each.code for each in findings(Case(dataset=remedied(dirty, finding)))}


def test_nothing_else_is_asked(told: tuple[Finding, ...]) -> None:
    asked = {finding.code for finding in told if finding.severity is not Severity.HANDLED}
    assert asked <= {*WRONG, "near_ids"}


def test_each_finding_says_what_it_costs_to_do_nothing(told: tuple[Finding, ...]) -> None:
    for finding in told:
        assert price(finding.message), finding.code
        assert "{" not in render(finding.message) + price(finding.message)


def test_a_clean_table_is_left_in_peace(tmp_path: Path) -> None:
    draw = random.Random(2)
    columns: dict[str, list[object]] = {
        "customer_id": list(range(1, N + 1)),
        "age": [draw.randint(18, 80) for _ in range(N)],
        "income": [round(draw.lognormvariate(10, 0.6)) for _ in range(N)],
        "balance": [round(draw.gauss(0, 500), 2) for _ in range(N)],
        "visits": [min(int(draw.expovariate(0.3)), 40) for _ in range(N)],
        "town": [draw.choice(("Ulm", "Bonn", "Kiel", "Trier")) for _ in range(N)],
        "rain_mm": [max(0.0, round(draw.gauss(-3, 5), 1)) for _ in range(N)],
        "joined": [f"20{draw.randint(15, 23)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}" for _ in range(N)],
    }
    asking = [
        each for each in findings(Case(dataset=dataset(tmp_path, columns))) if each.severity is not Severity.HANDLED
    ]
    assert asking == []
