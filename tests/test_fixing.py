"""Remedies are taken by the short names of their findings, as buttons take them."""

import pytest

from app.fixing import fix_word, with_fixes
from engine.checks.check import Finding, Severity, leave_out
from engine.config import ColumnChoice, ExperimentConfig, Remedy
from engine.errors import ConfigError
from engine.messages import phrase
from engine.table.schema import Cells, ColumnSchema, Kind, Known, Role, TableSchema

WRONG = phrase("test_fix_wrong", "Something is wrong with {columns}.")
ODD = phrase("test_fix_odd", "Something is odd with {columns}.")
TITLE = phrase("test_fix_title", "Do something about {columns}")

SCHEMA = TableSchema(
    tuple(
        ColumnSchema(
            name=name, original_name=name, position=i, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=WRONG(columns=name)
        )
        for i, name in enumerate("abcdy")
    )
)
CONFIG = ExperimentConfig(target="y")


def finding(
    says: str, columns: str, *remedies: Remedy, severity: Severity = Severity.PLEASE_LOOK, automatic: bool = False
) -> Finding:
    say = {"wrong": WRONG, "odd": ODD}[says]
    return Finding(
        severity=severity,
        message=say(columns=columns),
        columns=tuple(columns),
        remedies=remedies,
        automatic=automatic,
    )


def remedy(columns: str, **choice: object) -> Remedy:
    choices = {name: ColumnChoice(**choice) for name in columns}  # type: ignore[arg-type]
    return Remedy(title=TITLE(columns=", ".join(columns)), columns=choices)


BOTH = finding("wrong", "ab", leave_out("ab"), leave_out("a"))
ALONE = finding("odd", "c", remedy("c", role=Role.GROUP))


def test_a_finding_has_the_name_under_which_it_is_fixed() -> None:
    assert fix_word(BOTH) == "test_fix_wrong"
    assert fix_word(ALONE) == "test_fix_odd:c"
    assert fix_word(finding("odd", "c")) is None


def test_the_first_remedy_is_taken_as_a_button_takes_it() -> None:
    fixed, taken = with_fixes(CONFIG, [BOTH, ALONE], ["test_fix_wrong"], SCHEMA)
    assert taken == BOTH.remedies[:1]
    assert fixed == CONFIG.remedied(BOTH.remedies[0])


@pytest.mark.parametrize("column", ["a", "b"])
def test_a_remedy_can_be_narrowed_down_to_one_column(column: str) -> None:
    fixed, taken = with_fixes(CONFIG, [BOTH, ALONE], [f"test_fix_wrong:{column}"], SCHEMA)
    assert fixed.columns == {column: ColumnChoice(role=Role.IGNORED)}
    assert [each.title.parameters["columns"] for each in taken] == [column]


def test_all_takes_what_is_open_and_goes_together() -> None:
    found = [
        BOTH,
        ALONE,
        finding("odd", "d", remedy("d", role=Role.GROUP)),  # a second group cannot be
        finding("odd", "d", remedy("d", known=Known.BEFORE)),  # only a person knows
        finding("odd", "d", remedy("d", kind=Kind.CATEGORY), severity=Severity.HANDLED),
        finding("odd", "d", remedy("d", role=Role.IGNORED), automatic=True),
    ]
    fixed, taken = with_fixes(CONFIG, found, ["all"], SCHEMA)
    assert taken == (BOTH.remedies[0], ALONE.remedies[0])
    assert set(fixed.columns or {}) == {"a", "b", "c"}
    assert with_fixes(CONFIG, found, ["all", "test_fix_wrong"], SCHEMA)[1] == taken


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    for word in ("nonsense", "test_fix_odd:a", "test_fix_wrong:"):
        if word.endswith(":"):
            assert with_fixes(CONFIG, [BOTH], [word], SCHEMA)[1] == BOTH.remedies[:1]
            continue
        with pytest.raises(ConfigError, match="test_fix_wrong, test_fix_odd:c"):
            with_fixes(CONFIG, [BOTH, ALONE], [word], SCHEMA)
    with pytest.raises(ConfigError, match="no finding has a remedy"):
        with_fixes(CONFIG, [finding("odd", "c")], ["test_fix_odd"], SCHEMA)
