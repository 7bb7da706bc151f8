"""Checks for what files leave behind in texts: damaged letters, tags of web pages, formulas, odd spaces."""

import re
from collections.abc import Callable

from engine.checks.check import Case, Check, Finding, Severity
from engine.messages import Message, Phrase, listed, phrase
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
# What became of letters that could not be read, and what such texts look like where they were saved once more.
_LOST = re.compile("\ufffd|ï¿½|ï»¿|锟斤拷|烫烫烫|屯屯屯")
# Two-byte letters of UTF-8 read as Latin letters, for texts in which not all can be repaired.
_LATIN_DAMAGE = re.compile("[ÂÃ][\u0080-\u00bf]")
_MANY = 2
_ODD_LETTERS = re.compile("[^\x00-\x7f]")
_TAG = re.compile(
    r"<\s*/?\s*(?:br|p|div|span|b|i|u|a|li|ul|ol|table|td|tr|img|script|html|body|h[1-6]|font|strong|em)\b[^>]*>|&(?:amp|nbsp|lt|gt|quot|#\d{2,5}|[a-z]{2,8}uml);",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"=\s*[A-Za-z_+\-(\d@].*|[+@\-]\s*[A-Za-z_]+\s*\(.*|@SUM.*")
_SPACES = re.compile("\\S[ \t]{2,}\\S|[\u00a0\u200b\u200c\u200d\u202f\u2007\ufeff\u00ad]|[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MAYBE_FORMULA = re.compile("^[=+@-]", re.MULTILINE)
_MANY_SPACES = re.compile("[ \t]{2,}|[\u00a0\u200b-\u200d\u202f\u2007\ufeff\u00ad]")
# Encodings for which UTF-8 is mistaken, and the letters that must come out: by chance others might.
_ENCODINGS = {
    "cp1252": re.compile("[\u00a0-\uffff]"),
    "latin-1": re.compile("[\u00a0-\uffff]"),
    "cp1251": re.compile("[\u0400-\u04ff\u2010-\u2122]"),
    "cp1250": re.compile("[\u00a0-\u017f\u2010-\u2122]"),
    "gb18030": re.compile("[\u4e00-\u9fff]"),
}


def damaged(text: str) -> bool:
    """Say whether a text has letters that come from reading it in a wrong encoding.

    >>> damaged("FranÃ§ois"), damaged("François"), damaged("SÃO PAULO"), damaged("Её")
    (True, False, False, False)
    """
    if text.isascii():
        return False
    if _LOST.search(text) or len(_LATIN_DAMAGE.findall(text)) >= _MANY:
        return True
    return repaired(text) is not None


def repaired(text: str) -> str | None:
    """Return what a damaged text probably was; None where that cannot be known.

    >>> repaired("FranÃ§ois"), repaired("â‚¬ 5"), repaired("François")
    ('François', '€ 5', None)
    """
    for encoding, letters in _ENCODINGS.items():
        try:
            meant = text.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if len(meant) < len(text) and letters.search(meant):
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
