"""What new files show of a model, as documents for programs and as text for the terminal."""

from collections.abc import Iterable, Iterator
from typing import Any

from app.terminal import table
from engine.figures import chance, figure
from engine.insight.in_use.bearing import Bearing, Loss
from engine.insight.in_use.distance import written_chance
from engine.insight.in_use.drift import Drift
from engine.insight.in_use.label_next import Labels
from engine.insight.in_use.look import Look
from engine.insight.in_use.scored import Scored
from engine.insight.quality.quality import told
from engine.messages import Message, render

N_COLUMNS = 15
N_BORNE = 10


def document(run_id: str, look: Look) -> dict[str, Any]:
    """Return what a file showed as plain data, sentences in English; parts that were not asked for are left out."""
    parts = {"drift": look.drift, "score": look.scored, "label_next": look.labels}
    head = {"run_id": run_id, "file": look.file, "rows": look.n_rows}
    found = {name: told(part) for name, part in parts.items() if part is not None}
    title = {"title": render(look.drift.title)} if look.drift is not None else {}
    return {**head, **title, **found, "done_to_the_file": told(look.done), "fit": told(look.fit)}


def drift_text(found: Drift) -> str:
    """Return the light with its reasons, what changed, and the figures of the columns."""
    rows = [
        [
            each.column,
            _share(each.share),
            f"{each.psi:.2f}",
            f"{each.apart:.2f}",
            written_chance(each.chance),
            str(each.size),
        ]
        for each in (*found.columns[:N_COLUMNS], *(e for e in (found.predictions, found.outcome) if e is not None))
    ]
    head = ["column", "matters", "PSI", "distance", "chance", "changed"]
    blocks = [
        "\n".join([f"{found.light.upper()}: {render(found.title)}", *_points(found.said)]),
        _lines(found.told),
        table(head, rows, right=(1, 2, 3, 4)),
    ]
    return "\n\n".join(block for block in blocks if block)


def score_text(found: Scored) -> str:
    """Return how the score stands, what it means, and the figures beside those of the training."""
    when = "hold-out" if found.held_out else "folds"
    rows = [
        [key, figure(now.value), f"{figure(now.low)} to {figure(now.high)}", *_before(found, key)]
        for key, now in found.scores.items()
    ]
    head = ["metric", "this file", "95 % interval", when, "baseline here"]
    return "\n\n".join([_lines(found.said), _lines(found.words), table(head, rows, right=(1, 3, 4))])


def labels_text(found: Labels) -> str:
    """Return the rows to label next, each with its reasons."""
    lines = [
        f"{rank}. row {each.row} ({each.prediction}): {' '.join(map(render, each.reasons))}"
        for rank, each in enumerate(found.rows, 1)
    ]
    return "\n".join([*lines, *map(render, found.said)])


def bearing_text(found: Bearing) -> str:
    """Return what a model bears in sentences, and its score under each disturbance."""
    head = ["column", "empty", "shifted", "noisy", "by"]
    rows = [
        [each.column, _loss(each.missing), _loss(each.shifted), _loss(each.noisy), each.amount]
        for each in found.columns[:N_BORNE]
    ]
    shown = table([f"{found.metric} where", *head[1:]], rows, right=(1, 2, 3, 4))
    return f"What it withstands ({found.metric} is {figure(found.score)} on {found.n_rows} rows):\n" + "\n\n".join(
        ["\n".join(_points(found.said)), shown]
    )


def _before(found: Scored, key: str) -> Iterator[str]:
    before = found.before.get(key)
    yield figure(before.value) if before is not None else ""
    yield figure(found.baseline[key]) if key in found.baseline else ""


def _loss(loss: Loss | None) -> str:
    return "" if loss is None else f"{figure(loss.score)}{' !' if loss.is_fragile else ''}"


def _share(share: float | None) -> str:
    return "" if share is None else chance(share)


def _points(messages: Iterable[Message]) -> list[str]:
    return [f"- {render(message)}" for message in messages]


def _lines(messages: Iterable[Message]) -> str:
    return "\n".join(map(render, messages))
