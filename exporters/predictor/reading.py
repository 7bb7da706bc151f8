"""Reading rules: what turns a cell as people write it into the canonical cell that model.onnx takes.

The rules (units, thousands signs, decimal commas, words for "missing") are data in the model's own metadata;
`canonical` applies them, one cell at a time, with Python alone. To call the model from another language, write it and
what it calls there, and prove them with reading_cases.json. `as_text` writes typed cells as a file would hold them.
"""

import json
import math
import numbers
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

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
# Dates padded with spaces, divided by other signs than one space, or with minutes of one digit: no graph reads these.
WHITE = "\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
LOOSE = f"[{WHITE}]|  |[/.-] [0-9]|:[0-9](?:[^0-9]|$)"
MOMENT = "%Y-%m-%d %H:%M:%S"
TIME = r"(?:[12][0-9]{3}-[0-9]{2}-[0-9]{2}[ T])?((?:[01][0-9]|2[0-3]):[0-5][0-9])(:[0-5][0-9])?(?:\.[0-9]{1,6})?"
EPOCHS = {"epoch_s": 1.0, "epoch_ms": 1e3, "epoch_us": 1e6, "epoch_ns": 1e9}

LONGEST_NUMBER = 1_000
"""Characters: what is longer is no number, and looking for one in it could take for ever."""

LARGEST_WHOLE = 2**53
"""Up to here a float tells every whole number from its neighbours."""

NOTHING = {"NoneType", "NaTType", "NAType"}
"""How the types of "no value" are called, so that pandas need not be there."""

Column = Mapping[str, Any]


class RefusalError(ValueError):
    """The input is at fault; the text says what to do."""


def places_of(header: Sequence[str], columns: Iterable[Column]) -> dict[str, int]:
    """Return where each column of the model stands in a table, no place twice; RefusalError names those it lacks.

    Own names go first: of two columns called x the second is x_2, so that a table with a single x has only the first.
    """
    columns, left = list(columns), {name: place for place, name in enumerate(told_apart(header))}
    found: dict[str, int] = {}
    for accepted in (first_names, further_names):
        for column in columns:
            name = next((name for name in accepted(column) if name in left), None)
            if column["name"] not in found and name is not None:
                found[column["name"]] = left.pop(name)
    if absent := [column["name"] for column in columns if column["name"] not in found]:
        raise RefusalError(f"The table lacks what the model needs: {', '.join(absent)}. Add or rename these columns.")
    return found


def told_apart(header: Sequence[str]) -> list[str]:
    """Name the columns as the model's training did: trimmed, c3 for an empty third one, x_2 for a second x."""
    wanted = [" ".join(name.split()) or f"c{place}" for place, name in enumerate(header, start=1)]
    made: dict[str, None] = {}
    for name in wanted:
        chosen, n = name, 1
        while chosen in made or (n > 1 and chosen in wanted):
            n += 1
            chosen = f"{name}_{n}"
        made[chosen] = None
    return list(made)


def first_names(column: Column) -> tuple[str, ...]:
    """Spreadsheet programs take "-x" for a formula, so tables made for them have an apostrophe before such names."""
    return (column["name"], f"'{column['name']}")


def further_names(column: Column) -> tuple[str, ...]:
    """Where pandas has written the table, a second x is x.1."""
    name = " ".join(column["original_name"].split())
    second = column["name"].removeprefix(f"{name}_")
    renamed = (f"{name}.{int(second) - 1}",) if second != column["name"] and second.isdecimal() else ()
    return (*renamed, name, f"'{name}")


def as_text(cell: Any, column: Column) -> str:
    """Write a typed cell as the file that the model was trained on would hold it; no value is the empty text.

    1.0 becomes 1: many programs write them the same. Where a column has a decimal comma, a number gets one.
    """
    if isinstance(cell, str):
        return cell
    if type(cell).__name__ in NOTHING:
        return ""
    if isinstance(cell, bool) or type(cell).__name__ in {"bool", "bool_"}:
        return "true" if cell else "false"
    if isinstance(cell, numbers.Real | Decimal):
        return number_text(cell, column)
    if isinstance(cell, timedelta):
        return number_text(cell.total_seconds(), column)
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False, default=str)
    items = cell.tolist() if hasattr(cell, "tolist") else cell
    if isinstance(items, list | tuple):
        return "; ".join(filter(None, (as_text(item, column) for item in items)))
    if isinstance(cell, datetime):
        found = cell.astimezone(UTC) if cell.tzinfo else cell
        return found.strftime(column["date_formats"][0] if column["date_formats"] else MOMENT)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def number_text(cell: float | numbers.Real | Decimal, column: Column) -> str:
    """Write a number as the file would hold it; NaN is the empty text."""
    if isinstance(cell, numbers.Integral):
        return str(int(cell))
    number = float(cell)
    if math.isnan(number):
        return ""
    if number.is_integer() and abs(number) < LARGEST_WHOLE:
        return str(int(number))
    text = repr(number)
    rules = column["rules"]
    # A point in a column of decimal commas could be taken for the sign between thousands.
    return text.replace(".", rules["decimal"]) if column["cells"] != "number" and rules["number"] else text


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
    if not (made == "" or made != made):
        return False
    numbers = column["rules"]["missing_numbers"]
    nothing = {"", *column["rules"]["missing"], *map(repr, numbers), *(f"{number:g}" for number in numbers)}
    return cell.strip().lower() not in nothing


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
    if len(text) > LONGEST_NUMBER:
        return math.nan
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
    if rules.get("dash_zero") and bare in {"-", "–", "—"}:  # files of earlier models do not have it
        bare = "0"
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
    if rules["moments"] and all("%" in kind and "%d" not in kind for kind in rules["moments"]):
        time = re.fullmatch(TIME, text)
        return f"1970-01-01 {time[1]}{time[2] or ':00'}" if time else ""
    for form in forms:
        date_found = date_in(text, form)
        if date_found:
            return date_found.strftime(form) if re.search(LOOSE, text) and date_found.year >= 1000 else text
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


def date_in(text: str, form: str) -> datetime | None:
    """Return the date that a text is in a strptime format; None when it is not possible."""
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the graph knows no zones
    except ValueError:
        return None
