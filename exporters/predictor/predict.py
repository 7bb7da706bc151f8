"""Predict for the rows of a CSV file with model.onnx. Needs only Python, numpy and onnxruntime.

    python predict.py FILE                 predictions as CSV on standard output
    python predict.py FILE --out OUT.csv   ... into a file
    python predict.py --check              compare this computer's answers with the ones recorded in the bundle

The model wants canonical cells. The reading rules that make them (units, thousands signs, decimal commas, words for
"missing") are data in the model's own metadata; `canonical` below applies them, one cell at a time. To call the model
from another language, write it and what it calls there, and prove them with reading_cases.json.
"""

import argparse
import csv
import io
import json
import math
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as faults

HERE = Path(__file__).resolve().parent
BATCH_ROWS = 10_000
TOLERANCE = 1e-5
DAMAGED = (faults.InvalidProtobuf, faults.InvalidGraph, faults.Fail, faults.InvalidArgument, faults.NoSuchFile)

PLAIN_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?")
ISO_DATE = re.compile(
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
ASCII = str.maketrans(
    {
        **{first + i: str(i) for first in (0xFF10, 0x0660, 0x06F0) for i in range(10)},
        **dict.fromkeys(map(ord, "\u2212\ufe63\uff0d\u2010\u2011"), "-"),
        **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\uff07\u00b4"), "'"),
        **dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u3000"), " "),
        **dict(zip(map(ord, "．，％￥＄（）＋～〜＜＞／٫٬"), ".,%¥$()+~~<>/.,", strict=True)),
    }
)
SPACES = "[ \\t\\r\\n]*"
# Bounded, and no two free runs side by side: a long cell of digits must not take for ever.
RANGE = re.compile(r"(?s)^(?!.{61})(.*[0-9%][^0-9%]*?)\s*(?:-|–|—|~|to|bis|至|до)\s*([^-–—~0-9]*[0-9].*)")
WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*(?:\.(?=[\s,]|$))?")
LONG_FRACTION = re.compile(r"(\.[0-9]{6})[0-9]+")
MOMENT = "%Y-%m-%d %H:%M:%S"
EPOCHS = {"epoch_s": 1.0, "epoch_ms": 1e3, "epoch_us": 1e6, "epoch_ns": 1e9}
SAFE_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?%?\s*")

Column = Mapping[str, Any]


def canonical(cell: str, column: Column) -> float | str:
    """Turn a raw cell into what the model takes: a float (missing is NaN) or a text (missing is empty)."""
    rules = column["rules"]
    same: dict[str, str] = dict(rules["same"])
    text = cell.strip()
    if column["cells"] == "number":
        return possible(plain_number(same.get(text, text)), rules)
    if text.lower() in {"", *rules["missing"]}:
        return ""
    text = same.get(text, text)
    if rules["number"]:
        number = possible(read_number(text, rules), rules)
        return repr(number) if math.isfinite(number) else ""
    if column["date_formats"]:
        return date_text(text, column["date_formats"], rules)
    if rules["separators"]:
        return re.sub(rf"[{re.escape(rules['separators'])}\s]+", " ", text).strip()
    return text


def is_lost(cell: str, made: float | str, column: Column) -> bool:
    """Whether a cell says something that could not be read, so that it counts as missing."""
    numbers = column["rules"]["missing_numbers"]
    nothing = {"", *column["rules"]["missing"], *map(repr, numbers), *(f"{number:g}" for number in numbers)}
    return (made == "" or made != made) and cell.strip().lower() not in nothing


def plain_number(text: str) -> float:
    """Read "-1.5e3"; anything else is NaN."""
    return float(text) if PLAIN_NUMBER.fullmatch(text) else math.nan


def possible(number: float, rules: Mapping[str, Any]) -> float:
    """Make NaN a number that means "no value" or lies beyond what can be."""
    low, high = rules["lowest"], rules["highest"]
    beyond = (low is not None and number < low) or (high is not None and number > high)
    return math.nan if beyond or number in rules["missing_numbers"] else number


def read_number(text: str, rules: Mapping[str, Any]) -> float:
    """Read a number with units, currency, thousands signs or another decimal sign; anything else is NaN."""
    text = text.translate(ASCII).strip()
    number, factor, _ = signed_number(text, rules)
    ends = RANGE.search(text) if rules["ranges"] and math.isnan(number) else None
    if not ends:
        return number * factor
    low, low_factor, has_unit = signed_number(ends[1], rules)
    high, high_factor, _ = signed_number(ends[2], rules)
    low, high = low * (low_factor if has_unit else high_factor), high * high_factor
    return (low + high) / 2 if low <= high else math.nan


def signed_number(text: str, rules: Mapping[str, Any]) -> tuple[float, float, bool]:
    """Read one number by the column's rules; return also what its unit multiplies it by, and whether it has one."""
    bare = text.strip()
    bare, negative = without_parentheses(bare, rules)
    bare = re.sub(r"^[–—](\S)", r"-\1", bare)
    if rules["prefixes"]:
        either_prefix = either(rules["prefixes"])
        bare = re.sub(rf"^([+-]?){SPACES}(?:(?:{either_prefix}){SPACES}){{1,2}}", r"\1", bare, flags=re.IGNORECASE)
    bare = re.sub(rf"^([+-]){SPACES}", r"\1", bare)
    factors = dict(rules["factors"])
    units = [*rules["suffixes"], *factors]
    unit = re.search(rf"{SPACES}({either(units)})$", bare, flags=re.IGNORECASE) if units else None
    bare, inside = without_parentheses(bare[: unit.start()] if unit else bare, rules)
    negative = negative or inside
    if rules["trailing_minus"] and bare.endswith("-"):
        negative, bare = True, bare[:-1].rstrip(" \t\r\n")
    if rules["thousands"] and re.fullmatch(grouped(rules["thousands"], rules["decimal"]), bare):
        bare = bare.replace(rules["thousands"], "")
    if rules["decimal"] != ".":
        hidden = "." in bare and (rules["decimal"] in bare or re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+", bare))
        bare = "" if hidden else bare.replace(rules["decimal"], ".")
    number = plain_number(bare)
    return -number if negative else number, factors.get(unit[1].lower(), 1.0) if unit else 1.0, bool(unit and factors)


def without_parentheses(text: str, rules: Mapping[str, Any]) -> tuple[str, bool]:
    """Take the parentheses off that mean a minus; return also whether there were any."""
    inside = bool(rules["parentheses_negative"] and re.fullmatch(r"\(.*\)", text))
    return text[1:-1].strip() if inside else text, inside


def grouped(thousands: str, decimal: str) -> str:
    """Return a pattern for numbers whose digits stand in groups."""
    sign = re.escape(thousands)
    groups = f"({sign}[0-9]{{2,3}})*{sign}[0-9]{{3}}" if thousands == "," else f"({sign}[0-9]{{3}})+"
    return rf"[+-]?[0-9]{{1,3}}{groups}({re.escape(decimal)}[0-9]*)?"


def either(words: Iterable[str]) -> str:
    """Return a pattern for one of some words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def date_text(text: str, forms: Sequence[str], rules: Mapping[str, Any]) -> str:
    """Keep a date in one of the strptime formats, bring moments and ISO dates there, and drop anything else."""
    words: dict[str, str] = dict(rules["words"])
    if words:
        text = WORD.sub(lambda match: words.get(match[0].rstrip(".").lower(), match[0]), text)
        text = re.sub(r"\s+", " ", text).strip(" ,")
    if any("%f" in form for form in forms):
        text = re.sub(LONG_FRACTION, r"\1", text)
    for kind in rules["moments"]:
        text = moment(text, kind) or text
    if any(is_date(text, form) for form in forms):
        return text
    if not ISO_DATE.fullmatch(text):
        return ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return (found.astimezone(UTC) if found.tzinfo else found).strftime(forms[0])


def moment(text: str, kind: str) -> str:
    """Return a date and time in UTC: seconds since 1970, days since 1899-12-30, or a strptime format; empty if none."""
    if kind in EPOCHS or kind == "excel":
        if not re.fullmatch(r"[0-9]{1,19}(\.[0-9]{1,9})?", text):
            return ""
        number = float(text)
        seconds = math.floor(number * 86_400 + 0.5) - 2_209_161_600 if kind == "excel" else number // EPOCHS[kind]
        possible_moment = -2_208_988_800 <= seconds < 4_102_444_800  # 1900 to 2100
        return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).strftime(MOMENT) if possible_moment else ""  # noqa: DTZ001
    if "%z" in kind:
        text = re.sub(LONG_FRACTION, r"\1", text)
        text = re.sub(r"(:[0-9]{2}(?:\.[0-9]{1,6})? ?[+-][0-9]{2})$", r"\1:00", text)
        if not re.fullmatch(r".*[0-9Mm] ?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])( [12][0-9]{3})?", text):
            return ""
    try:
        found = datetime.strptime(text, kind)  # noqa: DTZ007 - formats without a zone are of times of day
    except ValueError:
        return ""
    made = (found.astimezone(UTC) if found.tzinfo else found).strftime(MOMENT)
    return made if "%d" in kind else "1970-01-01" + made[10:]


def is_date(text: str, form: str) -> bool:
    """Whether a text is a possible date in a strptime format."""
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read matters
    except ValueError:
        return False
    return True


class Model:
    """The model file, opened."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        facts = self.session.get_modelmeta().custom_metadata_map
        self.columns: list[Column] = json.loads(facts["tablewright.schema"])
        self.classes: list[str | int] = json.loads(facts["tablewright.classes"])
        self.n_lost = {column["name"]: 0 for column in self.columns}

    @property
    def output_names(self) -> list[str]:
        """The names of the columns that are added."""
        return ["prediction", *(f"probability_{label}" for label in self.classes)]

    def predict(self, cells: Mapping[str, Sequence[float | str]]) -> list[list[Any]]:
        """Return one list of outputs per row, from canonical cells by column name."""
        feed = {}
        for column in self.columns:
            kind = np.float64 if column["cells"] == "number" else object
            feed[column["name"]] = np.array(cells[column["name"]], dtype=kind).reshape(-1, 1)
        outputs = self.session.run(["prediction", "probabilities"] if self.classes else ["prediction"], feed)
        columns = [output.reshape(len(output), -1) for output in outputs]
        return [[plain(cell) for part in row for cell in part] for row in zip(*columns, strict=True)]

    def predict_rows(self, rows: Sequence[Sequence[str]], places: Mapping[str, int]) -> list[list[Any]]:
        """Return one list of outputs per row, from raw cells and the place of each column in a row."""
        cells = {}
        for column in self.columns:
            name, place = column["name"], places[column["name"]]
            raw = [row[place] if place < len(row) else "" for row in rows]
            cells[name] = [canonical(cell, column) for cell in raw]
            self.n_lost[name] += sum(is_lost(*both, column) for both in zip(raw, cells[name], strict=True))
        return self.predict(cells)


def plain(cell: Any) -> Any:
    """Return an output as a Python value; a float32 with as few digits as tell it from its neighbours."""
    if isinstance(cell, np.floating):
        return float(str(cell))
    return int(cell) if isinstance(cell, np.integer) else cell


def places_of(header: Sequence[str], columns: Iterable[Column]) -> dict[str, int]:
    """Return where each column of the model stands in a table; ends the program, naming the ones that are absent."""
    tidy = [" ".join(name.split()) for name in header]
    found: dict[str, int] = {}
    absent = []
    for column in columns:
        own, original, place = column["name"], " ".join(column["original_name"].split()), column["position"]
        if own in tidy:
            found[own] = tidy.index(own)
        elif place < len(tidy) and tidy[place] == original:
            found[own] = place
        elif original in tidy:
            found[own] = tidy.index(original)
        else:
            absent.append(own)
    if absent:
        stop(f"The table lacks what the model needs: {', '.join(absent)}. Add or rename these columns.")
    return found


def separator_of(line: str) -> str:
    """Return the sign between the cells of a header line."""
    return max(",;\t|", key=re.sub(r'"[^"]*"', "", line).count)


def harmless(cell: object) -> object:
    """Return a text that no spreadsheet program runs as a formula."""
    if not isinstance(cell, str) or SAFE_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if cell.lstrip(" ")[:1] in {"=", "+", "-", "@"} or cell[:1] in {"\t", "\r", "\n"} else cell


def stop(sentence: str) -> NoReturn:
    """End the program: the input is at fault."""
    print(sentence, file=sys.stderr)
    sys.exit(2)


def text_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, in UTF-8 or else in the encoding of Western Windows."""
    try:
        path.read_text(encoding="utf-8-sig")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "cp1252"
    except OSError as problem:
        stop(f"{path} cannot be read: {problem.strerror}.")
    with path.open(encoding=encoding, newline="") as file:
        yield from file


def predict_file(model: Model, path: Path, out: Path | None, *, separator: str | None, header: bool) -> None:
    """Write the rows of a file with the predictions beside them."""
    first = next(text_lines(path), "")
    rows = csv.reader(text_lines(path), delimiter=separator or separator_of(first))
    head = next(rows, []) if header else []
    if header:
        places = places_of(head, model.columns)
    else:
        places = {column["name"]: column["position"] for column in model.columns}
        head = [f"c{place}" for place in range(1, len(next(csv.reader([first], delimiter=rows.dialect.delimiter))) + 1)]
    part = out.with_name(out.name + ".part") if out else None
    try:
        file = part.open("w", encoding="utf-8-sig", newline="") if part else sys.stdout
    except OSError as problem:
        stop(f"{out} cannot be written: {problem.strerror}. Write somewhere else.")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([harmless(name) for name in [*own_names(head, model.output_names), *model.output_names]])
    filled = (row for row in rows if any(cell.strip() for cell in row))
    while batch := list(islice(filled, BATCH_ROWS)):
        for row, outputs in zip(batch, model.predict_rows(batch, places), strict=True):
            writer.writerow(map(harmless, [*row[: len(head)], *[""] * (len(head) - len(row)), *outputs]))
    if part and out:
        file.close()
        part.replace(out)
    if lost := ", ".join(f"{name} {n}" for name, n in model.n_lost.items() if n):
        print(f"Cells that could not be read and count as missing: {lost}.", file=sys.stderr)


def own_names(head: Sequence[str], outputs: Sequence[str]) -> list[str]:
    """Return names for the input's columns: unique, and none that of an output, also when it was predicted before."""
    wanted = [f"{name}_in" if name in outputs else name for name in head]
    taken, made = set(outputs), []
    for name in wanted:
        chosen, n = name, 1
        while chosen in taken or (n > 1 and chosen in wanted):
            n += 1
            chosen = f"{name}_{n}"
        taken.add(chosen)
        made.append(chosen)
    return made


def check(model: Model) -> int:
    """Compare with what was recorded when the bundle was made; returns the exit code."""
    cases = json.loads((HERE / "reading_cases.json").read_text(encoding="utf-8"))
    columns = {column["name"]: column for column in model.columns}
    wrong = [case for case in cases if not same(canonical(case["raw"], columns[case["column"]]), case["canonical"])]
    golden = json.loads((HERE / "golden_rows.json").read_text(encoding="utf-8"))
    answers = model.predict_rows(golden["rows"], {name: place for place, name in enumerate(golden["columns"])})
    far = sum(not near(a, b) for a, b in zip(answers, golden["expected"], strict=True))
    n_read, n_near = len(cases) - len(wrong), len(answers) - far
    print(f"{n_read} of {len(cases)} reading cases and {n_near} of {len(answers)} rows agree.")
    return 1 if wrong or far else 0


def same(made: float | str, recorded: float | str | None) -> bool:
    """Whether two canonical cells are the same; NaN is recorded as null."""
    return recorded is None if isinstance(made, float) and math.isnan(made) else made == recorded


def near(answer: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Whether two rows of outputs agree within the tolerance of the certificate."""
    return all(
        abs(a - b) <= TOLERANCE * max(1.0, abs(b)) if isinstance(b, float) else a == b
        for a, b in zip(answer, expected, strict=True)
    )


def main() -> int:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8 whatever the system's usual encoding
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = argparse.ArgumentParser(description="Predict for the rows of a CSV file with model.onnx.")
    parser.add_argument("file", nargs="?", type=Path, help="a CSV file")
    parser.add_argument("--out", type=Path, help="where to write (default: standard output)")
    parser.add_argument("--model", type=Path, default=HERE / "model.onnx", help="default: the one beside this script")
    parser.add_argument("--separator", help="the sign between cells (default: found out)")
    parser.add_argument("--no-header", action="store_true", help="the first line holds values, not names")
    parser.add_argument("--check", action="store_true", help="compare with the recorded answers")
    options = parser.parse_args()
    if not options.check and options.file is None:
        parser.error("give a FILE, or --check")
    try:
        model = Model(options.model)
    except DAMAGED:
        stop(f"{options.model} is not a whole model file. Copy it once more, or export it again.")
    if options.check:
        return check(model)
    try:
        predict_file(model, options.file, options.out, separator=options.separator, header=not options.no_header)
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
