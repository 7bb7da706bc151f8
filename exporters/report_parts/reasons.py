"""The part of a report that says what matters, how predictions move with it, and in which rules that can be said."""

from engine.figures import chance, figure
from engine.insight.effects import Effect
from engine.insight.surrogate import Rule, Surrogate
from engine.insight.why import NOT_CAUSES, Why
from engine.messages import Message, phrase
from exporters.report_parts import pictures
from exporters.report_parts.facts import Facts
from exporters.report_parts.html import paragraph, points, section, table, under

MOST_BARS = 15
MOST_DRAWN = 6

TITLE = phrase("report_why_title", "What matters, and how")
MATTERS = phrase("report_matters_label", "How much each column moves the prediction")
COLUMN = phrase("report_matters_column_label", "Column")
SHARE = phrase("report_matters_share_label", "Share")
LOST = phrase("report_lost_label", "Score lost when shuffled")
MEASURED = phrase(
    "report_matters_measured",
    "Share of the average movement of the prediction (mean absolute SHAP value).",
)
EFFECTS = phrase("report_effects_title", "How predictions move with each column")
ALONG = phrase("report_along_label", "The prediction along {column}")
CHANCE_OF = phrase("report_chance_of_label", "Chance of {answer}")
PREDICTION = phrase("report_why_prediction_label", "Prediction")
TOGETHER = phrase("report_together_title", "Columns that work together")
RULES = phrase("report_rules_title", "The model in a few rules")
WHERE = phrase("report_where_label", "Where")
OF_ROWS = phrase("report_of_rows_label", "Share of rows")
OUTCOME = phrase("report_outcome_label", "Prediction on average")
ALL_ROWS = phrase("report_all_rows_label", "all rows")
NOT_KNOWN = phrase(
    "report_why_unknown", "The run has kept no rows to show to its model, so what matters cannot be said."
)


def reasons(facts: Facts) -> str:
    """Return what matters in words and pictures."""
    found = facts.why
    if found is None:
        return section(facts.text(TITLE), paragraph(facts.text(NOT_KNOWN)), name="why")
    return section(
        facts.text(TITLE),
        paragraph(facts.say(NOT_CAUSES())),
        *_importances(facts, found),
        points(map(facts.say, found.doubts())),
        _effects(facts, found),
        under(facts.text(TOGETHER), points(map(facts.say, found.interaction_sentences()))),
        _rules(facts, found.surrogate) if found.surrogate is not None else "",
        name="why",
    )


def _importances(facts: Facts, found: Why) -> list[str]:
    lost = {each.column: each for each in found.lost}
    shares = {each.column: each.share for each in found.importances}
    names = list(dict.fromkeys([*shares, *lost]))[:MOST_BARS]
    rows = [
        [
            name,
            chance(shares[name]) if name in shares else "–",
            f"{figure(lost[name].loss)} ± {figure(lost[name].spread)}" if name in lost else "–",
        ]
        for name in names
    ]
    head = [facts.text(each) for each in (COLUMN, SHARE, LOST)]
    drawn = pictures.bars(facts.text(MATTERS), [(name, shares[name]) for name in names if name in shares])
    return [
        drawn,
        table(facts.text(MATTERS), head, rows, right=(1, 2)),
        paragraph(facts.text(MEASURED) if shares else "", "quiet"),
    ]


def _effects(facts: Facts, found: Why) -> str:
    told: tuple[Message, ...] = found.effect_sentences()
    drawn = [_drawn(facts, effect) for effect in found.effects if effect.scale != "levels"][:MOST_DRAWN]
    return under(facts.text(EFFECTS), points(map(facts.say, told)), *drawn)


def _drawn(facts: Facts, effect: Effect) -> str:
    title = facts.text(ALONG, column=effect.column)
    outcome = facts.text(CHANCE_OF, answer=effect.answer) if effect.answer else facts.text(PREDICTION)
    cells = () if effect.scale == "number" else effect.cells
    return pictures.steps(title, effect.places, effect.curve, (effect.column, outcome), cells)


def _conditions(facts: Facts, rule: Rule) -> str:
    """Return what must hold in one line: sentences without their ends."""
    return "; ".join(facts.say(condition).rstrip(".。") for condition in rule.conditions)


def _rules(facts: Facts, found: Surrogate) -> str:
    outcome = chance if found.answer else figure
    rows = [
        [
            _conditions(facts, rule) or facts.text(ALL_ROWS),
            chance(rule.share),
            outcome(rule.outcome),
        ]
        for rule in found.rules
    ]
    named = facts.text(CHANCE_OF, answer=found.answer) if found.answer else facts.text(OUTCOME)
    head = [facts.text(WHERE), facts.text(OF_ROWS), named]
    return under(
        facts.text(RULES),
        paragraph(facts.say(found.told())),
        table(facts.text(RULES), head, rows, right=(1, 2), is_titled=True),
    )
