"""How good a model is, as text for the terminal."""

from collections.abc import Iterable, Iterator

from app.quality_view.reading import NOT_KEPT
from app.terminal import table
from engine.figures import figure
from engine.insight.quality.money import Prices
from engine.insight.quality.quality import Quality
from engine.messages import Message, render
from engine.outcomes import Estimate

N_WORST = 5


def text_of(quality: Quality) -> str:
    """Return everything worth reading in a terminal: sentences first, then the scores and the weak spots."""
    return "\n\n".join(block for block in _blocks(quality) if block)


def _blocks(quality: Quality) -> Iterator[str]:
    yield "\n".join([render(quality.judgement.title), *_points(quality.judgement.reasons)])
    yield _lines(quality.words)
    yield _lines(quality.how)
    yield _scores(quality)
    yield _lines(quality.numbers.said) if quality.numbers else ""
    yield _lines(quality.leaning.said) if quality.leaning else ""
    yield _lines(quality.classes.said) if quality.classes and len(quality.classes.each) > 2 else ""
    two = [part.said for part in (quality.curves, quality.calibration, quality.money) if part is not None]
    yield _lines(two)
    if quality.money is not None and quality.money.prices == Prices():
        yield "A missed row and a false alarm count 1 each until you say what they cost: --miss, --alarm and --hit."
    if quality.weak is None:
        yield render(NOT_KEPT())
    else:
        yield "\n".join(["Where it is weak:", *_points(quality.weak.slices.said)])
        yield _lines([quality.weak.over_time.said]) if quality.weak.over_time else ""
        yield _worst(quality)
    yield render(quality.ties.said) if quality.ties else ""
    yield _more_rows(quality)


def _scores(quality: Quality) -> str:
    rows = [
        [key, figure(score.value), f"{figure(score.low)} to {figure(score.high)}", _baseline(quality, key)]
        for key, score in quality.scores.items()
    ]
    return table(["metric", "score", "95 % interval", "baseline"], rows, right=(1, 3)) + _beside(quality)


def _beside(quality: Quality) -> str:
    found = quality.comparison
    if found is None:
        return ""
    folds = f"\nOver the folds ({found.metric}): {_estimate(found.folds)}" if found.folds and found.held_out else ""
    simple = "" if found.simple is None else f"\nThe best simple model over the folds: {figure(found.simple)}"
    return (
        f"{folds}{simple}\nSingle folds of the best candidate are apart by {figure(found.spread)} (standard deviation)."
    )


def _baseline(quality: Quality, key: str) -> str:
    return figure(quality.baseline[key]) if key in quality.baseline else ""


def _estimate(estimate: Estimate) -> str:
    return f"{figure(estimate.value)} ({figure(estimate.low)} to {figure(estimate.high)})"


def _worst(quality: Quality) -> str:
    rows = quality.weak.worst_rows[:N_WORST] if quality.weak else ()
    if not rows:
        return ""
    lines = [[row.row, _cell(row.truth), _cell(row.prediction), figure(row.off)] for row in rows]
    return "The rows it is most wrong about:\n" + table(["row", "truth", "prediction", "off"], lines, right=(0, 3))


def _more_rows(quality: Quality) -> str:
    found = quality.more_rows
    if found is None:
        return ""
    rows = [[f"{each.n_rows:,}", _estimate(each.score)] for each in found.points]
    curve = table(["rows learnt from", f"{found.metric} (95 % interval)"], rows, right=(0,)) if rows else ""
    return "\n".join(["Would more rows help?", _lines(found.said), curve]).rstrip()


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else figure(value)


def _points(messages: Iterable[Message]) -> list[str]:
    return [f"- {render(message)}" for message in messages]


def _lines(messages: Iterable[Message]) -> str:
    return "\n".join(render(message) for message in messages)
