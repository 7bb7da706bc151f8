"""Of a report: with which columns the errors bend, and whether more rows would help."""

from engine.insight.quality.more_rows import MoreRows
from engine.messages import phrase
from exporters.report_parts import pictures
from exporters.report_parts.facts import Facts
from exporters.report_parts.html import paragraph, points, section, under
from exporters.report_parts.pictures import Span

BENDS = phrase("report_bends_title", "Errors along each column")
ALONG = phrase("report_bends_along_label", "Prediction less truth, on average, along {column}")
NO_VALUE = phrase("report_bends_no_value_label", "no value")
MORE_ROWS = phrase("report_more_rows_title", "Would more rows help?")
BY_ROWS = phrase("report_by_rows_label", "Score by number of rows learnt from")
N_ROWS = phrase("report_n_rows_label", "{n} rows")
NOT_ASKED = phrase(
    "report_more_rows_not_asked",
    "Nobody has asked yet whether more rows would help; the page How good works it out, and so does tablewright "
    "quality --more-rows.",
)


def bends(facts: Facts) -> str:
    """Return with which columns predictions become too high or too low, and the most bent one as a picture."""
    found = facts.quality.leaning
    if found is None:
        return ""
    drawn = ""
    if found.columns and found.columns[0].said:
        worst = found.columns[0]
        rows = [Span.of(each.value or facts.text(NO_VALUE), each.bias) for each in worst.bins]
        drawn = pictures.spans(facts.text(ALONG, column=worst.column), rows, are_alike=True)
        drawn = paragraph(facts.text(ALONG, column=worst.column), "quiet") + drawn
    return under(facts.text(BENDS), points(map(facts.say, found.said)), drawn)


def more_rows(facts: Facts) -> str:
    """Return whether more rows would help, where somebody has asked."""
    found = facts.quality.more_rows
    inside = paragraph(facts.text(NOT_ASKED), "quiet") if found is None else _answer(facts, found)
    return section(facts.text(MORE_ROWS), inside, name="more-rows")


def _answer(facts: Facts, found: MoreRows) -> str:
    first, *others = found.said
    rows = [Span.of(facts.text(N_ROWS, n=f"{each.n_rows:,}"), each.score) for each in found.points]
    return (
        paragraph(facts.say(first))
        + pictures.spans(facts.text(BY_ROWS), rows, are_alike=True)
        + "".join(paragraph(facts.say(message), "quiet") for message in others)
    )
