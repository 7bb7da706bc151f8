"""Prints what the kept runs say beside the peers', writes it to results/report.md, and draws the plots beside it.

    python benchmarks/versus/report.py [--results FOLDER] [--plots FOLDER | --no-plots]

Error: 1 - AUC, log loss or RMSE. Error ratio: ours over theirs, below 1 we are better; means are geometric.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # started as a file, it finds the project from its root

from benchmarks.versus import comparison
from benchmarks.versus.comparison import BUDGET, OURS, Ratios, scored
from benchmarks.versus.peers import NAMES, Peer, read_peers
from benchmarks.versus.records import FILE, FOLDER, Record, read_records
from benchmarks.versus.scores import ranks

MOST_RATIO, MOST_RATIO_HEAVY_TAIL = 1.06, 1.3
HEAVY_TAILS = {"bengaluru_house"}  # a handful of its rows decide about the RMSE
MOST_MEGABYTES, MOST_P50_MS, MOST_P99_MS, MOST_COLUMNS = 30.0, 0.5, 1.0, 40
RIVAL, RIVAL_SECONDS = "ag_medium", 20.0


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=FOLDER)
    parser.add_argument("--plots", type=Path, help="where the plots go (default: with the results)")
    parser.add_argument("--no-plots", action="store_true")
    options = parser.parse_args()
    records, peers = read_records(options.results / FILE), read_peers()
    text = report(records, peers)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "report.md").write_text(text, encoding="utf-8")
    print(text)
    if not options.no_plots:
        from benchmarks.versus.plots import draw_all

        for path in draw_all(records, peers, options.plots or options.results):
            print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def report(records: Sequence[Record], peers: Sequence[Peer]) -> str:
    """Return the whole report as Markdown."""
    parts = {
        "What was measured": measured(records),
        "Scores at 60 s, beside others": score_table(records, peers),
        "Error ratios at 60 s": ratio_table(comparison.against_each(records, peers)),
        "Rank": rank_lines(records, peers),
        "Where we are behind": behind(records, peers),
        "More time and less": budget_lines(records, peers),
        "Time used": time_table(records),
        "File and memory": limit_table(records),
        "How runs ended": ends(records),
        "Runs without a score": problems(records),
    }
    return "\n\n".join(f"### {title}\n\n" + "\n".join(lines) for title, lines in parts.items() if lines) + "\n"


def measured(records: Sequence[Record]) -> list[str]:
    """Say which versions and computers the figures come from, and which runs had to share the computer."""
    if not records:
        return ["No run is kept yet."]
    versions = ", ".join(sorted({each["version"] for each in records}))
    systems = ", ".join(sorted({f"{each['n_cores']} cores, {each['system']}" for each in records}))
    busy = [each for each in records if each["load_before"] > each["n_cores"] / 2]
    lines = [f"{len(records)} runs of {versions} on {systems}, {min(each['when'] for each in records)} UTC and later."]
    if busy:
        said = ", ".join(f"{each['table']} {each['split']} {each['seconds']:g} s" for each in busy[:12])
        more = f" and {len(busy) - 12} more" if len(busy) > 12 else ""
        lines.append(f"The computer was busy with something else before {len(busy)} of them: {said}{more}.")
    return lines


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return a table; nothing where there is no row.

    >>> markdown(["a", "b"], [[1, 0.123456]])
    ['| a | b |', '|---|---|', '| 1 | 0.1235 |']
    """
    lines = ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines] if lines else []


def cell(value: object) -> str:
    """Write a figure with four digits, thousands in full.

    >>> [cell(each) for each in (25744.93, 0.0066761, 3, None, "x")]
    ['25,745', '0.006676', '3', '', 'x']
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


def score_table(records: Sequence[Record], peers: Sequence[Peer]) -> list[str]:
    """Put our score beside every peer's, the best in bold, with our rank and the ratio to the best peer."""
    systems, best = comparison.by_system(peers), comparison.best_of_all(peers)
    ours = scored(records, BUDGET)
    errors = comparison.errors_by_case(ours, systems)
    head = ["table, split, metric", "Tablewright", *(NAMES.get(name, name) for name in systems), "rank", "to the best"]
    rows = []
    for case, record in ours.items():
        theirs = [cases.get(case) for cases in systems.values()]
        own = errors.get(case, {OURS: 0.0})
        least = min(own.values())
        scores = [_bold(record["score"], record["metric"], own[OURS] == least and len(own) > 1)]
        scores += [_bold(each.score, each.metric, each.error == least) if each else "" for each in theirs]
        place = f"{ranks(own)[OURS]:g} of {len(own)}" if len(own) > 1 else ""
        to_best = own[OURS] / best[case].error if case in best else None
        rows.append([f"{case[0]}, {case[1]}, {record['metric']}", *scores, place, to_best])
    return markdown(head, rows)


def _bold(score: float, metric: str, best: bool) -> str:
    text = f"{score:.4f}" if metric == "auc" else cell(float(score))
    return f"**{text}**" if best else text


def ratio_table(found: Iterable[Ratios]) -> list[str]:
    """Say how our error compares with each system's."""
    head = ["our error over that of", "tables", "geometric mean", "better on", "worst", "p (Wilcoxon)"]
    rows = [
        [each.name, len(each.by_case), f"{each.mean:.3f}", each.n_better, _worst(each), _probability(each.chance)]
        for each in found
    ]
    return markdown(head, rows)


def _worst(ratios: Ratios) -> str:
    (table, split), ratio = ratios.worst
    return f"{ratio:.3f} ({table}{f', split {split}' if split else ''})"


def _probability(value: float | None) -> str:
    return "too few" if value is None else f"{value:.2g}"


def rank_lines(records: Sequence[Record], peers: Sequence[Peer]) -> list[str]:
    """Say how the systems rank."""
    errors = comparison.errors_by_case(scored(records, BUDGET), comparison.by_system(peers))
    if not errors:
        return []
    means = ", ".join(f"{_name(name)} {rank:.2f}" for name, rank in comparison.mean_ranks(errors).items())
    beaten = comparison.duels(errors)
    rows = [[_name(name), f"{share:.0%}", n] for name, (share, n) in beaten.items()]
    return [
        f"Mean rank over {len(errors)} tables, systems that were measured on all of them: {means}.",
        "",
        *markdown(["system", "beats so many of the others", "tables"], rows),
    ]


def _name(system: str) -> str:
    return "**Tablewright**" if system == OURS else NAMES.get(system, system)


def behind(records: Sequence[Record], peers: Sequence[Peer]) -> list[str]:
    """List the tables where our error is too far above that of the best peer."""
    found = comparison.ratios("", scored(records, BUDGET), comparison.best_of_all(peers))
    if found is None:
        return []
    too_far = {case: ratio for case, ratio in found.by_case.items() if ratio > _most_ratio(case[0])}
    allowed = f"{MOST_RATIO} ({MOST_RATIO_HEAVY_TAIL} on {', '.join(sorted(HEAVY_TAILS))}, a heavy tail)"
    if not too_far:
        return [f"Nowhere is our error above {allowed} times that of the best peer."]
    said = ", ".join(f"{table} split {split} {ratio:.3f}" for (table, split), ratio in sorted(too_far.items()))
    return [f"Above {allowed} times the best peer's error: {said}."]


def _most_ratio(table: str) -> float:
    return MOST_RATIO_HEAVY_TAIL if table in HEAVY_TAILS else MOST_RATIO


def budget_lines(records: Sequence[Record], peers: Sequence[Peer]) -> list[str]:
    """Compare our budgets with each other, with AutoGluon's, and our variants with what is usual."""
    systems = comparison.by_system(peers)
    rival = f"20 s, over {NAMES[RIVAL]} at 60 s"
    found = [comparison.ratios(rival, scored(records, RIVAL_SECONDS), systems.get(RIVAL, {}))]
    later = sorted({each.seconds for each in peers} - {BUDGET})
    for seconds in later:
        for name, cases in comparison.by_system(peers, seconds).items():
            found.append(
                comparison.ratios(f"60 s, over {NAMES[name]} at {seconds:g} s", scored(records, BUDGET), cases)
            )
    usual = scored(records, BUDGET)
    found += [
        comparison.between(f"{seconds:g} s, over our 60 s", scored(records, seconds), usual)
        for seconds in sorted({each["seconds"] for each in records} - {BUDGET})
    ]
    variants = {(each.get("variant", ""), each["seconds"]) for each in records if each.get("variant")}
    for variant, seconds in sorted(variants):
        name = f"variant {variant} at {seconds:g} s, over the usual"
        found.append(comparison.between(name, scored(records, seconds, variant), scored(records, seconds)))
    rows = [
        [each.name, len(each.by_case), f"{each.mean:.3f}", f"{median(each.by_case.values()):.3f}", _worst(each)]
        for each in found
        if each is not None
    ]
    return markdown(["our error with", "tables", "geometric mean", "median", "worst"], rows)


def time_table(records: Sequence[Record]) -> list[str]:
    """Say when models were ready, by budget."""
    head = ["budget s", "runs", "ready s, median", "ready s, latest", "allowed s", "too late", "exit s, latest"]
    rows = []
    for seconds in sorted({each["seconds"] for each in records}):
        runs = list(scored(records, seconds).values())
        if not runs:
            continue
        ready, allowed = [run["model_ready_seconds"] for run in runs], comparison.latest_ready(seconds)
        late = [run for run in runs if run["model_ready_seconds"] > allowed]
        names = f"{len(late)}: " + ", ".join(run["table"] for run in late) if late else "0"
        latest_exit = max(run["exit_seconds"] for run in runs)
        rows.append([f"{seconds:g}", len(runs), median(ready), max(ready), allowed, names, latest_exit])
    return markdown(head, rows)


def limit_table(records: Sequence[Record]) -> list[str]:
    """Say how large and slow files are, and how much memory training takes, at 60 s."""
    head = [
        "table, split",
        "columns",
        "MB",
        "row p50 ms",
        "row p99 ms",
        "in the blend",
        "memory MB",
        "allowed MB",
        "above",
    ]
    rows = [
        [
            f"{table}, {split}",
            run["n_columns"],
            run["model_megabytes"],
            f"{run['row_p50_ms']:.3f}",
            f"{run['row_p99_ms']:.3f}",
            len(run["blend"]),
            run["private_megabytes"],
            round(comparison.most_memory(run)),
            ", ".join(above_limits(run)),
        ]
        for (table, split), run in scored(records, BUDGET).items()
    ]
    return markdown(head, rows)


def above_limits(run: Record) -> list[str]:
    """Name the limits that a run's file or memory is above.

    >>> above_limits({"model_megabytes": 31, "n_columns": 50, "row_p50_ms": 2, "row_p99_ms": 3,
    ...               "private_megabytes": 1100, "float64_megabytes": 50})
    ['MB']
    """
    few = run["n_columns"] <= MOST_COLUMNS
    limits = {
        "MB": run["model_megabytes"] > MOST_MEGABYTES,
        "p50": few and run["row_p50_ms"] > MOST_P50_MS,
        "p99": few and run["row_p99_ms"] > MOST_P99_MS,
        "memory": run["private_megabytes"] > comparison.most_memory(run),
    }
    return [name for name, above in limits.items() if above]


def ends(records: Sequence[Record]) -> list[str]:
    """Say why searches ended, by budget."""
    reasons: dict[tuple[float, str], list[Record]] = {}
    for each in records:
        if "score" in each and not each.get("variant"):
            reasons.setdefault((each["seconds"], each["search_ended"] or "not said"), []).append(each)
    rows = [
        [f"{seconds:g}", reason, len(runs), median(float(run["n_candidates"]) for run in runs)]
        for (seconds, reason), runs in sorted(reasons.items())
    ]
    return markdown(["budget s", "search ended", "runs", "candidates, median"], rows)


def problems(records: Sequence[Record]) -> list[str]:
    """List the runs that gave no score."""
    return [
        f"- {each['table']}, split {each['split']}, {each['seconds']:g} s: {each['problem']}"
        for each in records
        if "problem" in each
    ]


if __name__ == "__main__":
    main()
