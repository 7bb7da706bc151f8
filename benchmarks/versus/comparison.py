"""What the kept results say beside the peers': pure functions over records and peers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.versus.peers import NAMES, WITH_TORCH, Peer
from benchmarks.versus.records import Record
from benchmarks.versus.scores import chance, error, error_ratio, geometric_mean, ranks

OURS = "tablewright"
BUDGET = 60.0
_GRACE_SHARE, _GRACE_SECONDS = 0.05, 1.0
Case = tuple[str, int]  # a table and its split


@dataclass(frozen=True, kw_only=True)
class Ratios:
    """Our error over another's, by table and split."""

    name: str
    by_case: Mapping[Case, float]

    @property
    def mean(self) -> float:
        """The geometric mean."""
        return geometric_mean(self.by_case.values())

    @property
    def n_better(self) -> int:
        """On how many our error is the smaller one."""
        return sum(ratio < 1 for ratio in self.by_case.values())

    @property
    def worst(self) -> tuple[Case, float]:
        """Where we are furthest behind, and how far."""
        return max(self.by_case.items(), key=lambda item: item[1])

    @property
    def chance(self) -> float | None:
        """How likely luck alone makes such differences."""
        return chance(list(self.by_case.values()))


def scored(records: Iterable[Record], seconds: float, variant: str = "") -> dict[Case, Record]:
    """Return the runs with a budget that have a score."""
    return {
        (each["table"], each["split"]): each
        for each in records
        if each["seconds"] == seconds and each.get("variant", "") == variant and "score" in each
    }


def by_system(peers: Iterable[Peer], seconds: float = BUDGET) -> dict[str, dict[Case, Peer]]:
    """Return the peers' figures by system, the systems in the order of `NAMES`."""
    found: dict[str, dict[Case, Peer]] = {name: {} for name in NAMES}
    for each in peers:
        if each.seconds == seconds:
            found.setdefault(each.system, {})[each.table, each.split] = each
    return {name: cases for name, cases in found.items() if cases}


def with_torch(systems: Mapping[str, Mapping[Case, Peer]]) -> dict[str, dict[Case, Peer]]:
    """Return AutoGluon's figures, those with its neural network where that was measured."""
    return {
        f"{NAMES[plain]}, with torch where measured": {**systems.get(plain, {}), **systems.get(full, {})}
        for plain, full in WITH_TORCH.items()
        if full in systems
    }


def best_of_all(peers: Iterable[Peer], seconds: float = BUDGET) -> dict[Case, Peer]:
    """Return the best peer on each table and split."""
    best: dict[Case, Peer] = {}
    for each in peers:
        case = each.table, each.split
        if each.seconds == seconds and (case not in best or each.error < best[case].error):
            best[case] = each
    return best


def ratios(name: str, ours: Mapping[Case, Record], theirs: Mapping[Case, Peer]) -> Ratios | None:
    """Compare where both have a figure; None where that is nowhere."""
    both = {
        case: error_ratio(theirs[case].metric, record["score"], theirs[case].score)
        for case, record in ours.items()
        if case in theirs
    }
    return Ratios(name=name, by_case=both) if both else None


def against_each(records: Sequence[Record], peers: Sequence[Peer], seconds: float = BUDGET) -> list[Ratios]:
    """Return our ratios to every system, to AutoGluon with torch where measured, and to the best of all."""
    ours, systems = scored(records, seconds), by_system(peers)
    named = {NAMES.get(key, key): cases for key, cases in systems.items()}
    named |= with_torch(systems)
    named["best of all, table by table"] = best_of_all(peers)
    return [found for name, cases in named.items() if (found := ratios(name, ours, cases)) is not None]


def between(name: str, ours: Mapping[Case, Record], others: Mapping[Case, Record]) -> Ratios | None:
    """Compare our own runs of two budgets or variants; a ratio below 1: those named first are better."""
    both = {
        case: error_ratio(record["metric"], record["score"], others[case]["score"])
        for case, record in ours.items()
        if case in others
    }
    return Ratios(name=name, by_case=both) if both else None


def errors_by_case(
    ours: Mapping[Case, Record], systems: Mapping[str, Mapping[Case, Peer]]
) -> dict[Case, dict[str, float]]:
    """Return every system's error, ours first, on the tables where a peer has a figure too."""
    found = {case: {OURS: error(record["metric"], record["score"])} for case, record in ours.items()}
    for name, cases in systems.items():
        for case, peer in cases.items():
            if case in found:
                found[case][name] = peer.error
    return {case: errors for case, errors in found.items() if len(errors) > 1}


def mean_ranks(errors: Mapping[Case, Mapping[str, float]]) -> dict[str, float]:
    """Return the mean rank of the systems that have a figure everywhere, best first."""
    everywhere = set.intersection(*(set(each) for each in errors.values())) if errors else set()
    placed = [ranks({name: each[name] for name in each if name in everywhere}) for each in errors.values()]
    means = {name: fmean(each[name] for each in placed) for name in everywhere}
    return dict(sorted(means.items(), key=lambda item: (item[1], item[0])))


def duels(errors: Mapping[Case, Mapping[str, float]]) -> dict[str, tuple[float, int]]:
    """Return each system's mean share of the others that it beats on its tables, 1 for all, and on how many tables.

    Fair to systems that were not measured everywhere, as a mean rank is not.
    """
    shares: dict[str, list[float]] = {}
    for each in errors.values():
        for name, rank in ranks(each).items():
            shares.setdefault(name, []).append((len(each) - rank) / (len(each) - 1))
    means = {name: (fmean(values), len(values)) for name, values in shares.items()}
    return dict(sorted(means.items(), key=lambda item: -item[1][0]))


def latest_ready(seconds: float) -> float:
    """Return when a model must be ready: a twentieth or a second more than was given.

    >>> latest_ready(10), latest_ready(60)
    (11.0, 63.0)
    """
    return seconds + max(seconds * _GRACE_SHARE, _GRACE_SECONDS)


def most_memory(record: Record) -> float:
    """Return the megabytes that a run may use: 2.5 times its table as 64-bit numbers, and 1 GB."""
    return 2.5 * float(record["float64_megabytes"]) + 1000.0
