"""Draws what the report says: rank, error by size of table, time used, file size, error by budget."""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

from benchmarks.versus import comparison
from benchmarks.versus.comparison import BUDGET, OURS, Case, scored
from benchmarks.versus.labels import label_corners
from benchmarks.versus.peers import NAMES, Peer
from benchmarks.versus.records import Record
from benchmarks.versus.scores import error_ratio, geometric_mean

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

OUR_COLOR, OTHER_COLOR, TEXT_COLOR = "#0b5cad", "#8a8f98", "#30343b"
SECOND_COLOR = "#d9772b"
_LABEL_SIZE = 9
_LEAST_SHARE = 0.6  # of the tables that a budget is measured on, for the mean to speak of it: of all of them then
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small, sharp and searchable
    "svg.hashsalt": "tablewright",  # the same figures give the same file
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": TEXT_COLOR,
    "axes.labelcolor": TEXT_COLOR,
    "axes.edgecolor": OTHER_COLOR,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#eceef1",
    "xtick.color": TEXT_COLOR,
    "ytick.color": TEXT_COLOR,
    "legend.frameon": False,
    "figure.facecolor": "white",
}

Drawing = Callable[[Sequence[Record], Sequence[Peer]], Figure | None]


def draw_all(records: Sequence[Record], peers: Sequence[Peer], folder: Path, ending: str = "svg") -> list[Path]:
    """Draw every plot that there are figures for; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with mpl.rc_context(STYLE):
        for name, draw in DRAWINGS.items():
            figure = draw(records, peers)
            if figure is not None:
                path = folder / f"{name}.{ending}"
                figure.savefig(path, bbox_inches="tight", metadata={"Date": None} if ending == "svg" else None, dpi=100)
                plt.close(figure)
                written.append(path)
    return written


def draw_rank(records: Sequence[Record], peers: Sequence[Peer]) -> Figure | None:
    """Mean rank of those measured everywhere; share of the others beaten for all."""
    errors = comparison.errors_by_case(scored(records, BUDGET), comparison.by_system(peers))
    if not errors:
        return None
    means, beaten = comparison.mean_ranks(errors), comparison.duels(errors)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8), gridspec_kw={"wspace": 0.9})
    _dots(left, {_name(key): value for key, value in means.items()}, "{:.2f}")
    left.set_title(f"Mean rank at 60 s, {len(errors)} tables")
    left.set_xlabel("smaller is better; measured on all tables")
    left.set_xlim(1, max(means.values()) + 0.8)
    _dots(right, {f"{_name(key)} ({n})": share * 100 for key, (share, n) in beaten.items()}, "{:.0f} %")
    right.set_title("Share of the others beaten at 60 s")
    right.set_xlabel("%; in brackets: measured on so many tables")
    right.set_xlim(0, 112)
    return figure


def _dots(axes: Axes, values: Mapping[str, float], form: str) -> None:
    """Draw a row per system, the first on top, ours in colour."""
    for place, (name, value) in enumerate(values.items()):
        color = OUR_COLOR if name.startswith(_name(OURS)) else OTHER_COLOR
        axes.plot(value, place, "o", color=color, markersize=8)
        axes.annotate(form.format(value), (value, place), (8, 0), textcoords="offset points", va="center", color=color)
    axes.set_yticks(range(len(values)), list(values))
    axes.set_ylim(len(values) - 0.5, -0.5)
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for label in axes.get_yticklabels():
        if label.get_text().startswith(_name(OURS)):
            label.set_color(OUR_COLOR)
            label.set_fontweight("bold")


def draw_error_by_size(records: Sequence[Record], peers: Sequence[Peer]) -> Figure | None:
    """Our error over the best peer's and over AutoGluon best's, by the number of rows."""
    ours, systems = scored(records, BUDGET), comparison.by_system(peers)
    best = comparison.ratios("the best peer of each table", ours, comparison.best_of_all(peers))
    rival = comparison.ratios("AutoGluon best", ours, systems.get("ag_best", {}))
    if best is None:
        return None
    figure, axes = plt.subplots(figsize=(9, 4.4))
    axes.axhline(1, color=OTHER_COLOR, linewidth=1)
    for found, color, marker in ((rival, SECOND_COLOR, "D"), (best, OUR_COLOR, "o")):
        if found is not None:
            points = [(ours[case]["n_train"], ratio) for case, ratio in found.by_case.items()]
            label = f"over {found.name}: {found.mean:.3f}"
            size = 7 if marker == "o" else 4.5
            axes.plot(*zip(*points, strict=True), marker, color=color, markersize=size, label=label)
    rows = [ours[case]["n_train"] for case in best.by_case]
    axes.set_xscale("log")
    axes.set_xlim(min(rows) * 0.7, max(rows) * 1.6)
    _ratio_axis(axes, [*best.by_case.values(), *(rival.by_case.values() if rival else ())])
    _rows_axis(axes)
    axes.set_xlabel("training rows")
    axes.set_ylabel("our error over theirs")
    axes.set_title("Error ratio at 60 s by size of table (below 1 we are better) and its geometric mean", pad=34)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, handletextpad=0.2, columnspacing=1.5)
    others = [(ours[case]["n_train"], ratio) for case, ratio in rival.by_case.items()] if rival else []
    marked = {_case(case): (ours[case]["n_train"], ratio) for case, ratio in best.by_case.items()}
    _label(axes, marked, others)
    return figure


def draw_time(records: Sequence[Record], _peers: Sequence[Peer]) -> Figure | None:
    """When models were ready, as a share of the time that was given."""
    budgets = sorted({each["seconds"] for each in records if scored(records, each["seconds"])})
    if not budgets:
        return None
    figure, axes = plt.subplots(figsize=(max(4.5, 1.5 * len(budgets) + 1.5), 4.2))
    for place, seconds in enumerate(budgets):
        used = sorted(run["model_ready_seconds"] / seconds * 100 for run in scored(records, seconds).values())
        allowed = comparison.latest_ready(seconds) / seconds * 100
        across = [
            place + 0.66 * (i / max(1, len(used) - 1) - 0.5) if len(used) > 1 else place for i in range(len(used))
        ]
        late = [SECOND_COLOR if value > allowed else OUR_COLOR for value in used]
        axes.scatter(across, used, c=late, s=26, linewidths=0.6, edgecolors="white", zorder=3)
        axes.hlines(median(used), place - 0.32, place + 0.32, color=OUR_COLOR, linewidth=1.2)
        axes.hlines(allowed, place - 0.38, place + 0.38, color=SECOND_COLOR, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.set_xticks(range(len(budgets)), [_duration(each) for each in budgets])
    axes.set_xlim(-0.6, len(budgets) - 0.4)
    axes.set_ylim(0, None)
    axes.grid(axis="y")
    axes.set_xlabel("time given; one point per table and split, the line is the median")
    axes.set_ylabel("model ready after, % of the time given")
    axes.set_title("Time used of the time given (dashed: the latest that is allowed)")
    return figure


def draw_size(records: Sequence[Record], peers: Sequence[Peer]) -> Figure | None:
    """Show what has to be kept to predict, against the error over the best of all."""
    ours, systems, best = scored(records, BUDGET), comparison.by_system(peers), comparison.best_of_all(peers)
    both = {case: run for case, run in ours.items() if case in best}
    if not both:
        return None
    clouds = {OURS: [(run["model_megabytes"], _over_best(run, best[case])) for case, run in both.items()]}
    for name, cases in systems.items():
        clouds[name] = [(each.megabytes, each.error / best[case].error) for case, each in cases.items() if case in both]
    figure, axes = plt.subplots(figsize=(9, 4.8))
    axes.axhline(1, color=OTHER_COLOR, linewidth=1)
    middles: dict[str, tuple[float, float]] = {}
    for name, points in sorted(clouds.items(), key=lambda item: item[0] == OURS):
        if points:
            middle = geometric_mean(x for x, _ in points), geometric_mean(y for _, y in points)
            color = OUR_COLOR if name == OURS else OTHER_COLOR
            axes.plot(*middle, "o", color=color, markersize=10 if name == OURS else 7, zorder=3)
            middles[f"{_name(name)} ({len(points)})"] = middle
    axes.plot(*zip(*clouds[OURS], strict=True), "o", color=OUR_COLOR, markersize=3.5, alpha=0.4, linewidth=0)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} MB"))
    axes.xaxis.set_minor_locator(NullLocator())
    _ratio_axis(axes, [y for _, y in (*middles.values(), *clouds[OURS])])
    axes.margins(x=0.12)
    axes.set_xlabel("kept on disk to predict (geometric mean)")
    axes.set_ylabel("error over the best peer's (geometric mean)")
    axes.set_title("File size and error at 60 s (number of tables); small points: our single tables")
    _label(axes, middles, clouds[OURS])
    return figure


def draw_budget(records: Sequence[Record], _peers: Sequence[Peer]) -> Figure | None:
    """Our error by budget, over our own at 60 s."""
    budgets = sorted({each["seconds"] for each in records})
    lines: dict[Case, dict[float, float]] = {}
    for seconds in budgets:
        found = comparison.between("", scored(records, seconds), scored(records, BUDGET))
        for case, ratio in found.by_case.items() if found else ():
            lines.setdefault(case, {})[seconds] = ratio
    whole = [s for s in budgets if sum(s in line for line in lines.values()) >= _LEAST_SHARE * len(lines)]
    full = [line for line in lines.values() if all(seconds in line for seconds in whole)]
    if not full or len(whole) == 1:
        return None
    figure, axes = plt.subplots(figsize=(9, 4.4))
    for line in lines.values():
        axes.plot(*zip(*sorted(line.items()), strict=True), color=OTHER_COLOR, linewidth=0.8, alpha=0.55)
    means = [geometric_mean(line[seconds] for line in full) for seconds in whole]
    axes.plot(whole, means, "o-", color=OUR_COLOR, linewidth=2.4, markersize=6)
    for seconds, mean, above in zip(whole, means, cycle((9, -16)), strict=False):
        note: dict[str, Any] = {"textcoords": "offset points", "color": OUR_COLOR, "fontweight": "bold", "ha": "center"}
        note["bbox"] = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
        axes.annotate(f"{mean:.3f}", (seconds, mean), (0, above), **note)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(budgets))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _duration(value)))
    _ratio_axis(axes, [ratio for line in lines.values() for ratio in line.values()])
    axes.set_xlabel("time given")
    axes.set_ylabel("error over that at 60 s")
    axes.set_title(f"Error by time given; bold: geometric mean over {len(full)} tables with each of its budgets")
    return figure


DRAWINGS: Mapping[str, Drawing] = {
    "rank": draw_rank,
    "error_by_size": draw_error_by_size,
    "time": draw_time,
    "size": draw_size,
    "budget": draw_budget,
}


def _over_best(run: Record, best: Peer) -> float:
    return error_ratio(run["metric"], run["score"], best.score)


def _label(axes: Axes, points: Mapping[str, tuple[float, float]], taken: Sequence[tuple[float, float]]) -> None:
    """Write names beside points where there is room."""
    axes.figure.canvas.draw()
    per_point = axes.figure.dpi / 72
    at = [tuple(axes.transData.transform(point)) for point in points.values()]
    sizes = [
        (TextPath((0, 0), name, size=_LABEL_SIZE).get_extents().width * per_point, 11 * per_point) for name in points
    ]
    inside: Any = axes.get_window_extent().extents
    corners = label_corners(at, sizes, tuple(inside), [tuple(axes.transData.transform(point)) for point in taken])
    back = axes.transData.inverted()
    for name, (dot, _), (width, height), (left, bottom) in zip(points, at, sizes, corners, strict=True):
        # aligned to its point, so that a font of another width moves only the far end
        side, edge = (
            ("left", left) if left > dot else ("right", left + width) if left + width < dot else ("center", dot)
        )
        x, y = back.transform((edge, bottom + height / 2))
        ours = name.startswith(_name(OURS))
        color, weight = (OUR_COLOR, "bold") if ours else (TEXT_COLOR, "normal")
        text = axes.text(
            x, y, name, fontsize=_LABEL_SIZE, ha=side, va="center_baseline", color=color, fontweight=weight
        )
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5})


def _ratio_axis(axes: Axes, values: Sequence[float]) -> None:
    """Show ratios so that twice and half are equally far from 1."""
    axes.set_yscale("log")
    low, high = min(*values, 0.97) ** 1.05 * 0.99, max(*values, 1.03) * 1.02
    axes.set_ylim(low, high)
    step = next((each for each in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if (high - low) / each <= 9), None)
    multiples = (i * step for i in range(1, 1000)) if step else (n * 10.0**e for e in range(-3, 4) for n in (1, 2, 5))
    axes.yaxis.set_major_locator(FixedLocator([tick for tick in multiples if low <= tick <= high]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(axis="y")


def _rows_axis(axes: Axes) -> None:
    ticks = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000]
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def _name(system: str) -> str:
    return "Tablewright" if system == OURS else NAMES.get(system, system)


def _case(case: Case) -> str:
    return case[0] if case[1] == 0 else f"{case[0]} ({case[1]})"


def _duration(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds > 60 else f"{seconds:g} s"
