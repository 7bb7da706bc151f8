"""What the counts and statistics of a column say."""

import math
import re

import numpy as np

from engine.table.columns.kind_facts import ColumnFacts

_WHOLE = re.compile(r"[+-]?\d+(?:\.0*)?")
_HUGE = 1e30


def count_measures(f: ColumnFacts) -> dict[str, float]:
    """Return measures that every column has."""
    n, filled, distinct = max(f.n_rows, 1), max(f.n_filled, 1), f.n_distinct
    return {
        "rows": signed_log(n),
        "missing_share": f.n_missing / n,
        "filled": signed_log(f.n_filled),
        "distinct": signed_log(distinct),
        "distinct_of_rows": distinct / n,
        "distinct_of_filled": distinct / filled,
        "repeats": signed_log(filled / max(distinct, 1)),
        "is_empty": not f.samples,
        "is_single": distinct == 1,
        "is_pair": distinct == 2,
        "is_unique": distinct >= f.n_filled,
        "few": min(distinct, 50),
        "is_number": f.is_number,
    }


def number_measures(f: ColumnFacts) -> dict[str, float]:
    """Return measures that only columns of plain numbers have; NaN for the others."""
    if not f.is_number:
        return dict.fromkeys(NUMBER_MEASURES, math.nan)
    low, high, mean, std, distinct = f.minimum, f.maximum, f.mean, f.std, f.n_distinct
    spread = high - low
    whole_samples = all(_WHOLE.fullmatch(s) for s in f.samples)
    whole = low == round(low) and high == round(high) and whole_samples
    return {
        "mean": signed_log(mean),
        "std": signed_log(std),
        "minimum": signed_log(low),
        "maximum": signed_log(high),
        "range": signed_log(spread),
        "whole_ends": float(low == round(low)) + float(high == round(high)),
        "whole_mean": abs(mean - round(mean)) < 1e-9,
        "density": distinct / (spread + 1) if whole else -1.0,
        "dense": whole and abs(distinct - spread - 1) < 0.5,
        "starts_at_zero": low == 0,
        "starts_at_one": low == 1,
        "counts_rows": whole and spread + 1 == f.n_rows,
        "relative_std": std / abs(mean) if mean else -1.0,
        "middle": (mean - low) / spread if spread else -1.0,
        "std_of_range": std / spread if spread else -1.0,
        "digits_max": _n_digits(high),
        "digits_min": _n_digits(low),
        "same_digits": _n_digits(low) == _n_digits(high),
        "round_max": len(_written(high)) - len(_written(high).rstrip("09")),
        "year_like": low >= 1500 and high <= 2100 and whole,
        "degree_like": low >= -180 and high <= 180 and not whole,
        "epoch_like": low > 1e8 and high < 2.5e12 and whole,
        "negative": low < 0,
        "missing_number": low in {-1, -9, -99, -999, -9999} or high in {9, 99, 999, 9999, 99999},
        "in_unit": low >= 0 and high <= 1,
        "in_hundred": low >= 0 and high <= 100,
        "rating_like": whole and low >= 0 and high <= 10,
        "zip_like": whole and low >= 500 and high <= 99999 and spread > 1000,
        "max_of_distinct": whole and high <= distinct + 1 and low >= 0,
        "samples_of_range": len(f.samples) / (spread + 1),
        "any_decimal": not whole_samples,
        "month_like": low == 1 and high == 12,
        "skew": (mean - (low + high) / 2) / std if std else -99.0,
    }


def signed_log(value: float) -> float:
    """Return the logarithm of 1 + |value|, with the sign of the value.

    >>> signed_log(0), round(signed_log(-9), 2)
    (0.0, -2.3)
    """
    return float(np.sign(value) * np.log1p(min(abs(value), 1e300)))


def _written(value: float) -> str:
    return str(int(value)) if abs(value) < _HUGE else "0"


def _n_digits(value: float) -> int:
    return len(str(int(abs(value)))) if abs(value) < _HUGE else 30


_EXAMPLE = ColumnFacts(name="", n_rows=2, n_missing=0, n_distinct=2, mean=1, std=1, minimum=0, maximum=2)
NUMBER_MEASURES: tuple[str, ...] = tuple(number_measures(_EXAMPLE))
NAMES: tuple[str, ...] = (*count_measures(_EXAMPLE), *NUMBER_MEASURES)
