"""Rows at the end of a table that are no rows of it: totals, averages, sources and notes."""

import re
from collections.abc import Sequence

from engine.table.files.dialect import Row

# As many rows at the end are looked at.
MOST_LAST_ROWS = 50
_SUMMARY = re.compile(
    r"((grand|sub|overall|running)[- ]?)?totals?( (general|général|generale|geral))?|total(es|e|i)?|all( rows)?|"
    r"((grand|total) )?(sum|mean|average|avg|median)|"
    r"(gesamt|end|zwischen)?summen?|gesamt(wert|betrag|zahl|ergebnis)?|insgesamt|alle|mittel(wert)?|durchschnitt|"
    r"somme|ensemble|moyenne|suma|promedio|media|soma|média|somma|totaal|gemiddelde|summa|sammanlagt|yhteensä|i alt|"
    r"razem|ogółem|średnia|celkem|průměr|spolu|összesen|toplam|genel toplam|ortalama|"
    r"итого|всего|сумма|среднее|всього|разом|合\s*计|总\s*计|小\s*计|共\s*计|总和|汇总|平均值?|均值|"
    r"合\s*計|總\s*計|小\s*計|総\s*計|計|합\s*계|총\s*계|소\s*계|평균|المجموع|الإجمالي",
    re.IGNORECASE,
)
_SUMMARY_START = re.compile(
    r"((grand|sub|overall)[- ]?)?totals?\b.{0,40}|(gesamt)?summe\b.{0,40}|(insgesamt|sum|somme)\b.{0,30}|"
    r"(итого|всего)\b.{0,30}|(合计|总计|小计|共计|合計|總計|総計|小計|합계|총계).{0,20}",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"((data )?sources?|notes?|footnotes?|remarks?|comments?|legend|key|copyright|©|(last )?updated|generated|created|"
    r"exported|printed|downloaded|retrieved|report|disclaimer|page|end of|quellen?|datenquelle|anmerkung(en)?|"
    r"hinweise?|stand|erstellt|bemerkung(en)?|fußnoten?|fuente|nota|fonte|remarque|légende|źródło|uwaga|zdroj|"
    r"источник|примечани[ея]|数据来源|资料来源|来源|注|备注|说明|制表|單位|单位|資料來源|註|備註|"
    r"出典|出所|資料|注記|備考|자료|출처|주)(?!\w)\s*[:：.=]?.*",
    re.IGNORECASE | re.DOTALL,
)
_NOTE_MARK = re.compile(r"(\*+|†|‡|[¹²³]|\(\d\)|\[\d\]|\d\)|#|//|--)\s*\D.*", re.DOTALL)
_ROWS_COUNTED = re.compile(r"\(?\d[\d,. ]* (rows?|records?|lines?|Zeilen|条记录|行)\b.*", re.IGNORECASE)


def notes_and_totals(
    last: Sequence[Row], before: Sequence[Row], blank_before: Sequence[bool] | None = None
) -> tuple[bool, ...]:
    """Say which rows at the end are no rows of the table: for each of them, whether it is a note (else a total).

    `before`: other rows of the table, for comparison; where they are all of them, sums are checked too.
    `blank_before`: whether an empty line stands before each of the last rows.

    >>> notes_and_totals([["b", "2"], ["Total", "3"], ["Source: a book"]], [["a", "1"]])
    (False, True)
    """
    found: list[bool] = []
    for n in range(len(last) - 1, -1, -1):
        body = [*before, *last[:n]]
        if not body:
            break
        apart = any(blank_before[n:]) if blank_before else False
        note = is_note(last[n], body, apart=apart)
        if not note and not is_summary(last[n], body):
            break
        found.append(note)
    return tuple(reversed(found))


def is_summary(row: Row, body: Sequence[Row]) -> bool:
    """Say whether a row sums up the others: it says so in a word that no other row has, or has their sums."""
    cells = [cell.strip() for cell in row]
    filled = [i for i, cell in enumerate(cells) if cell]
    if not filled:
        return False
    gaps = [i for i in _usually_filled(body) if i >= len(cells) or not cells[i]]
    for i in filled:
        bare = cells[i].rstrip(" :：").lstrip("*- ")
        says = _SUMMARY.fullmatch(bare) or (_SUMMARY_START.fullmatch(bare) and gaps)
        if says and not any(i < len(other) and other[i].strip() == cells[i] for other in body):
            first = i == filled[0] and _SUMMARY_START.fullmatch(bare) is not None
            return bool(gaps) or first or _has_sums(cells, filled, body)
    return len(gaps) >= max(1, len(cells) / 3) and _has_sums(cells, filled, body, all_of_them=True)


def is_note(row: Row, body: Sequence[Row], *, apart: bool = False) -> bool:
    """Say whether a row is a remark on the table: one text where rows have several cells."""
    cells = [cell.strip() for cell in row]
    filled = [i for i, cell in enumerate(cells) if cell]
    usual = _usually_filled(body)
    if not filled or len(usual) < 2 or filled[0] != 0:
        return False
    text = cells[0]
    known = bool(_NOTE.fullmatch(text) or _NOTE_MARK.fullmatch(text) or _ROWS_COUNTED.fullmatch(text))
    if len(filled) > 1:
        # Separators within a remark cut it into several cells.
        marked = re.match(r"[^:：]{2,30}[:：]", text) is not None
        return known and (apart or (marked and len(filled) < len(usual))) and not _is_like(text, body)
    if not any(letter.isalpha() for letter in text) or _SUMMARY.fullmatch(text.rstrip(" :：")):
        return False
    others = {other[0].strip() for other in body if other}
    if text in others:
        return False
    return known or apart or (not _is_like(text, body) and (" " in text or len(text) > 20))


def _is_like(text: str, body: Sequence[Row]) -> bool:
    """Say whether a text looks like the first cells of other rows: about as many words, and letters where they are."""
    first = [other[0].strip() for other in body if other and other[0].strip()]
    if not first:
        return False
    n_words = [len(each.split()) for each in first]
    lettered = sum(any(letter.isalpha() for letter in each) for each in first) > 0.5 * len(first)
    return lettered and len(text.split()) <= 1.5 * max(n_words) and len(text) <= 1.5 * max(map(len, first))


def _usually_filled(body: Sequence[Row]) -> list[int]:
    n_columns = max(map(len, body))
    return [i for i in range(n_columns) if sum(bool(row[i].strip()) for row in body if i < len(row)) > 0.8 * len(body)]


def _has_sums(cells: Row, filled: Sequence[int], body: Sequence[Row], *, all_of_them: bool = False) -> bool:
    """Say whether numbers of a row are the sums of the columns above."""
    n_same = n_other = 0
    for i in filled:
        told = _number(cells[i])
        above = [_number(row[i]) for row in body if i < len(row) and row[i].strip()]
        if told is None or not above or any(number is None for number in above):
            continue
        total = sum(number for number in above if number is not None)
        same = len(above) > 2 and abs(total - told) <= 1e-6 * max(abs(total), 1.0)
        n_same, n_other = n_same + same, n_other + (not same)
    return n_same > 0 and not (all_of_them and n_other)


def _number(cell: str) -> float | None:
    bare = re.sub(r"[\s$€£¥%'’]", "", cell)
    if re.fullmatch(r"[-+]?\d+,\d+", bare):
        bare = bare.replace(",", ".")
    elif bare.count(",") > 1 and "." not in bare:
        bare = bare.replace(",", "")
    elif "," in bare:
        bare = bare.replace(",", "") if bare.rfind(",") < bare.rfind(".") else bare.replace(".", "").replace(",", ".")
    try:
        return float(bare)
    except ValueError:
        return None
