"""Judges whether a column of texts holds dates, moments or times of day."""

from dataclasses import replace

from engine.messages import Message, phrase
from engine.table.columns.dates import DateFormats, find_date_formats
from engine.table.columns.judgement import ENOUGH, MISSING_AMONG_NUMBERS, Levels, Verdict, short
from engine.table.options import DateOrder
from engine.table.schema import Kind, Subkind

DATES = phrase("kind_dates", "All values are dates, such as {example}.")
MOSTLY_DATES = phrase(
    "kind_mostly_dates",
    "Dates such as {example}. Cells that are none, such as {lost}, count as missing; there are {n}.",
)
SEVERAL_FORMATS = phrase("kind_dates_mixed", "Dates written in {n} ways, such as {example} and {other}.")
TIMES = phrase("kind_times", "Times of day, such as {example}.")
ZONES = phrase("kind_zones", "Moments with a time zone, such as {example}; they are brought to UTC.")
DATES_UNSURE = phrase(
    "kind_dates_unsure",
    "Dates such as {example}; whether the day or the month comes first cannot be seen.",
    "The first number was taken for the day. Write dates as 2024-12-31 to be sure.",
)
_SAMPLE = 2000


def judge_dates(levels: Levels, order: DateOrder | None) -> Verdict | None:
    """Judge a column of texts; None when they are no dates, or one date everywhere."""
    if levels.n == 1 and levels.n_filled == levels.n_rows:
        return None
    found = find_date_formats(levels.texts, levels.counts, order)
    if found is None:
        return None
    n_lost = int(levels.counts[~found.readable].sum())
    if levels.n_filled - n_lost < ENOUGH * levels.n_filled:
        return None
    kept = replace(
        levels, texts=levels.texts[found.readable].reset_index(drop=True), counts=levels.counts[found.readable]
    )
    subkind = _subkind(found, kept)
    return Verdict(
        kind=Kind.DATE,
        subkind=subkind,
        reason=_reason(levels, kept, found, subkind, n_lost),
        probability=_probability(found, kept, subkind, n_lost / levels.n_filled),
        rules=replace(found.rules, missing=MISSING_AMONG_NUMBERS),
        date_formats=found.formats,
        levels=kept,
    )


def _subkind(found: DateFormats, kept: Levels) -> Subkind:
    forms = found.written
    if all("%d" not in form and "%H" not in form and "%I" not in form for form in forms):
        return Subkind.YEAR_MONTH
    if all("%d" not in form for form in forms):
        return Subkind.TIME
    if all("%H" not in form and "%I" not in form for form in forms):
        return Subkind.DAY
    midnight = kept.texts.iloc[:_SAMPLE].str.contains(r"(?:[T ]|^)0?0:00(?::00(?:\.0+)?)?(?:Z| AM)?$").all()
    return Subkind.DAY if midnight else Subkind.DATE_TIME


def _reason(levels: Levels, kept: Levels, found: DateFormats, subkind: Subkind, n_lost: int) -> Message:
    if found.ambiguous:
        return DATES_UNSURE(example=kept.example)
    if n_lost:
        lost = str(levels.texts[~found.readable].iloc[0])
        return MOSTLY_DATES(example=kept.example, lost=short(lost), n=n_lost)
    if subkind is Subkind.TIME:
        return TIMES(example=kept.example)
    if any("%z" in form for form in found.written):
        return ZONES(example=kept.example)
    if len(found.written) > 1:
        others = kept.texts[kept.texts.str.len() != len(kept.texts.iloc[0])]
        other = str(others.iloc[0] if len(others) else kept.texts.iloc[-1])
        return SEVERAL_FORMATS(n=len(found.written), example=kept.example, other=short(other))
    return DATES(example=kept.example)


def _probability(found: DateFormats, kept: Levels, subkind: Subkind, lost_share: float) -> float:
    if found.ambiguous:
        return 0.5
    if subkind is Subkind.TIME:
        # "3:45" may be a duration; where hours pass noon, or are written with two digits, it is hardly one.
        texts = kept.texts.iloc[:_SAMPLE]
        late = texts.str.contains(r"^(?:1[3-9]|2[0-3])|^0[0-9]|[AaPp]\.?[Mm]").any()
        return 0.92 if late else 0.7
    return 0.97 if not lost_share else 0.9 if lost_share <= 0.02 else 0.75
