"""Makes the shipped portfolio from the records, and says what it is worth on tables that it has not seen.

python -m benchmarks.portfolio.learn --cache CACHE [--out engine/search/portfolio.json] [--check]

Each table is ordered by what the others teach. Weights are chosen on one half of its rows, and the blend of what comes
first is judged on the other half: its error beside the one that all configurations together reach. `--check` writes
nothing.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.portfolio.recording import predictions, read_records, recorded_data
from engine.families import BASELINE
from engine.families.family import families
from engine.search.data import TrainingData
from engine.search.describing import describe
from engine.search.identity import identity
from engine.search.learnt_order import learnt_order
from engine.search.portfolio_file import FILE, KnownTable, Portfolio, portfolio_to_json
from engine.search.scoring import predicted
from engine.search.simulated_blends import FLOOR, SimulatedBlends

Floats = NDArray[np.float64]
Order = Sequence[int]

FIRST = "lightgbm"  # whose first recorded configuration takes a time of 1
COUNTS, TIMES = (2, 4, 6, 8, 12), (5, 10, 20, 40)
N_RANDOM = 10
FEWEST_TABLES = 3  # a configuration that was tried on fewer says nothing of others


@dataclass(frozen=True, kw_only=True)
class Halves:
    """Errors of all configurations on two halves of a table's rows."""

    one: Floats
    other: Floats


def main() -> None:
    """Learn, tell what it is worth, and write the file."""
    options = _options()
    portfolio, halves = learnt(options.cache)
    print(f"{len(portfolio.configurations)} configurations, {len(portfolio.tables)} tables")
    for title, orders in _orders(portfolio).items():
        found = [
            _excess(table, half, order(table))
            for order in orders
            for table, half in zip(portfolio.tables, halves, strict=True)
        ]
        by_count, by_time = (np.expm1(np.mean(part, axis=0)) for part in zip(*found, strict=True))
        counts = "  ".join(f"{count}: {value:6.1%}" for count, value in zip(COUNTS, by_count, strict=True))
        times = "  ".join(f"{time}: {value:6.1%}" for time, value in zip(TIMES, by_time, strict=True))
        print(f"{title:26s} after candidates {counts} | after so much time {times}")
    if not options.check:
        text = json.dumps(portfolio_to_json(portfolio), separators=(",", ":"))
        options.out.write_text(text.replace('{"name"', '\n{"name"') + "\n", encoding="utf-8")
        print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")


def learnt(cache: Path) -> tuple[Portfolio, list[Halves]]:
    """Return the portfolio of what was recorded, and the errors on halves of the rows, by table."""
    lines = [line for line in read_records(cache) if line["loss"] is not None]
    tables = list(dict.fromkeys(line["table"] for line in lines))
    counted = Counter(line["identity"] for line in lines)
    single = {line["identity"]: (line["family"], line["parameters"]) for line in lines if line["family"] != BASELINE}
    chosen = [each for key, each in single.items() if counted[key] >= FEWEST_TABLES]
    known, halves = [], []
    for table in tables:
        mine = {line["identity"]: line for line in lines if line["table"] == table}
        data = recorded_data(cache, table)
        first = next((line["seconds"] for line in mine.values() if line["family"] == FIRST), None)
        if first is None:
            continue
        base = _errors(predictions(cache, mine[identity(BASELINE, {})]), data)
        rows: list[Floats | None] = [
            _errors(predictions(cache, mine[identity(*each)]), data) if identity(*each) in mine else None
            for each in chosen
        ]
        seconds = [mine[identity(*each)]["seconds"] if identity(*each) in mine else np.nan for each in chosen]
        known.append(
            KnownTable(
                name=table, features=describe(data), errors=_products(rows, base), seconds=np.array(seconds) / first
            )
        )
        halves.append(
            Halves(
                one=_products([None if each is None else each[::2] for each in rows], base[::2]),
                other=_products([None if each is None else each[1::2] for each in rows], base[1::2]),
            )
        )
    return Portfolio(configurations=tuple(chosen), tables=tuple(known)), halves


def _errors(raw: NDArray[np.floating], data: TrainingData) -> Floats:
    """Return how far the predictions are off [N, K]: probabilities, or values in the target's unit."""
    y = data.train.y
    if data.task.classes:
        return np.asarray(predicted(raw.astype(np.float64), data) - np.eye(len(data.task.classes))[y.astype(np.int64)])
    return np.asarray(predicted(raw.astype(np.float64), data) - y.astype(np.float64))[:, None]


def _products(errors: Sequence[Floats | None], base: Floats) -> Floats:
    """Return the mean products of errors [C, C], the baseline's own being 1; NaN where one is unknown."""
    flat = np.stack([np.full(base.size, np.nan) if each is None else each.ravel() for each in errors])
    return np.asarray(flat @ flat.T / float((base**2).sum()))


Ordering = Callable[[KnownTable], Order]


def _orders(portfolio: Portfolio) -> dict[str, list[Ordering]]:
    present = _in_turn(portfolio)

    def in_turn(table: KnownTable) -> Order:
        return [number for number in present if number in _usable(table)]

    def randomly(seed: int) -> Ordering:
        return lambda table: list(np.random.default_rng(seed).permutation(_usable(table)))

    return {
        "learnt from other tables": [lambda table: learnt_order(portfolio, table.features, _usable(table))],
        "families in turn": [in_turn],
        "random": [randomly(seed) for seed in range(N_RANDOM)],
    }


def _in_turn(portfolio: Portfolio) -> Order:
    """Return the first configuration of every family, the cheapest first, then their second ones: without learning."""
    own = {family.key: [n for n, each in enumerate(portfolio.configurations) if each[0] == family.key]
           for family in families()}  # fmt: skip
    longest = max(map(len, own.values()))
    return [numbers[turn] for turn in range(longest) for numbers in own.values() if turn < len(numbers)]


def _usable(table: KnownTable) -> list[int]:
    return [int(number) for number in np.flatnonzero(np.isfinite(np.diag(table.errors)))]


def _excess(table: KnownTable, halves: Halves, order: Order) -> tuple[Floats, Floats]:
    """Return by how much the logarithm of the error lies above the best, after some candidates and some seconds."""
    best = np.log(_blended(halves, _usable(table)) + FLOOR)
    by_count = [np.log(_blended(halves, order[:count]) + FLOOR) - best for count in COUNTS]
    ends = np.cumsum(table.seconds[list(order)])
    within = [[number for number, end in zip(order, ends, strict=True) if end <= time] for time in TIMES]
    by_time = [np.log(_blended(halves, numbers) + FLOOR) - best for numbers in within]
    return np.array(by_count), np.array(by_time)


def _blended(halves: Halves, numbers: Order) -> float:
    """Return the error of a blend on each half, its shares having been chosen on the other; their mean."""
    return float(
        np.mean([_transferred(halves.one, halves.other, numbers), _transferred(halves.other, halves.one, numbers)])
    )


def _transferred(chosen_on: Floats, judged_on: Floats, numbers: Order) -> float:
    """Choose shares greedily by some rows' errors, and return the error on other rows."""
    if not len(numbers):
        return 1.0
    usable = np.ix_(list(numbers), list(numbers))
    blend = SimulatedBlends.of_nothing(chosen_on[usable][None])
    for _ in range(12):
        gains = blend.gains()[0]
        if gains.max() < 1e-4:
            break
        blend = blend.with_added(int(gains.argmax()))
    shares = blend.shares[0]
    return float(shares @ judged_on[usable] @ shares)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
