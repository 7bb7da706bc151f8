"""Rows and answers as JSON: their types, made from the model's own columns, and what is said about wrong ones."""

import difflib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, ValidationError, create_model
from pydantic_core import from_json

from exporters.predictor.predict import BATCH_ROWS, Model, Outputs, plain
from exporters.predictor.reading import Column, as_text, canonical, is_lost

MOST_TOLD = 20
MOST_LETTERS = 80
NAMES = {
    bool: "true or false",
    dict: "an object",
    list: "a list",
    type(None): "null",
    str: "a text",
    int: "a number",
    float: "a number",
}

Value = StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | StrictStr | None


class Interval(BaseModel):
    """The ends of a range."""

    low: float | None
    high: float | None


DOUBT: Mapping[str, tuple[str, Any]] = {
    "interval": ("the lowest and the highest value that are likely", Interval),
    "possible": ("the classes that are not ruled out; several mean that the model is unsure", None),
    "unlike": ("the fields whose value is such as no training row had, or only one", list[str]),
}
Answer = dict[str, Any]
Problem = dict[str, Any]


class RowsError(Exception):
    """Rows that cannot be predicted: `problems` names the row (from 0), the field and what is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0]["message"])
        self.problems = problems[:MOST_TOLD]
        self.n_problems = len(problems)


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Canonical cells by column, and for each row the columns whose cell could not be read."""

    by_column: Mapping[str, list[float | str]]
    unread: list[list[str]]

    def part(self, first: int, end: int) -> "Cells":
        """Return some of the rows."""
        cells = {name: column[first:end] for name, column in self.by_column.items()}
        return Cells(by_column=cells, unread=self.unread[first:end])


class Shape:
    """The JSON types of one model: of a row, of rows, of an answer and of answers."""

    def __init__(self, model: Model, most_rows: int) -> None:
        self.model = model
        self.most_rows = most_rows
        self.outputs = [*model.outputs, *model.doubt]
        self.names = [column["name"] for column in model.columns]
        fields: dict[str, Any] = {
            f"field_{place}": (Value, Field(default=None, alias=column["name"], description=described(column)))
            for place, column in enumerate(model.columns)
        }
        config = ConfigDict(extra="forbid")
        self.row_type: type[BaseModel] = create_model("Row", __config__=config, **fields)
        self.rows_type: type[BaseModel] = create_model(
            "Rows",
            __config__=config,
            rows=(list[self.row_type], Field(max_length=most_rows)),  # type: ignore[name-defined]
        )
        self.answer_type = answer_type(model)
        self.answers_type: type[BaseModel] = create_model("Answers", predictions=(list[self.answer_type], ...))  # type: ignore[name-defined]

    def read(self, body: bytes) -> tuple[list[list[Any]], bool]:
        """Return the values of each row in the order of the columns, and whether several rows were sent."""
        try:
            document = from_json(body, allow_inf_nan=False)
        except ValueError as wrong:
            raise refused(f"The body is no JSON: {wrong}.") from wrong
        if not isinstance(document, dict):
            raise refused(f'Send one row as an object, or {{"rows": [...]}}; {kind_of(document)} came.')
        many = "rows" in document and (isinstance(document["rows"], list) or "rows" not in self.names)
        try:
            if not many:
                return [list(vars(self.row_type.model_validate(document)).values())], False
            rows: Any = vars(self.rows_type.model_validate(document))["rows"]
        except ValidationError as wrong:
            raise self._refused(wrong, many=many) from wrong
        return [list(vars(row).values()) for row in rows], True

    def predict(self, rows: Sequence[Sequence[Any]], *, lenient: bool, many: bool) -> list[Answer]:
        """Return one answer per row; see `cells` for what cannot be read."""
        cells = self.cells(rows, lenient=lenient, many=many)
        parts = (cells.part(first, first + BATCH_ROWS) for first in range(0, len(rows), BATCH_ROWS))
        return [answer for part in parts for answer in self.answers(self.run(part), part.unread)]

    def cells(self, rows: Sequence[Sequence[Any]], *, lenient: bool, many: bool) -> Cells:
        """Return canonical cells.

        `lenient`: what cannot be read counts as missing, and is named in `unread`; else RowsError names it.
        """
        unread: list[list[str]] = [[] for _row in rows]
        problems: list[Problem] = []
        cells: dict[str, list[float | str]] = {}
        for place, column in enumerate(self.model.columns):
            name = column["name"]
            texts = [as_text(row[place], column) for row in rows]
            cells[name] = [canonical(text, column) for text in texts]
            for number, (text, made) in enumerate(zip(texts, cells[name], strict=True)):
                if text and is_lost(text, made, column):
                    unread[number].append(name)
                    problems.append(unreadable(text, column, number, many=many))
        if problems and not lenient:
            raise RowsError(problems)
        return Cells(by_column=cells, unread=unread)

    def run(self, cells: Cells) -> Outputs:
        """Return all outputs for cells that are not too many for one call."""
        return self.model.run(cells.by_column, self.outputs)

    def answers(self, outputs: Outputs, unread: Sequence[list[str]], first: int = 0) -> list[Answer]:
        """Return the answers of the rows from `first` on."""
        return [self._answer(outputs, first + number, lost) for number, lost in enumerate(unread)]

    def _answer(self, outputs: Outputs, number: int, unread: list[str]) -> Answer:
        found = {name: outputs[name][number] for name in outputs}
        answer: Answer = {"prediction": number_or_label(found["prediction"][0])}
        classes = self.model.classes
        if classes:
            chances = zip(classes, found["probabilities"], strict=True)
            answer["probabilities"] = {str(label): number_or_label(chance) for label, chance in chances}
        if "interval" in found:
            low, high = map(number_or_label, found["interval"])
            answer["interval"] = {"low": low, "high": high}
        for name in ("possible", "unlike"):
            if name in found:
                answer[name] = self.model.marked(name, found[name])
        answer["unread"] = unread
        return answer

    def _refused(self, wrong: ValidationError, *, many: bool) -> RowsError:
        """Say which row and field is wrong; a field that is of none of the types is one problem."""
        found: dict[tuple[Any, Any], Problem] = {}
        for error in wrong.errors(include_url=False):
            place = tuple(error["loc"]) if many else ("rows", 0, *error["loc"])
            row, field = (*place[1:3], None, None)[:2]
            if place[0] != "rows" or row is None:
                message = self._told_of_all(error, str(place[0]))
            elif field is None:
                message = f"rows[{row}]: a row is an object with a value per column; {kind_of(error['input'])} came."
            else:
                message = placed(self._told(error, str(field)), row, str(field), many=many)
            named = None if field is None else shortened(str(field))
            found.setdefault((row, field), {"row": row, "field": named, "message": message})
        return RowsError(list(found.values()))

    def _told_of_all(self, error: Any, field: str) -> str:
        if error["type"] == "too_long":
            return f"At most {self.most_rows} rows are taken at once; send the others in another request."
        if field == "rows":
            return f'"rows" is a list of objects; {kind_of(error["input"])} came.'
        return f'Beside "rows" nothing else is taken; "{shortened(field)}" came.'

    def _told(self, error: Any, field: str) -> str:
        if error["type"] == "extra_forbidden":
            near = difflib.get_close_matches(field[:MOST_LETTERS], self.names, n=1)
            hint = f'is "{near[0]}" meant?' if near else "GET /schema lists them."
            return f"is none of the model's columns; {hint}"
        return f"takes a number, a text or null; {kind_of(error['input'])} came."


def refused(message: str) -> RowsError:
    """Return a refusal of the body as a whole."""
    return RowsError([{"row": None, "field": None, "message": message}])


def unreadable(text: str, column: Column, row: int, *, many: bool) -> Problem:
    """Say that a cell cannot be read by the column's rules."""
    wanted = "date" if column["kind"] == "date" else "number" if column["cells"] == "number" else "value"
    said = f"{shortened(json.dumps(text, ensure_ascii=False))} is no {wanted} that it can have"
    message = placed(
        f"takes no such value: {said}; send null, or ask with ?unread=missing.", row, column["name"], many=many
    )
    return {"row": row, "field": shortened(column["name"]), "message": message}


def placed(said: str, row: int | str, field: str, *, many: bool) -> str:
    """Return a sentence that names the field, and the row where there are several."""
    return f'rows[{row}]: field "{shortened(field)}" {said}' if many else f'Field "{shortened(field)}" {said}'


def number_or_label(cell: Any) -> Any:
    """Return an output as JSON has it; what is no finite number is null."""
    made = plain(cell)
    return None if isinstance(made, float) and not math.isfinite(made) else made


def answer_type(model: Model) -> type[BaseModel]:
    """Return the type of an answer, for the OpenAPI document."""
    label: Any = (int if isinstance(model.classes[0], int) else str) if model.classes else float | None
    target = ", ".join(model.task["targets"])
    fields: dict[str, Any] = {"prediction": (label, Field(description=f"the predicted {target}"))}
    if model.classes:
        fields["probabilities"] = (dict[str, float | None], Field(description="of each class; they add up to 1"))
    for name in model.doubt:
        told, kind = DOUBT[name]
        fields[name] = (kind or list[label], Field(description=told))
    told = "the fields whose value could not be read and counted as missing"
    return create_model("Answer", **fields, unread=(list[str], Field(description=told)))


def described(column: Column) -> str:
    """Say what a field takes."""
    rules = column["rules"]
    if column["kind"] == "date":
        written = [form for form in rules["moments"] if "%" in form]
        if written and not any("%d" in form for form in rules["moments"]):
            return f"a time of day, written as {', '.join(written[:3])}; null is missing, and so is what is none"
        forms = ", ".join([*(written or column["date_formats"]), "%Y-%m-%d"][:3])
        return f"a date, written as {forms}; null is missing, and so is what is no date"
    if column["cells"] == "number":
        return "a number; null is missing, and so is a text that is no number"
    if rules["number"]:
        return "a number, or a text as the column has it (units, thousands signs); null is missing"
    return f"a text ({column['kind']}); null is missing, and one never seen in training is allowed"


def kind_of(value: Any) -> str:
    """Name what came, without repeating all of it."""
    if isinstance(value, float) and math.isinf(value):
        return "a number beyond 1.8e308"
    return NAMES.get(type(value), "something else")


def shortened(text: str) -> str:
    """Return the beginning of a text: messages stay short whatever was sent."""
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}..."
