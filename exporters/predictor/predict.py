"""Predict for the rows of a CSV file with model.onnx. Needs only Python, numpy and onnxruntime.

    python predict.py FILE                 predictions as CSV on standard output
    python predict.py FILE --out OUT.csv   ... into a file
    python predict.py FILE --doubt         ... with how sure the model is
    python predict.py --check              compare this computer's answers with the ones recorded in the bundle

The model wants canonical cells; reading.py makes them.
"""

import argparse
import csv
import io
import json
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from exporters.predictor.reading import Column, RefusalError, canonical, is_lost, places_of

HERE = Path(__file__).resolve().parent
BATCH_ROWS = 4096
TOLERANCE = 1e-5
OLDEST_ONNXRUNTIME = "1.24.1"
"""The lowest version that was tried and agrees; 1.21 to 1.23 give other answers and say nothing, before that none."""
DAMAGED = (faults.InvalidProtobuf, faults.InvalidGraph, faults.Fail, faults.InvalidArgument, faults.NoSuchFile)
SAFE_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?%?\s*")
NO_TEXT = "The table is no text in UTF-8. Save it as CSV in UTF-8."

csv.field_size_limit(1 << 30)  # cells may be longer than the 131,072 characters that Python takes by itself

Outputs = Mapping[str, np.ndarray[Any, Any]]


class Line(NamedTuple):
    """A line of a table of predictions: what stood in the table, and what the model adds."""

    own: list[str]
    added: list[Any]


class Model:
    """The model file, opened. `n_threads`: 0 leaves the number to onnxruntime; RefusalError when the file is none."""

    def __init__(self, path: Path, *, n_threads: int = 0) -> None:
        if version_of(onnxruntime.__version__) < version_of(OLDEST_ONNXRUNTIME):
            raise RefusalError(f"onnxruntime {onnxruntime.__version__} is too old: take {OLDEST_ONNXRUNTIME} or later.")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = n_threads
        try:
            self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except DAMAGED:
            raise RefusalError(f"{path} is not a whole model file. Copy it once more, or export it again.") from None
        facts = self.session.get_modelmeta().custom_metadata_map
        if "tablewright.schema" not in facts:
            raise RefusalError(f"{path} does not say which columns it needs. Give the model.onnx of a bundle.")
        self.columns: list[Column] = json.loads(facts["tablewright.schema"])
        self.classes: list[str | int] = json.loads(facts["tablewright.classes"])
        self.task: Mapping[str, Any] = json.loads(facts["tablewright.task"])
        asked = ["prediction", "probabilities"] if self.classes else ["prediction"]
        offered = [output.name for output in self.session.get_outputs()]
        self.outputs = asked
        self.doubt = [name for name in offered if name in ("interval", "possible", "unlike")]

    def added_names(self, *, doubt: bool = False) -> list[str]:
        """Return the names of the columns that are added to a table."""
        names = ["prediction", *(f"probability_{label}" for label in self.classes)]
        for name in self.doubt if doubt else []:
            names += {"interval": ["low", "high"], "possible": ["unsure", "possible"], "unlike": ["unlike"]}[name]
        return names

    def run(self, cells: Mapping[str, Sequence[float | str]], names: Sequence[str]) -> Outputs:
        """Return some outputs, row by row, from canonical cells by column name; there must be a row."""
        feed = {}
        for column in self.columns:
            kind = np.float64 if column["cells"] == "number" else object
            feed[column["name"]] = np.array(cells[column["name"]], dtype=kind).reshape(-1, 1)
        return dict(zip(names, self.session.run(list(names), feed), strict=True))

    def read(
        self, rows: Sequence[Sequence[str]], places: Mapping[str, int], lost: Counter[str]
    ) -> dict[str, list[Any]]:
        """Return canonical cells by column name, from raw cells and the place of each column in a row.

        Counts in `lost` the cells that could not be read and count as missing.
        """
        cells = {}
        for column in self.columns:
            name, place = column["name"], places[column["name"]]
            raw = [row[place] if place < len(row) else "" for row in rows]
            cells[name] = [canonical(cell, column) for cell in raw]
            if n_lost := sum(is_lost(*both, column) for both in zip(raw, cells[name], strict=True)):
                lost[name] += n_lost
        return cells

    def predict_rows(
        self, rows: Sequence[Sequence[str]], places: Mapping[str, int], lost: Counter[str], *, doubt: bool = False
    ) -> list[list[Any]]:
        """Return what is added to each row of raw cells, in the order of `added_names`."""
        outputs = self.run(self.read(rows, places, lost), [*self.outputs, *(self.doubt if doubt else [])])
        columns = [outputs[name].reshape(len(rows), -1) for name in self.outputs]
        made = [[plain(cell) for part in row for cell in part] for row in zip(*columns, strict=True)]
        for name in self.doubt if doubt else []:
            for row, found in zip(made, outputs[name], strict=True):
                row.extend(self._doubted(name, found))
        return made

    def _doubted(self, name: str, found: Iterable[Any]) -> list[Any]:
        if name == "interval":
            return [plain(end) for end in found]
        marked = self.marked(name, found)
        return [*([len(marked) > 1] if name == "possible" else []), ", ".join(map(str, marked))]

    def marked(self, name: str, found: Iterable[Any]) -> list[str | int]:
        """Return what the marks of a row stand for: classes that are possible, or columns with an unlike cell."""
        labels = self.classes if name == "possible" else [column["name"] for column in self.columns]
        return [label for label, is_one in zip(labels, found, strict=True) if is_one]


def version_of(text: str) -> list[int]:
    """Return a version as numbers that compare rightly."""
    return [int(number) for number in re.findall(r"\d+", text)[:3]]


def plain(cell: Any) -> Any:
    """Return an output as a Python value; a float32 with as few digits as tell it from its neighbours."""
    if isinstance(cell, np.floating):
        return float(str(cell))
    return int(cell) if isinstance(cell, np.integer) else cell


def separator_of(line: str) -> str:
    """Return the sign between the cells of a header line."""
    return max(",;\t|", key=re.sub(r'"[^"]*"', "", line).count)


def harmless(cell: object) -> object:
    """Return a text that no spreadsheet program runs as a formula."""
    if not isinstance(cell, str) or SAFE_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if cell.lstrip(" ")[:1] in {"=", "+", "-", "@"} or cell[:1] in {"\t", "\r", "\n"} else cell


def file_lines(path: Path) -> Callable[[], Iterator[str]]:
    """Return what yields the lines of a text file, in UTF-8 or else in the encoding of Western Windows."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            for _line in _lines(path, encoding):
                pass
        except UnicodeDecodeError:
            continue
        except OSError as problem:
            raise RefusalError(f"{path} cannot be read: {problem.strerror}.") from problem
        return partial(_lines, path, encoding)
    raise RefusalError(NO_TEXT)


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline="") as file:
        yield from file


def text_lines(content: bytes) -> Callable[[], Iterator[str]]:
    """Return what yields the lines of a text, in the same encodings."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return lambda: io.StringIO(text, newline="")
    raise RefusalError(NO_TEXT)


def cells_of(lines: Callable[[], Iterator[str]], separator: str | None) -> Any:
    """Return what reads the cells of a CSV text, line by line; `separator`: None finds it out."""
    return csv.reader(lines(), delimiter=separator or separator_of(next(lines(), "")))


def predicted_lines(
    model: Model,
    lines: Callable[[], Iterator[str]],
    lost: Counter[str],
    *,
    separator: str | None = None,
    header: bool = True,
    doubt: bool = False,
) -> Iterator[Line]:
    """Yield the header and then the rows of a CSV text with what the model adds; RefusalError when it is no such table.

    `lines`: starts reading once more each time it is called.
    """
    rows = cells_of(lines, separator)
    try:
        head: list[str] = next(rows, [])
        if header:
            places = places_of(head, model.columns)
        else:
            places = {column["name"]: column["position"] for column in model.columns}
            rows = cells_of(lines, rows.dialect.delimiter)
            head = [f"c{place}" for place in range(1, len(head) + 1)]
        added = model.added_names(doubt=doubt)
        yield Line(own_names(head, added), [*added])
        filled = (row for row in rows if any(cell.strip() for cell in row))
        while batch := list(islice(filled, BATCH_ROWS)):
            for row, outputs in zip(batch, model.predict_rows(batch, places, lost, doubt=doubt), strict=True):
                yield Line([*row[: len(head)], *[""] * (len(head) - len(row))], outputs)
    except csv.Error as wrong:
        raise RefusalError(f"Line {rows.line_num} of the table cannot be read: {wrong}.") from wrong


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


def write_lines(lines: Iterable[Line], file: io.TextIOBase | Any) -> None:
    """Write lines as CSV that no spreadsheet program runs."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows(map(harmless, [*line.own, *line.added]) for line in lines)


def predict_file(
    model: Model, path: Path, out: Path | None, *, separator: str | None, header: bool, doubt: bool
) -> None:
    """Write the rows of a file with the predictions beside them: the whole file or none."""
    lost: Counter[str] = Counter()
    lines = predicted_lines(model, file_lines(path), lost, separator=separator, header=header, doubt=doubt)
    if out is None:
        write_lines(lines, sys.stdout)
    else:
        part = out.with_name(out.name + ".part")
        first = next(lines)
        try:
            with part.open("w", encoding="utf-8-sig", newline="") as file:
                write_lines([first], file)
                write_lines(lines, file)
            part.replace(out)
        except OSError as problem:
            raise RefusalError(f"{out} cannot be written: {problem.strerror}. Write somewhere else.") from problem
        finally:
            part.unlink(missing_ok=True)
    if said := ", ".join(
        f"{column['name']} {lost[column['name']]}" for column in model.columns if lost[column["name"]]
    ):
        print(f"Cells that could not be read and count as missing: {said}.", file=sys.stderr)


def check(model: Model) -> int:
    """Compare with what was recorded when the bundle was made; returns the exit code."""
    cases = json.loads((HERE / "reading_cases.json").read_text(encoding="utf-8"))
    columns = {column["name"]: column for column in model.columns}
    wrong = [case for case in cases if not same(canonical(case["raw"], columns[case["column"]]), case["canonical"])]
    golden = json.loads((HERE / "golden_rows.json").read_text(encoding="utf-8"))
    places = {name: place for place, name in enumerate(golden["columns"])}
    answers = model.predict_rows(golden["rows"], places, Counter(), doubt=True)
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
    parser.add_argument(
        "--doubt", action="store_true", help="add how sure the model is: low and high, or the possible classes"
    )
    parser.add_argument("--check", action="store_true", help="compare with the recorded answers")
    options = parser.parse_args()
    if not options.check and options.file is None:
        parser.error("give a FILE, or --check")
    if options.separator is not None and (len(options.separator) != 1 or options.separator in '"\r\n '):
        parser.error("--separator takes one sign, such as a semicolon")
    form = {"separator": options.separator, "header": not options.no_header, "doubt": options.doubt}
    try:
        model = Model(options.model)
        if options.check:
            return check(model)
        predict_file(model, options.file, options.out, **form)
    except RefusalError as refused:
        print(refused, file=sys.stderr)
        return 2
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
