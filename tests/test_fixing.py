"""Remedies are taken by the short names of their findings, as buttons take them."""

import pytest

from app.fixing import fix_word, with_fixes
from app.inspected import _details
from engine.checks.check import Finding, Severity, leave_out
from engine.checks.known import when_known
from engine.checks.remedies import keep_within
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig, Remedy
from engine.errors import ConfigError
from engine.messages import phrase, render
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


def test_only_a_person_says_when_something_is_known() -> None:
    for columns in ("a", "ab", "abcd"):
        asked = finding("wrong", columns, *when_known(list(columns)))
        assert fix_word(asked) is None
        for word in ("test_fix_wrong", "test_fix_wrong:a"):
            with pytest.raises(ConfigError, match="--known"):
                with_fixes(CONFIG, [asked, ALONE], [word], SCHEMA)


def test_a_remedy_is_narrowed_with_its_words() -> None:
    limits = {"a": ColumnChoice(lowest=0), "b": ColumnChoice(highest=9), "c": ColumnChoice(lowest=1, highest=2)}
    found = finding("wrong", "abcd", *keep_within(limits))
    assert "below 0, 1 or above 9, 2 as" in render(found.remedies[0].title)
    said = {}
    for name in limits:
        fixed, (taken,) = with_fixes(CONFIG, [found], [f"test_fix_wrong:{name}"], SCHEMA)
        assert fixed.columns == {name: limits[name]}
        said[name] = render(taken.title)
    assert said == {
        "a": "Count values below 0 as missing in a",
        "b": "Count values above 9 as missing in b",
        "c": "Count values below 1 or above 2 as missing in c",
    }
    with pytest.raises(ConfigError, match="does not touch the column d"):
        with_fixes(CONFIG, [found], ["test_fix_wrong:d"], SCHEMA)


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    for word in ("nonsense", "test_fix_odd:a", "test_fix_wrong:"):
        if word.endswith(":"):
            assert with_fixes(CONFIG, [BOTH], [word], SCHEMA)[1] == BOTH.remedies[:1]
            continue
        with pytest.raises(ConfigError, match="test_fix_wrong, test_fix_odd:c"):
            with_fixes(CONFIG, [BOTH, ALONE], [word], SCHEMA)
    with pytest.raises(ConfigError, match="no finding has a remedy"):
        with_fixes(CONFIG, [finding("odd", "c")], ["test_fix_odd"], SCHEMA)


def test_the_terminal_says_how_the_first_remedy_is_taken() -> None:
    asked = {"price": None, "evidence": [], "remedies": ["Keep it"], "automatic": False, "columns": ["a b", "c"]}
    assert list(_details({**asked, "fix": "code:c"})) == ["Keep it. To do it: --fix code:c"]
    assert list(_details({**asked, "fix": None})) == ["Keep it. To say it: --known 'a b=before' --known c=before"]
