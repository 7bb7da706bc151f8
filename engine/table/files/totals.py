"""Rows at the end of a table that are no rows of it: totals, averages, sources and notes."""

import re
from collections.abc import Sequence

from engine.table.files.cell_forms import are_values
from engine.table.files.dialect import Row

# As many rows at the end are looked at.
MOST_LAST_ROWS = 50
# In fewer rows the sum of one column may come about by chance.
_MANY_ROWS = 5
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
_MEAN = re.compile(
    r"mean|average|avg|median|mittel|durchschnitt|moyenne|promedio|medi?a|média|gemiddelde|średnia|průměr|ortalama|"
    r"среднее|平均|均值|평균",
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
    last: Sequence[Row],
    before: Sequence[Row],
    blank_before: Sequence[bool] | None = None,
    are_whole: Sequence[bool] | None = None,
) -> tuple[bool, ...]:
    """Say which rows at the end are no rows of the table: for each of them, whether it is a note (else a total).

    `before`: other rows of the table, for comparison; where they are all of them, sums are checked too.
    `blank_before`: whether an empty line stands before each of the last rows. `are_whole`: whether each has as many
    separators as rows have.

    >>> notes_and_totals([["c", "3"], ["Total", "6"], ["Source: a book"]], [["a", "1"], ["b", "2"]])
    (False, True)
    """
    found: list[bool] = []
    for n in range(len(last) - 1, -1, -1):
        body = [*before, *last[:n]]
        if not body:
            break
        apart = any(blank_before[n:]) if blank_before else False
        note = is_note(last[n], body, apart=apart, is_whole=bool(are_whole and are_whole[n]))
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
    usual = _usually_filled(body)
    gaps = [i for i in usual if i >= len(cells) or not cells[i]]
    for i in filled:
        bare = cells[i].rstrip(" :：").lstrip("*- ")
        says = _SUMMARY.fullmatch(bare)
        begins = says or _SUMMARY_START.fullmatch(bare)
        if begins and not any(i < len(other) and other[i].strip() == cells[i] for other in body):
            plain = [other for other in body if not _names_a_sum(other)] or body
            usual = _usually_filled(plain)
            gaps = [k for k in usual if k >= len(cells) or not cells[k]]
            if _has_sums(cells, filled, plain) or are_values(_column(body, i)):
                return True
            numbers = [k for k in filled if _number(cells[k]) is not None]
            alone = len(numbers) == len(filled) - 1
            few = 1 if says and alone else max(2.0, len(usual) / 3)
            return len(gaps) >= few and bool(numbers) and not _is_too_small(bare, cells, numbers, body)
    return len(gaps) >= max(1, len(cells) / 3) and _has_sums(cells, filled, body, alone=True)


def is_note(row: Row, body: Sequence[Row], *, apart: bool = False, is_whole: bool = False) -> bool:
    """Say whether a row is a remark on the table: one text where rows have several cells.

    `apart`: an empty line stands before it. `is_whole`: it has as many separators as rows have, so that it is a row
    unless it calls itself a remark and leaves several cells empty.
    """
    cells = [cell.strip() for cell in row]
    filled = [i for i, cell in enumerate(cells) if cell]
    usual = _usually_filled(body)
    if not filled or len(usual) < 2 or filled[0] != 0:
        return False
    text = cells[0]
    known = bool(_NOTE.fullmatch(text) or _NOTE_MARK.fullmatch(text) or _ROWS_COUNTED.fullmatch(text))
    marked = re.match(r"[^:：]{2,30}[:：]", text) is not None
    if len(filled) > 1:
        # Separators within a remark cut it into several cells.
        return known and (apart or (marked and len(filled) < len(usual))) and not _is_like(text, body)
    if not any(letter.isalpha() for letter in text) or _SUMMARY.fullmatch(text.rstrip(" :：")):
        return False
    if text in {other[0].strip() for other in body if other}:
        return False
    if is_whole and not apart:
        marked = (marked and _NOTE.fullmatch(text) is not None) or _NOTE_MARK.fullmatch(text) is not None
        return marked and len(usual) > 2 and not _is_like(text, body)
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


def _names_a_sum(row: Row) -> bool:
    """Say whether a row may hold a sum of some of the others."""
    return any(_SUMMARY_START.fullmatch(cell.strip().rstrip(" :：")) for cell in row if cell)


def _column(body: Sequence[Row], i: int) -> list[str]:
    return [row[i].strip() for row in body if i < len(row) and row[i].strip()]


def _numbers(body: Sequence[Row], i: int) -> list[float]:
    """Return the numbers of a column; none where not all its cells are numbers."""
    found = [_number(cell) for cell in _column(body, i)]
    numbers = [number for number in found if number is not None]
    return numbers if len(numbers) == len(found) else []


def _has_sums(cells: Row, filled: Sequence[int], body: Sequence[Row], *, alone: bool = False) -> bool:
    """Say whether numbers of a row are the sums of the columns above; `alone`: nothing else tells, so they all are."""
    n_same = n_other = 0
    long = False
    for i in filled:
        told, above = _number(cells[i]), _numbers(body, i)
        if told is None or not above:
            continue
        # Zeros, and a single number among zeros, have their sum in a usual row, too.
        same = len(above) > 2 and abs(sum(above) - told) <= 1e-6 * max(abs(sum(above)), 1.0)
        same = same and sum(number != 0 for number in above) > 1
        long = long or (same and len(above) >= _MANY_ROWS)
        n_same, n_other = n_same + same, n_other + (not same)
    if alone:
        return not n_other and (n_same > 1 or (n_same == 1 and long))
    return n_same > 0


def _is_too_small(word: str, cells: Row, numbers: Sequence[int], body: Sequence[Row]) -> bool:
    """Say whether no number of a row can be a sum: it is far less than those above."""
    columns = {i: _numbers(body, i) for i in numbers}
    columns = {i: above for i, above in columns.items() if above and min(above) >= 0}
    if not columns or _MEAN.search(word):
        return False
    return all((_number(cells[i]) or 0.0) < 0.5 * sum(above) for i, above in columns.items())


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
