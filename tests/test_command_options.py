"""Each thing that can be said in the terminal about a table has its effect on what is printed or trained."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from app.cli import main, parser
from app.command import DONE, INPUT_AT_FAULT
from app.commands.train import _config, _settled
from app.reading_options import reading_options
from engine.table.options import DateOrder, ReadingOptions
from engine.table.reading import read_table
from engine.table.schema import Kind, Known, Role
from tests.tables import write

N = 80
SIZES = [row * 37 % 101 / 4 for row in range(N)]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A table with a bit of everything that can be said about columns."""
    rows = range(N)
    frame = pd.DataFrame(
        {
            "size": SIZES,
            "code": [row % 5 + 1 for row in rows],
            "when": [f"{row % 9 + 1:02}/{row % 5 + 1:02}/2024" for row in rows],
            "amount": [999 if row % 8 == 3 else row * 53 % 97 / 4 for row in rows],
            "copy": SIZES,
            "bought": ["yes" if row * 7 % 3 else "no" for row in rows],
        }
    )
    path = tmp_path / "shop.csv"
    frame.to_csv(path, index=False)
    return path


def seen(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    """Look at a table through the command line."""
    assert main(["inspect", *map(str, words), "--json"]) == DONE
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def column(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what was printed of one column."""
    (only,) = (each for each in found["columns"] if each["name"] == name)
    return dict(only)


def names(found: dict[str, Any]) -> list[str]:
    """Return the names of the columns."""
    return [each["name"] for each in found["columns"]]


def lines(*rows: str) -> str:
    """Return a text of a header and as many rows as a table needs."""
    return "\n".join(rows) + "\n"


def test_the_encoding_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = lines("größe,preis", *(f"{row * 1.5},{row * 37 % 101}" for row in range(N)))
    path = write(tmp_path, text, encoding="cp1252")
    assert names(seen(capsys, path)) == ["größe", "preis"]
    found = seen(capsys, path, "--encoding", "cp1251")
    assert names(found) == ["grцЯe", "preis"]
    assert found["read_as"]["encoding"] == "cp1251"


@pytest.mark.parametrize(("said", "wanted"), [(";", ["a,b", "c,d"]), ("comma", ["a", "b;c", "d"])])
def test_the_separator_can_be_said(
    said: str, wanted: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, lines("a,b;c,d", *(f"{row},{row}5;{row},{row * 37 % 101}" for row in range(1, N))))
    assert names(seen(capsys, path, "--separator", said)) == wanted


def test_rows_above_and_rows_of_names_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = [f"{row},{row * 37 % 101 / 4}" for row in range(N)]
    path = write(tmp_path, lines("1,2", "north,south", "size,price", *body))
    assert names(seen(capsys, path, "--skip-rows", 2)) == ["size", "price"]
    none = seen(capsys, path, "--skip-rows", 3, "--header-rows", 0)
    assert (names(none), none["rows"]) == (["c1", "c2"], N)
    two = seen(capsys, path, "--skip-rows", 1, "--header-rows", 2)
    assert two["rows"] == N
    assert all("north" in name or "south" in name for name in names(two))


def _fill(sheet: Any, rows: list[tuple[object, ...]]) -> None:
    for row in rows:
        sheet.append(row)


def workbook(path: Path) -> Path:
    """Write two sheets, the second with two tables."""
    book = openpyxl.Workbook()
    pairs = [(row, row * 37 % 101) for row in range(N)]
    _fill(book.active, [("a", "b"), *pairs])
    triples = [(*pair, pair[0] * 53 % 97) for pair in pairs]
    _fill(book.create_sheet("later"), [("c", "d"), *pairs, (), (), ("e", "f", "g"), *triples])
    book.save(path)
    return path


def test_the_sheet_and_the_table_in_it_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "book.xlsx")
    found = seen(capsys, path, "--sheet", "later", "--table", 1)
    assert (names(found), found["rows"]) == (["c", "d"], N)
    assert found["choices"]["sheets"] == ["Sheet", "later"]
    assert names(seen(capsys, path, "--sheet", "later", "--table", 2)) == ["e", "f", "g"]
    assert names(seen(capsys, path, "--sheet", "Sheet")) == ["a", "b"]


def test_a_database_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kept.sqlite"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table sales (a integer, b real)")
        connection.executemany("insert into sales values (?, ?)", [(row, row * 37 % 101 / 4) for row in range(N)])
    connection.close()
    found = seen(capsys, path, "--query", "select b, a * 2 as twice from sales where a < 70")
    assert (names(found), found["rows"]) == (["b", "twice"], 70)
    assert names(seen(capsys, path, "--sheet", "sales")) == ["a", "b"]
    address = f"sqlite:///{path.as_posix()}"
    assert names(seen(capsys, address, "--query", "select b as price, a from sales")) == ["price", "a"]
    assert main(["inspect", address]) == INPUT_AT_FAULT
    assert "Add a query" in capsys.readouterr().err


def test_signs_and_orders_that_could_be_either_can_be_said(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = lines("a;b", *(f"{row},{row * 37 % 1000:03};{row}" for row in range(1, N)))
    path = write(tmp_path, text, name="numbers.csv")
    with_comma = column(seen(capsys, path, "--decimal", ","), "a")
    with_point = column(seen(capsys, path, "--decimal", "."), "a")
    assert with_comma["maximum"] < N <= 1000 < with_point["maximum"]
    by_day = column(seen(capsys, shop, "--day-first"), "when")
    by_month = column(seen(capsys, shop, "--month-first"), "when")
    assert (by_day["maximum"], by_month["maximum"]) == ("2024-05-09", "2024-09-05")


def test_totals_can_be_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = [f"shop {row},{row}" for row in range(N)]
    path = write(tmp_path, lines("name,sold", *body, f"Total,{sum(range(N))}"))
    without = seen(capsys, path)
    assert without["rows"] == N
    assert without["left_out"]["n"] == 1
    assert "Total" in without["left_out"]["lines"][0]["text"]
    assert seen(capsys, path, "--keep-totals")["rows"] == N + 1


def test_amounts_that_look_like_counted_seconds_can_stay_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = [f"{1_300_000_000 + 7_654_321 * (row * row % 53)},{row % 2}" for row in range(60)]
    path = write(tmp_path, lines("revenue,bought", *body))
    assert seen(capsys, path)["columns"][0]["kind"] == "date"
    assert main(["inspect", str(path), "--kind", "revenue=number"]) == INPUT_AT_FAULT
    assert "--numbers-stay" in capsys.readouterr().err
    assert seen(capsys, path, "--numbers-stay")["columns"][0]["kind"] == "number"


def test_lines_that_are_not_as_in_the_file_are_shown_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, lines("name,sold,state", *(f"shop {row},{row},a" for row in range(N)), "short,7"))
    assert main(["inspect", str(path)]) == 0
    told = capsys.readouterr().out
    why = "Rows with fewer cells than there are columns: 1. The rest counts as missing."
    assert f"Lines that were left out or changed (1):\n  - {why}\n      line {N + 2}: short,7\n" in told


@pytest.mark.parametrize(
    "words",
    [
        ["--encoding", "nonsense"],
        ["--encoding", "base64"],
        ["--encoding", ""],
        ["--separator", "ab"],
        ["--separator", "x"],
        ["--skip-rows", "-1"],
        ["--header-rows", "4"],
        ["--table", "0"],
        ["--decimal", ";"],
        ["--day-first", "--month-first"],
        ["--kind", "size"],
        ["--kind", "size=banana"],
        ["--role", "=group"],
        ["--known", "size=sometimes"],
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(tmp_path / "any.csv"), *words])
    assert ended.value.code == INPUT_AT_FAULT
    (said,) = capsys.readouterr().err.splitlines()
    assert words[0] in said


def test_every_command_that_reads_a_table_is_told_how_in_the_same_way() -> None:
    said = ["--encoding", "GBK", "--separator", "tab", "--skip-rows", "2", "--header-rows", "2", "--decimal", ","]
    more = ["--sheet", "s", "--table", "2", "--query", "q", "--month-first", "--keep-totals", "--numbers-stay"]
    wanted = ReadingOptions(
        encoding="gbk",
        separator="\t",
        n_skipped_rows=2,
        n_header_rows=2,
        decimal=",",
        sheet="s",
        table=2,
        query="q",
        date_order=DateOrder.MONTH_FIRST,
        keep_totals=True,
        numbers_stay=True,
    )
    for command in (["inspect"], ["train"], ["predict", "model.onnx"]):
        assert reading_options(parser().parse_args([*command, "file.csv", *said, *more])) == wanted
        assert reading_options(parser().parse_args([*command, "file.csv"])) == ReadingOptions()


def test_what_a_person_says_of_columns_is_shown(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ["--kind", "code=category", "--role", "size=group", "--known", "amount=after", "--ignore", "when"]
    found = seen(capsys, shop, "--target", "bought", *said, "--known", "copy=at-the-same-time")
    assert column(found, "code")["kind"] == "category"
    assert [column(found, name)["role"] for name in ("size", "amount", "when")] == ["group", "ignored", "ignored"]
    assert [column(found, name)["known"] for name in ("amount", "copy")] == ["after", "at the same time"]


def test_the_question_can_be_changed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = seen(capsys, shop)
    assert (found["target"], found["task"], found["positive"]) == ("bought", "binary", "yes")
    assert "means yes" in found["positive_reason"]
    assert found["suggestions"][0]["column"] == "bought"
    assert found["suggestions"][0]["reasons"]
    other = seen(capsys, shop, "--positive", "no")
    assert (other["positive"], other["classes"]) == ("no", ["yes", "no"])
    code = seen(capsys, shop, "--target", "code")
    assert (code["task"], code["positive"]) == ("multiclass", None)
    number = seen(capsys, shop, "--target", "code", "--task", "number")
    assert (number["task"], number["classes"]) == ("regression", [])
    assert "you chose it" in number["task_reason"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--task", "clustering"], "clustering"),
        (["--task", "poetry"], "no task called poetry"),
        (["--target", "bought", "--target", "code"], "2 targets"),
        (["--target", "bought,code"], "2 targets"),
        (["--positive", "perhaps"], "perhaps"),
        (["--target", "size", "--positive", "1"], "two answers"),
        (["--target", "size", "--task", "binary"], "two answers"),
        (["--role", "nowhere=group"], "nowhere"),
        (["--fix", "nothing_like_it"], "nothing_like_it"),
    ],
)
@pytest.mark.parametrize("command", ["inspect", "train"])
def test_a_question_that_is_not_answered_is_refused_in_one_sentence(
    command: str, words: list[str], reason: str, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = tmp_path / "workspace"
    assert main([command, str(shop), *words, "--workspace", str(workspace)]) == INPUT_AT_FAULT
    out, err = capsys.readouterr()
    assert out == ""
    (said,) = err.splitlines()
    assert reason in said
    assert not workspace.exists()


@pytest.mark.parametrize(
    ("target", "reason"),
    [("same", "same value"), ("rare", "single row"), ("many", "550 different"), ("own", "another value in every row")],
)
@pytest.mark.parametrize("command", ["inspect", "train"])
def test_a_target_that_cannot_be_predicted_is_refused(
    command: str, target: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = range(1100)
    columns = {
        "size": [row * 37 % 101 / 4 for row in rows],
        "same": ["x"] * 1100,
        "rare": ["c" if row == 7 else "a" for row in rows],
        "many": [f"level {row % 550}" for row in rows],
        "own": [f"a text of its own, {row}" for row in rows],
    }
    pd.DataFrame(columns).to_csv(tmp_path / "table.csv", index=False)
    words = [command, str(tmp_path / "table.csv"), "--target", target, "--workspace", str(tmp_path / "workspace")]
    assert main(words) == INPUT_AT_FAULT
    out, err = capsys.readouterr()
    assert out == ""
    (said,) = err.splitlines()
    assert reason in said
    assert not (tmp_path / "workspace").exists()


def test_a_remedy_is_taken_by_its_name(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = seen(capsys, shop, "--target", "bought")
    (twins,) = (each for each in found["findings"] if "copy" in each["columns"] and "size" in each["columns"])
    assert twins["remedies"]
    assert column(found, "copy")["role"] == "feature"
    fixed = seen(capsys, shop, "--target", "bought", "--fix", twins["fix"])
    roles = {column(fixed, name)["role"] for name in ("copy", "size")}
    assert roles == {"feature", "ignored"}
    assert twins["message"] not in [each["message"] for each in fixed["findings"]]


def test_each_column_is_printed_with_what_is_known_of_it(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.read_csv(shop).assign(weight=[f"{row * 1.5} kg" for row in range(N)])
    frame.loc[3, "weight"] = "gone"
    frame.to_csv(shop, index=False)
    found = seen(capsys, shop, "--target", "bought")
    keys = {"name", "original_name", "position", "kind", "subkind", "role", "known", "reason", "probability"}
    more = {"please_confirm", "missing", "distinct", "unit", "order", "date_formats", "reading_rules", "examples"}
    for each in found["columns"]:
        assert set(each) >= keys | more | {"minimum", "median", "maximum", "power"}
        assert each["please_confirm"] == (each["probability"] < 0.8)
        assert (each["power"] is None) == (each["role"] != "feature")
    weight = column(found, "weight")
    assert (weight["kind"], weight["unit"], weight["position"]) == ("number with unit", "kg", 6)
    assert weight["reading_rules"]["suffixes"] == ["kg"]
    assert column(found, "size")["reading_rules"] == {}
    assert (column(found, "size")["minimum"], column(found, "size")["maximum"]) == (0.0, 25.0)
    assert found["left_out"] == {"n": 0, "lines": []}
    assert found["read_as"]["separator"] == ","


def test_training_takes_the_same_choices(shop: Path) -> None:
    said = ["--kind", "code=category", "--role", "amount=weight", "--known", "when=after", "--positive", "no"]
    options = parser().parse_args(["train", str(shop), *said, "--fix", "all", "--seconds", "20"])
    dataset = read_table(shop)
    config, told = _settled(_config(options, dataset), dataset, options.fix)
    assert (config.target, str(config.task), config.positive, config.seconds) == ("bought", "binary", "no", 20)
    columns = dict(config.columns or {})
    assert columns["code"].kind is Kind.CATEGORY
    assert columns["amount"].role is Role.WEIGHT
    assert columns["when"].known is Known.AFTER
    assert Role.IGNORED in {columns[name].role for name in ("copy", "size") if name in columns}
    assert config.problems(dataset.schema) == ()
    assert [line for line in told if line.startswith("Done: ")]
    assert any("two answers" in line for line in told)
    assert any("you chose it" in line for line in told)


def test_the_terminal_says_everything_in_words(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(shop)]) == DONE
    shown = capsys.readouterr().out
    for part in ("Target: bought", "Task: binary", "Positive class: yes", "--fix ", "Please look:", "power"):
        assert part in shown, part
    assert "{" not in shown


def test_what_stands_in_a_file_moves_no_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = [f"{row * 1.5},red\x1b[31m,{row * 37 % 101}" for row in range(N)]
    path = write(tmp_path, lines('size,"two\nlines",price\x1b[2J', *body))
    assert main(["inspect", str(path)]) == DONE
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert any(row.startswith("two lines ") for row in shown.splitlines())


def test_experts_choose_the_search(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = {"linear": {"strength": {"_type": "loguniform", "_value": [0.1, 10]}}}
    space = write(tmp_path, json.dumps(own), "space.json")
    words = ["--search-way", "joint", "--sampler", "random", "--pruner", "median", "--search-space", str(space)]
    options = parser().parse_args(["train", str(shop), "--target", "bought", *words, "--no-past"])
    search = _config(options, read_table(shop)).search
    assert (search.way, search.sampler, search.pruner, search.use_past) == ("joint", "random", "median", False)
    assert search.space == own
    space.write_text('{"lightgmb": {}}', encoding="utf-8")
    assert main(["train", str(shop), "--target", "bought", *words]) == INPUT_AT_FAULT
    assert "lightgmb, which does not exist" in capsys.readouterr().err
    space.unlink()
    assert main(["train", str(shop), "--target", "bought", *words]) == INPUT_AT_FAULT
    assert "space.json cannot be read" in capsys.readouterr().err
