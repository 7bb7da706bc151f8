"""The middle of a report: how the model was validated, its scores, its mistakes, and where it is weak."""

from engine.figures import chance, figure
from engine.insight.quality.classes import Classes
from engine.insight.quality.numbers import Numbers
from engine.insight.quality.quality import Weak
from engine.messages import phrase
from engine.outcomes import Estimate
from engine.tasks.metric import metric_named
from engine.tasks.task import TaskKind
from exporters.report_parts import pictures
from exporters.report_parts.bends import bends
from exporters.report_parts.facts import Facts
from exporters.report_parts.html import paragraph, points, section, table, under
from exporters.report_parts.pictures import Span

MOST_WORST = 10
MOST_CLASSES = 40
LIFTS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)

VALIDATED = phrase("report_validated_title", "How it was validated")
INTERVALS = phrase(
    "report_intervals",
    "A 95 % interval says where the score would fall for other rows of the same kind, in 95 of 100 cases.",
)
SCORES = phrase("report_scores_title", "Scores beside the baseline")
METRIC = phrase("report_metric_label", "Metric")
SCORE = phrase("report_score_label", "Score")
INTERVAL = phrase("report_interval_label", "95 % interval")
BASELINE = phrase("report_baseline_label", "Same answer for every row")
ENDS = phrase("report_ends_label", "{low} to {high}")
THIS = phrase("report_this_model_label", "this model")
OVER_FOLDS = phrase("report_over_folds_label", "this model, over the folds")
SIMPLE_FOLDS = phrase("report_simple_folds_label", "{family}, over the folds")
SAME_ANSWER = phrase("report_same_answer_label", "same answer for every row")
BESIDE = phrase("report_beside_label", "The score with its interval beside simpler answers")
MISTAKES = phrase("report_mistakes_title", "Mistakes")
ERRORS = phrase("report_errors_title", "Errors")
ANSWER = phrase("report_answer_label", "Answer")
ROWS = phrase("report_rows_label", "Rows")
FINDS = phrase("report_finds_label", "Finds of 100")
RIGHT = phrase("report_right_label", "Right of 100")
EACH_ANSWER = phrase("report_each_answer_label", "How often each answer is found, and right when it is given")
TAKEN = phrase("report_matrix_label", "Rows by true answer (down) and by the answer that it gives (across)")
TRUE_ANSWER = phrase("report_true_answer_label", "True answer")
ORDER = phrase("report_order_title", "Putting rows in order")
ROC = phrase("report_roc_label", "Found against false alarms (ROC)")
SHARE_FOUND = phrase("report_share_found_label", "Share found")
SHARE_ALARMS = phrase("report_share_alarms_label", "Share of the others named by mistake")
LIFT = phrase("report_lift_label", "Gain and lift by share of rows")
FIRST_ROWS = phrase("report_first_rows_label", "First rows")
TIMES = phrase("report_times_label", "Times as many as at random")
PROBABILITIES = phrase("report_probabilities_title", "Do the probabilities mean what they say?")
SAID_CHANCE = phrase("report_said_chance_label", "Probability that it says")
TRUE_SHARE = phrase("report_true_share_label", "Share that has the answer")
MONEY = phrase("report_money_title", "What a threshold is worth")
PRICES = phrase(
    "report_prices", "Counted with {miss} for a missed row, {alarm} for a false alarm and {hit} gained by a found row."
)
PREDICTED = phrase("report_predicted_label", "Prediction")
ACTUAL = phrase("report_actual_label", "Truth")
AGAINST = phrase("report_against_label", "Predictions against the truth")
BY_SIZE = phrase("report_by_size_label", "Errors by the size of the answer")
FROM_TO = phrase("report_from_to_label", "Answer")
OFF_BY = phrase("report_off_by_label", "Off by, on average")
TOO_HIGH_BY = phrase("report_too_high_by_label", "Too high by")
WEAK = phrase("report_weak_title", "Where it is weak")
PERIODS = phrase("report_periods_label", "Errors over time")
WORST = phrase("report_worst_label", "The rows it is most wrong about")
ROW = phrase("report_row_label", "Row")
OFF_BY_ROW = phrase("report_off_by_row_label", "Off by")
NO_ROWS = phrase(
    "report_no_rows",
    "The run has kept no predictions for rows that the model never saw, so there are no figures about single rows and "
    "groups.",
)


def validated(facts: Facts) -> str:
    """Return how candidates were compared and how the model was tested."""
    prepared = facts.source.prepared
    reasons = [each for each in (prepared.metric_reason, prepared.how_validated) if each is not None]
    return section(
        facts.text(VALIDATED),
        *(paragraph(facts.say(message)) for message in reasons),
        *(paragraph(facts.say(message)) for message in facts.quality.how),
        paragraph(facts.text(INTERVALS), "quiet"),
        name="validated",
    )


def scores(facts: Facts) -> str:
    """Return all scores with their intervals, and the run's own beside what it has to be better than."""
    found = facts.quality
    main = facts.source.prepared.metric
    rows = [
        [
            facts.reader.word(metric_named(key).title),
            figure(found.scores[key].value),
            _ends(facts, found.scores[key]),
            figure(found.baseline[key]) if key in found.baseline else "–",
        ]
        for key in sorted(found.scores, key=lambda key: key != main)
    ]
    head = [facts.text(each) for each in (METRIC, SCORE, INTERVAL, BASELINE)]
    return section(
        facts.text(SCORES),
        table(facts.text(SCORES), head, rows, right=(1, 2, 3), is_titled=True),
        _beside(facts),
        name="scores",
    )


def _beside(facts: Facts) -> str:
    compared = facts.quality.comparison
    if compared is None:
        return ""
    rows = [Span.of(facts.text(THIS), compared.score)]
    if compared.held_out and compared.folds is not None:
        rows.append(Span.of(facts.text(OVER_FOLDS), compared.folds))
    if compared.simple is not None:
        name = facts.text(SIMPLE_FOLDS, family=compared.simple_family)
        rows.append(Span(name=name, value=compared.simple))
    rows.append(Span(name=facts.text(SAME_ANSWER), value=compared.baseline))
    title = facts.reader.word(compared.title)
    return under(title, pictures.spans(facts.text(BESIDE), rows))


def mistakes(facts: Facts) -> str:
    """Return what the task has of mistakes, order, probabilities, money and errors."""
    found, kind = facts.quality, facts.source.prepared.task.kind
    if facts.judged is None:
        return section(facts.text(MISTAKES), paragraph(facts.text(NO_ROWS)), name="mistakes")
    if found.numbers is not None:
        return section(facts.text(ERRORS), *_errors(facts, found.numbers), bends(facts), name="mistakes")
    assert found.classes is not None
    two = [_order(facts), _probabilities(facts), _money(facts)] if kind is TaskKind.BINARY else []
    return section(facts.text(MISTAKES), *_classes(facts, found.classes), *two, name="mistakes")


def _classes(facts: Facts, found: Classes) -> list[str]:
    rows = [[one.answer, f"{one.n_rows:,}", _of_100(one.found), _of_100(one.right)] for one in found.each]
    head = [facts.text(each) for each in (ANSWER, ROWS, FINDS, RIGHT)]
    matrix = [[true, *counts] for true, counts in zip(found.shown, found.matrix, strict=True)]
    return [
        *(paragraph(facts.say(message)) for message in found.said),
        table(facts.text(EACH_ANSWER), head, rows[:MOST_CLASSES], right=(1, 2, 3)),
        table(
            facts.text(TAKEN),
            [facts.text(TRUE_ANSWER), *found.shown],
            matrix,
            right=tuple(range(1, len(found.shown) + 1)),
        ),
    ]


def _order(facts: Facts) -> str:
    import numpy as np

    curves = facts.quality.curves
    if curves is None:
        return ""
    names = (facts.text(SHARE_ALARMS), facts.text(SHARE_FOUND))
    gained = np.interp(LIFTS, curves.named, curves.found)
    lifts = [[chance(share), chance(gain), f"{gain / share:.1f}"] for share, gain in zip(LIFTS, gained, strict=True)]
    head = [facts.text(each) for each in (FIRST_ROWS, SHARE_FOUND, TIMES)]
    return under(
        facts.text(ORDER),
        paragraph(facts.say(curves.said)),
        pictures.curve(facts.text(ROC), curves.alarms, curves.found, names, (0.0, 1.0)),
        table(facts.text(LIFT), head, lifts, right=(1, 2)),
    )


def _probabilities(facts: Facts) -> str:
    found = facts.quality.calibration
    if found is None:
        return ""
    said, truth = [each.chance for each in found.bins], [each.share for each in found.bins]
    names = (facts.text(SAID_CHANCE), facts.text(TRUE_SHARE))
    title = facts.text(PROBABILITIES)
    drawn = pictures.points(title, said, [each.value for each in truth], names, truth)
    return under(title, paragraph(facts.say(found.said)), drawn)


def _money(facts: Facts) -> str:
    found = facts.quality.money
    if found is None:
        return ""
    prices = facts.text(PRICES, **{name: f"{value:g}" for name, value in vars(found.prices).items()})
    return under(facts.text(MONEY), paragraph(facts.say(found.said)), paragraph(prices, "quiet"))


def _errors(facts: Facts, found: Numbers) -> list[str]:
    rows = [
        [f"{figure(each.low)} – {figure(each.high)}", each.n_rows, _whole(facts, each.error), _whole(facts, each.bias)]
        for each in found.parts
    ]
    head = [facts.text(each) for each in (FROM_TO, ROWS, OFF_BY, TOO_HIGH_BY)]
    names = (facts.text(ACTUAL), facts.text(PREDICTED))
    return [
        *(paragraph(facts.say(message)) for message in found.said),
        pictures.points(facts.text(AGAINST), found.actual, found.predicted, names),
        table(facts.text(BY_SIZE), head, rows, right=(1, 2, 3)),
    ]


def weak(facts: Facts) -> str:
    """Return groups and periods where it is worse, and the rows it is most wrong about."""
    found = facts.quality.weak
    if found is None:
        return ""
    return section(
        facts.text(WEAK),
        points(map(facts.say, found.slices.said)),
        _periods(facts, found),
        _worst(facts, found),
        name="weak",
    )


def _periods(facts: Facts, found: Weak) -> str:
    over_time = found.over_time
    if over_time is None:
        return ""
    rows = [Span.of(period.start, period.loss) for period in over_time.periods]
    return under(
        facts.text(PERIODS),
        paragraph(facts.say(over_time.said)),
        pictures.spans(facts.text(PERIODS), rows, are_alike=True),
    )


def _worst(facts: Facts, found: Weak) -> str:
    rows = [
        [row.row, _cell(row.truth), _cell(row.prediction), figure(row.off)] for row in found.worst_rows[:MOST_WORST]
    ]
    head = [facts.text(each) for each in (ROW, ACTUAL, PREDICTED, OFF_BY_ROW)]
    return table(facts.text(WORST), head, rows, right=(3,))


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else figure(value)


def _whole(facts: Facts, found: Estimate) -> str:
    return f"{figure(found.value)} ({_ends(facts, found)})"


def _ends(facts: Facts, found: Estimate) -> str:
    return facts.text(ENDS, low=figure(found.low), high=figure(found.high))


def _of_100(share: Estimate | None) -> str:
    if share is None:
        return "–"
    return f"{100 * share.value:.0f} ({100 * share.low:.0f} – {100 * share.high:.0f})"
