"""The part of a report that says whether groups are treated alike, by the columns that suggest themselves."""

from engine.figures import figure
from engine.insight.fairness.fairness import Fairness
from engine.insight.fairness.treated import Treated
from engine.messages import Phrase, phrase
from engine.outcomes import Estimate
from exporters.report_parts import pictures
from exporters.report_parts.facts import Facts
from exporters.report_parts.html import paragraph, points, section, table, under
from exporters.report_parts.pictures import Span

TITLE = phrase("report_fairness_title", "Are groups treated alike?")
BY = phrase("report_by_label", "By {column}")
GROUP = phrase("report_group_label", "Group")
ROWS = phrase("report_group_rows_label", "Rows")
FIGURES: dict[str, Phrase] = {
    "base_rate": phrase("report_base_rate_label", "Has the answer"),
    "mean_probability": phrase("report_mean_probability_label", "Says on average"),
    "selection_rate": phrase("report_selection_rate_label", "Is called so"),
    "true_positive_rate": phrase("report_true_positive_rate_label", "Finds"),
    "false_positive_rate": phrase("report_false_positive_rate_label", "False alarms"),
    "accuracy": phrase("report_accuracy_label", "Right"),
    "mean_error": phrase("report_mean_error_label", "Off by, on average"),
    "mean_bias": phrase("report_mean_bias_label", "Too high by"),
}
DRAWN = ("selection_rate", "accuracy", "mean_error")
BY_GROUP = phrase("report_by_group_label", "Figures by group")
OF_100 = phrase(
    "report_fairness_of_100",
    "Shares are of 100 rows of each group, with 95 % intervals (Wilson): base rate, selection rate, true positive "
    "rate, false positive rate, accuracy.",
)
MEASURE = phrase("report_measure_label", "Measure")
BETWEEN = phrase("report_between_label", "Between groups")
BY_CHANCE = phrase("report_by_chance_label", "By chance")
STANDS_OUT = phrase("report_stands_out_label", "More than chance")
YES = phrase("report_yes_label", "yes")
NO = phrase("report_no_label", "no")
APART = phrase("report_apart_label", "How far groups are apart")
NAMED = phrase(
    "report_fairness_named",
    "The measures are named as in Fairlearn. By chance: what groups of these sizes that are treated alike keep within "
    "in 99 of 100 cases, all measures together. The sentences above compare each group with all others, and are held "
    "to the same chance.",
)
SUGGESTED = phrase(
    "report_fairness_suggested",
    "Looked at by columns whose names or values suggest it; that says nothing about other columns.",
)


def treatment(facts: Facts) -> str:
    """Return how the groups of each suggested column are treated; nothing where no column suggests itself."""
    return section(
        facts.text(TITLE),
        *([paragraph(facts.text(SUGGESTED), "quiet")] if facts.fairness else []),
        *(_column(facts, found) for found in facts.fairness),
        name="fairness",
    )


def _column(facts: Facts, found: Fairness) -> str:
    name = next((name for name in DRAWN if found.groups and getattr(found.groups[0], name) is not None), None)
    title = facts.text(BY, column=found.column)
    drawn = ""
    if name is not None:
        rows = [Span.of(each.value, getattr(each, name)) for each in found.groups]
        drawn = pictures.spans(f"{title}: {facts.text(FIGURES[name])}", rows, are_alike=True)
    return under(
        title,
        points(map(facts.say, found.said)),
        drawn,
        _groups(facts, found),
        _measures(facts, found),
        *(paragraph(" ".join(map(facts.say, each.said))) for each in found.equalised),
    )


def _groups(facts: Facts, found: Fairness) -> str:
    shown = [name for name in FIGURES if any(getattr(each, name) is not None for each in found.groups)]
    head = [facts.text(GROUP), facts.text(ROWS), *(facts.text(FIGURES[name]) for name in shown)]
    rows = [[each.value, f"{each.n_rows:,}", *(_told(each, name) for name in shown)] for each in found.groups]
    made = table(facts.text(BY_GROUP), head, rows, right=tuple(range(1, len(head))))
    return made + (paragraph(facts.text(OF_100), "quiet") if found.answer else "")


def _measures(facts: Facts, found: Fairness) -> str:
    head = [facts.text(each) for each in (MEASURE, BETWEEN, BY_CHANCE, STANDS_OUT)]
    rows = [
        [each.name, _whole(each.value), figure(each.by_chance), facts.text(YES if each.stands_out else NO)]
        for each in found.measures
    ]
    made = table(facts.text(APART), head, rows, right=(1, 2))
    return made + (paragraph(facts.text(NAMED), "quiet") if rows else "")


def _told(each: Treated, name: str) -> str:
    found: Estimate | float | None = getattr(each, name)
    if found is None:
        return "–"
    if isinstance(found, float):
        return f"{100 * found:.0f}"
    if name.startswith("mean"):
        return _whole(found)
    return f"{100 * found.value:.0f} ({100 * found.low:.0f} – {100 * found.high:.0f})"


def _whole(found: Estimate) -> str:
    return f"{figure(found.value)} ({figure(found.low)} – {figure(found.high)})"
