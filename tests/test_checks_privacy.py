"""Personal data is known by the name of the column and the look of its values, and none of it is repeated."""

import json
from collections.abc import Sequence
from pathlib import Path

from engine.checks.check import Severity
from engine.checks.privacy import NAMES, PERSONAL_DATA, personal
from engine.chosen import chosen_dataset
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.table.schema import Kind, Role
from tests.checking import found, settles, the
from tests.tables import dataset

N = 150
FIRST, LAST = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gul"), ("Moss", "Reed", "Stone", "Vale", "Wood")


def identity(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def german_account(body: str) -> str:
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


# Each value stands twice: a column of values that never repeat would be an id, which is left out anyway.
COLUMNS = {
    "last_name": [f"{LAST[i % 5]}" for i in range(N)],
    "mail": [f"{FIRST[i % 7].lower()}{i // 2}@example.org" for i in range(N)],
    "mobile": [f"+49 151 {i // 2:07d}" for i in range(N)],
    "ssn": [f"{i // 2 + 100}-{i // 2 % 90 + 10}-{i // 2 + 1000}" for i in range(N)],
    "account": [german_account(f"{i // 2:018d}") for i in range(N)],
    "home_address": [f"{LAST[i // 2 % 5]} Lane {i // 2}" for i in range(N)],
    "birth_date": [f"19{i // 2 % 60 + 30}-0{i // 2 % 9 + 1}-1{i // 2 % 9}" for i in range(N)],
}


def test_personal_data_is_found_and_never_shown(tmp_path: Path) -> None:
    table = dataset(tmp_path, {**COLUMNS, "x": [i * 37 % 101 / 4 for i in range(N)]})
    finding = the("personal_data", PERSONAL_DATA, table)
    used = {column.name for column in table.schema.features}
    assert set(finding.columns) == set(COLUMNS) & used
    assert len(finding.columns) >= 6
    assert finding.severity is Severity.PLEASE_LOOK
    assert settles(PERSONAL_DATA, table, finding)
    written = json.dumps(finding.to_json())
    assert not any(str(value) in written for name in finding.columns for value in COLUMNS[name])


def test_ordinary_columns_are_not_personal(tmp_path: Path) -> None:
    columns: dict[str, Sequence[object]] = {
        "name": [("bolt", "nut", "gear 5")[i % 3] for i in range(N)],
        "Street": [("Pave", "Grvl")[i % 2] for i in range(N)],
        "telephone": [("none", "yes, registered")[i % 2] for i in range(N)],
        "product_name": [f"Model {i // 2}" for i in range(N)],
        "amount": [10_000_000 + i * 37 for i in range(N)],
        "day": [f"2020-0{i % 9 + 1}-1{i % 9}" for i in range(N)],
    }
    assert found(PERSONAL_DATA, dataset(tmp_path, columns)) == ()


def test_names_of_anything_are_no_names_of_people(tmp_path: Path) -> None:
    places = ("Dragon", "Garden", "Palace", "Kitchen", "Lantern")
    endings = [f"{chr(65 + i % 26)}{chr(97 + i // 26)}x" for i in range(N)]
    houses = [f"{('Golden', 'Royal')[i % 2]} {places[i % 5]} {endings[i]}" for i in range(N)]
    people = [f"{FIRST[i % 7]} {endings[i]}" for i in range(N)]
    for name in ("name", "Nome"):
        for values, code, severity in (
            (houses, "maybe_personal_data", Severity.HANDLED),
            (people, "personal_data", Severity.PLEASE_LOOK),
        ):
            table = dataset(tmp_path, {name: [*values[:-5], *values[:5]], "x": [i * 37 % 101 / 4 for i in range(N)]})
            table = chosen_dataset(table, ExperimentConfig(columns={name: ColumnChoice(role=Role.FEATURE)}))
            (finding,) = found(PERSONAL_DATA, table)
            assert (finding.code, finding.severity, finding.columns) == (code, severity, (name,))


def test_names_that_come_again_are_names_of_people_all_the_same() -> None:
    people, dishes = [f"{each} Moss" for each in FIRST], [f"{each} Soup" for each in LAST]
    assert personal("name", Kind.CATEGORY, people, unique_share=0.05) is NAMES
    assert personal("name", Kind.CATEGORY, dishes, unique_share=0.05) is None


def test_values_alone_can_tell() -> None:
    for values in (
        [identity(f"110105198{year}0{year + 1}15{year}07") for year in range(8)],
        ["13812345678", "15900001111", "18612312312", "13300000001", "17712341234"],
        ["192.168.0.1", "10.0.0.7", "172.16.3.4", "8.8.8.8", "1.1.1.1"],
        [
            "Braund, Mr. Owen Harris",
            "Heikkinen, Miss. Laina",
            "Allen, Mr. William",
            "Moran, Mr. J",
            "Palsson, Master G",
        ],
    ):
        assert personal("c1", Kind.CATEGORY, values, unique_share=1.0) is not None
    assert personal("c1", Kind.CATEGORY, ["2020-01-01", "12 kg", "3-4", "red", "x@"], unique_share=1.0) is None
