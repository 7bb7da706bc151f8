"""How the groups of a column are treated, as text for the terminal."""

from app.terminal import table
from engine.figures import figure
from engine.insight.fairness.fairness import Fairness
from engine.insight.fairness.treated import Treated
from engine.messages import render
from engine.outcomes import Estimate

_SHOWN = (
    "base_rate",
    "mean_probability",
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "accuracy",
    "mean_error",
    "mean_bias",
)


def fairness_text(found: Fairness) -> str:
    """Return the sentences, the figures of each group, the measures, and what equal treatment would cost."""
    blocks = [f"By {found.column}:", *(f"- {render(message)}" for message in found.said)]
    if found.groups:
        blocks += ["", _groups(found.groups), "", _measures(found)]
    for each in found.equalised:
        blocks += ["", *(render(message) for message in each.said)]
        blocks.append(", ".join(f"{value} from {100 * at:.3g} %" for value, at in each.thresholds.items()))
    return "\n".join(blocks)


def _groups(groups: tuple[Treated, ...]) -> str:
    shown = [name for name in _SHOWN if any(getattr(each, name) is not None for each in groups)]
    rows = [[each.value, each.n_rows, *(_told(getattr(each, name)) for name in shown)] for each in groups]
    return table(["group", "rows", *shown], rows, right=(1,))


def _measures(found: Fairness) -> str:
    rows = [
        [each.name, _told(each.value), figure(each.by_chance), "yes" if each.stands_out else "no"]
        for each in found.measures
    ]
    return table(["measure", "between groups", "by chance", "more than chance"], rows)


def _told(estimate: Estimate | float | None) -> str:
    if estimate is None:
        return "–"
    if isinstance(estimate, float):
        return figure(estimate)
    return f"{figure(estimate.value)} ({figure(estimate.low)} to {figure(estimate.high)})"
