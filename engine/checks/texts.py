"""Checks for what files leave behind in texts: damaged letters, tags of web pages, formulas, odd spaces."""

import re
from collections.abc import Callable

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.sample import listed
from engine.messages import Message, Phrase, phrase
from engine.table.schema import Cells, ColumnSchema, Kind, Role

DAMAGED = phrase(
    "damaged_letters",
    "Letters that were damaged when the file was written or read: {columns}.",
    "Read the file again with another encoding, or save it as UTF-8.",
    "The same word, damaged and whole, is learned as two; reports show the damaged letters.",
)
DAMAGED_SHOWN = phrase("damaged_shown", "{column}: “{example}”, in about {share} % of the rows.")
REPAIRED_SHOWN = phrase(
    "damaged_repaired_shown", "{column}: “{example}”, probably “{meant}”, in about {share} % of the rows."
)
DAMAGED_NAME_SHOWN = phrase("damaged_name_shown", "The name of the column {column}.")
MARKUP = phrase(
    "markup_in_cells",
    "Cells with the marks of web pages, such as <br> or &amp;: {columns}.",
    "Nothing has to be done; cleaner texts may predict a little better.",
    "The marks are read as if they were words.",
)
FORMULAS = phrase(
    "formulas_in_cells",
    "Cells that a spreadsheet program would take for formulas: {columns}.",
    "Nothing has to be done; such cells are never calculated here.",
    "They are used as the texts that they are.",
)
ODD_SPACES = phrase(
    "odd_spaces",
    "Cells with double, invisible or unusual spaces: {columns}.",
    "Nothing has to be done, unless the same values also stand without them.",
    "They are used as they are.",
)
TEXT_SHOWN = phrase("text_shown", "{column}: “{example}”, in about {share} % of the rows.")

_MOST_TEXTS = 5000
# The two-byte sequences of UTF-8 as other encodings show them, the sign for "unreadable", and what became of it.
_DAMAGE = re.compile(
    "[\u00c2\u00c3\u00d0\u00d1\u0102\u0413\u0420\u0421][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
    "|\u00e2[\u0080\u20ac][\u0080-\u00bf\u0152\u0153\u0161\u017d\u02dc\u2013-\u2026\u2122\u00a6\u00a2]|\u00ef\u00bb\u00bf|\u00ef\u00bf\u00bd|\ufffd|锟斤拷|烫烫烫|屯屯屯"
)
_ODD_LETTERS = re.compile("[^\x00-\x7f]")
_TAG = re.compile(
    r"<\s*/?\s*(?:br|p|div|span|b|i|u|a|li|ul|ol|table|td|tr|img|script|html|body|h[1-6]|font|strong|em)\b[^>]*>|&(?:amp|nbsp|lt|gt|quot|#\d{2,5}|[a-z]{2,8}uml);",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"=\s*[A-Za-z_+\-(\d@].*|[+@\-]\s*[A-Za-z_]+\s*\(.*|@SUM.*")
_SPACES = re.compile("\\S[ \t]{2,}\\S|[\u00a0\u200b\u200c\u200d\u202f\u2007\ufeff\u00ad]|[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MAYBE_FORMULA = re.compile("^[=+@-]", re.MULTILINE)
_MANY_SPACES = re.compile("[ \t]{2,}|[\u00a0\u200b-\u200d\u202f\u2007\ufeff\u00ad]")
_ENCODINGS = ("cp1252", "latin-1", "cp1251", "cp1250", "gb18030")


def damaged(text: str) -> bool:
    """Say whether a text has letters that come from reading it in a wrong encoding.

    >>> damaged("FranÃ§ois"), damaged("François"), damaged("SÃO PAULO"), damaged("Ð\u0160Ð¾Ñ\u0081ÐºÐ²Ð°")
    (True, False, False, True)
    """
    if text.isascii():
        return False
    if "\ufffd" in text or "锟斤拷" in text or "ï¿½" in text or "ï»¿" in text:
        return True
    return _DAMAGE.search(text) is not None and (repaired(text) is not None or len(_DAMAGE.findall(text)) > 1)


def repaired(text: str) -> str | None:
    """Return what a damaged text probably was; None where that cannot be known.

    >>> repaired("FranÃ§ois"), repaired("â‚¬ 5"), repaired("François")
    ('François', '€ 5', None)
    """
    for encoding in _ENCODINGS:
        try:
            meant = text.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if len(meant) < len(text):
            return meant
    return None


def _look_at_damage(case: Case) -> tuple[Finding, ...]:
    evidence: dict[str, Message] = {}
    for column in case.dataset.schema.columns:
        if column.role is Role.IGNORED:
            continue
        if damaged(column.original_name):
            evidence[column.name] = DAMAGED_NAME_SHOWN(column=column.name)
            continue
        found = _matches(case, column, damaged, _ODD_LETTERS)
        if found is not None:
            example, share = found
            meant = repaired(example)
            evidence[column.name] = (
                DAMAGED_SHOWN(column=column.name, example=_cut(example), share=share)
                if meant is None
                else REPAIRED_SHOWN(column=column.name, example=_cut(example), meant=_cut(meant), share=share)
            )
    return _finding(DAMAGED, Severity.PLEASE_LOOK, evidence)


def _look_at_marks(case: Case) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for say, is_odd, hint in (
        (MARKUP, _contains(_TAG), _TAG),
        (FORMULAS, _is_formula, _MAYBE_FORMULA),
        (ODD_SPACES, _contains(_SPACES), _SPACES),
    ):
        evidence: dict[str, Message] = {}
        for column in case.features:
            match = _matches(case, column, is_odd, hint)
            if match is not None:
                example = _cut(_MANY_SPACES.sub("··", match[0]) if say is ODD_SPACES else match[0])
                evidence[column.name] = TEXT_SHOWN(column=column.name, example=example, share=match[1])
        found.extend(_finding(say, Severity.HANDLED, evidence))
    return tuple(found)


def _contains(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _is_formula(text: str) -> bool:
    return text[:1] in "=+@-" and _FORMULA.fullmatch(text) is not None


def _matches(
    case: Case, column: ColumnSchema, is_odd: Callable[[str], bool], hint: re.Pattern[str]
) -> tuple[str, float] | None:
    """Return the first cell that is odd and the share of rows, in percent; None where none is.

    `hint`: found somewhere in all the texts of a column that has odd ones.
    """
    if column.cells is not Cells.TEXT or column.kind.is_number or column.kind is Kind.DATE:
        return None
    if hint.search(case.sample.texts(column.name)) is None:
        return None
    levels = case.sample.levels(column.name).iloc[:_MOST_TEXTS]
    odd = [is_odd(str(level)) for level in levels.index]
    if not any(odd):
        return None
    share = 100 * int(levels[odd].sum()) / max(len(case.sample.rows), 1)
    return str(levels.index[odd][0]), round(share, 1) if share >= 0.1 else 0.1


def _cut(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _finding(say: Phrase, severity: Severity, evidence: dict[str, Message]) -> tuple[Finding, ...]:
    if not evidence:
        return ()
    names = tuple(evidence)
    message = say(columns=listed(names))
    return (Finding(severity=severity, message=message, columns=names, evidence=tuple(evidence.values())),)


DAMAGED_LETTERS = Check(key="damaged_letters", title="Damaged letters", look=_look_at_damage)
MARKS = Check(key="marks", title="Marks of other programs in cells", look=_look_at_marks)
