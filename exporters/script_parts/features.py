"""Functions of a training script that turn columns into features; each learns from the training rows alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exporters.script_parts.facts import CLASSES, COLUMNS, SEED

Floats = NDArray[Any]
Pair = tuple[Floats, Floats]  # the same features of the training rows and of the rows to predict
Step = Callable[..., Pair | None]


def names_of(*kinds: str) -> list[str]:
    """Return the features of these kinds, in the order of the table."""
    return [column["name"] for column in COLUMNS if column["role"] == "feature" and column["kind"] in kinds]


def features(steps: Sequence[tuple[Step, dict[str, Any]]], train: pd.DataFrame, rows: pd.DataFrame, y: Floats) -> Any:
    """Return the features of the training rows and of other rows, and which of them are codes of categories."""
    pairs, codes, n_made = [], [], 0
    for step, options in steps:
        pair = step(train, rows, y, **options)
        if pair is None:
            continue
        if step.__name__ == "category_codes":
            codes = [n_made + place for place, name in enumerate(names_of("category")) if not order_of(name, train)]
        n_made += pair[0].shape[1]
        pairs.append(pair)
    if not pairs:
        return np.zeros((len(train), 1)), np.zeros((len(rows), 1)), []
    return np.hstack([pair[0] for pair in pairs]), np.hstack([pair[1] for pair in pairs]), codes


def numbers(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats) -> Pair | None:
    """Numbers as they are; missing stays NaN, trees know what to do with it."""
    names = names_of("number", "number with unit")
    return (train[names].to_numpy(float), rows[names].to_numpy(float)) if names else None


def numbers_scaled(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats) -> Pair | None:
    """Numbers around their median in quartile ranges, softly clipped, missing filled and flagged."""
    names = names_of("number", "number with unit")
    if not names:
        return None
    known = train[names].to_numpy(float)
    flagged = np.isnan(known).any(axis=0)
    return scaled(known, known, flagged), scaled(known, rows[names].to_numpy(float), flagged)


def scaled(known: Floats, values: Floats, flagged: Floats) -> Floats:
    """Scale values by what is known of the training rows; the smooth clip keeps outliers from ruling."""
    filled = np.where(np.isnan(known).all(axis=0), 0.0, known)
    low, middle, high = np.nanquantile(filled, (0.25, 0.5, 0.75), axis=0)
    spread = np.where(high > low, high - low, np.nanstd(filled, axis=0))
    z = np.nan_to_num((values - middle) / np.where(spread > 0, spread, 1.0), nan=0.0) / 3
    return np.hstack([3 * z / np.sqrt(1 + z**2), np.isnan(values[:, flagged])])


def number_bins(train: pd.DataFrame, rows: pd.DataFrame, y: Floats, n_bins: int = 20) -> Pair | None:
    """Scaled numbers and how far each has come through bins of equal counts: lets a straight line bend."""
    pair, names = numbers_scaled(train, rows, y), names_of("number", "number with unit")
    if pair is None:
        return None
    most = max(2, min(30_000_000 // max(1, len(train)), 300) // len(names))
    n_bins = min(n_bins, most, max(2, len(train) // 100))
    blocks = ([pair[0]], [pair[1]])
    for name in names:
        known = np.sort(train[name].dropna().to_numpy(float))
        limits = (
            np.unique(known[np.linspace(0, len(known) - 1, n_bins + 1).round().astype(int)]) if len(known) else known
        )
        for low, high in pairwise(limits):
            for block, frame in zip(blocks, (train, rows), strict=True):
                come = (frame[name].fillna(limits[0]).to_numpy(float) - low) / (high - low)
                block.append(np.clip(come, 0, 1)[:, None])
    return np.hstack(blocks[0]), np.hstack(blocks[1])


def levels_of(cells: pd.Series, min_count: int = 1, max_levels: int | None = None) -> list[Any]:
    """Return the levels with enough rows, sorted; missing is a level too, the empty text."""
    counts = cells.astype(object).fillna("").astype(str).value_counts()
    return sorted(counts[counts >= min_count].index[:max_levels])


def order_of(name: str, train: pd.DataFrame) -> list[str]:
    """Return the levels of an ordered category, the lowest first; none where training rows have others too."""
    order: list[str] = next(column["order"] for column in COLUMNS if column["name"] == name)
    return order if train[name].dropna().isin(order).all() else []


def category_codes(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats, min_count: int = 1) -> Pair | None:
    """Categories as whole numbers, one behind the last for rare and for new levels; those with an order as ranks."""
    names = names_of("category")
    made: tuple[list[Floats], list[Floats]] = ([], [])
    for name in names:
        order = order_of(name, train)
        place = {level: i for i, level in enumerate(order or levels_of(train[name], min_count))}
        for block, frame in zip(made, (train, rows), strict=True):
            found = frame[name].map(place) if order else places_of(frame[name], place)
            block.append(np.asarray(found, float)[:, None])
    return (np.hstack(made[0]), np.hstack(made[1])) if names else None


def category_one_hot(
    train: pd.DataFrame, rows: pd.DataFrame, _y: Floats, min_count: int = 10, max_levels: int = 100
) -> Pair | None:
    """One yes/no column for each frequent level."""
    made: tuple[list[Floats], list[Floats]] = ([], [])
    for name in names_of("category"):
        levels = levels_of(train[name], min_count, max_levels)
        for block, frame in zip(made, (train, rows), strict=True):
            texts = frame[name].astype(object).fillna("").astype(str).to_numpy()
            block.append((texts[:, None] == np.array(levels, dtype=object)[None, :]).astype(float))
    return (np.hstack(made[0]), np.hstack(made[1])) if made[0] else None


def target_statistics(
    train: pd.DataFrame, rows: pd.DataFrame, y: Floats, min_levels: int = 10, smoothing: float = 10.0
) -> Pair | None:
    """Tell the average answer of each level where levels are many; training rows see it made without themselves."""
    told = (y[:, None] == np.arange(len(CLASSES))).astype(float) if len(CLASSES) > 2 else np.asarray(y, float)[:, None]
    prior = told.mean(axis=0)
    kept = np.sort(np.argsort(-prior, kind="stable")[:6])  # of very many classes the most frequent ones
    parts = np.empty(len(y), int)
    parts[np.lexsort((np.random.default_rng(SEED).random(len(y)), y))] = np.arange(len(y)) % 5
    made: tuple[list[Floats], list[Floats]] = ([], [])
    for name in names_of("category"):
        if train[name].nunique() <= min_levels:
            continue
        place = {level: i for i, level in enumerate(levels_of(train[name], min_count=2))}
        known, asked = (places_of(frame[name], place) for frame in (train, rows))
        sums, counts = np.zeros((len(place) + 1, told.shape[1])), np.bincount(known, minlength=len(place) + 1)
        np.add.at(sums, known, told)
        own = np.zeros_like(told)
        for part in range(5):
            mine = parts == part
            less = np.zeros_like(sums)
            np.add.at(less, known[mine], told[mine])
            left = counts - np.bincount(known[mine], minlength=len(counts))
            own[mine] = ((sums - less + smoothing * prior) / (left + smoothing)[:, None])[known[mine]]
        means = ((sums + smoothing * prior) / (counts + smoothing)[:, None])[asked]
        for block, values in zip(made, (own, means), strict=True):
            block.append((log_odds(values) - log_odds(prior) if CLASSES else values)[:, kept])
    return (np.hstack(made[0]), np.hstack(made[1])) if made[0] else None


def places_of(cells: pd.Series, place: dict[Any, int]) -> NDArray[np.int64]:
    """Return the place of each cell's level; the one behind the last for rare and for new levels."""
    return np.asarray(cells.astype(object).fillna("").astype(str).map(place).fillna(len(place)), np.int64)


def log_odds(share: Floats) -> Floats:
    """Return the log-odds of shares, kept from running away."""
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def yes_no(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats) -> Pair | None:
    """Turn two levels into -1 and +1; missing is 0."""
    names = [name for name in names_of("yes/no") if train[name].nunique() == 2]
    levels = {name: sorted(train[name].dropna().unique()) for name in names}
    made = [
        np.column_stack([frame[name].map({levels[name][0]: -1.0, levels[name][1]: 1.0}).fillna(0.0) for name in names])
        for frame in (train, rows)
        if names
    ]
    return (made[0], made[1]) if names else None


def moments(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column's dates, by its own formats."""
    formats = next(column["date_formats"] for column in COLUMNS if column["name"] == name)
    found = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    for form in formats:
        found = found.fillna(pd.to_datetime(frame[name], format=form, errors="coerce").astype("datetime64[us]"))
    return found


def days(when: pd.Series) -> Floats:
    """Return days since 1970, with a fraction for the time of day; NaN where there is no date."""
    return np.asarray((when - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1), float)


def wave(values: Floats, length: float) -> list[Floats]:
    """Return a place on a circle; 0 where it is missing."""
    angle = 2 * np.pi * np.asarray(values, float) / length
    return [np.nan_to_num(np.sin(angle)), np.nan_to_num(np.cos(angle))]


def dates(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats) -> Pair | None:
    """Day count, year, month, day, weekday, day of the year and hour."""
    names = names_of("date")
    made = []
    for frame in (train, rows):
        block = []
        for name in names:
            when = moments(frame, name)
            parts = when.dt
            fields = (parts.year, parts.month, parts.day, parts.day_of_week, parts.day_of_year, parts.hour)
            block += [days(when), *(field.to_numpy(float) for field in fields)]
        made.append(np.column_stack(block) if names else np.zeros((len(frame), 0)))
    return (made[0], made[1]) if names else None


def dates_scaled(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats) -> Pair | None:
    """Return the scaled day count, and month, weekday and hour as places on a circle."""
    names = names_of("date")
    made: list[list[Floats]] = [[], []]
    for name in names:
        known = days(moments(train, name))[:, None]
        for block, frame in zip(made, (train, rows), strict=True):
            when = moments(frame, name)
            block.append(scaled(known, days(when)[:, None], np.array([True])))
            for field, length in ((when.dt.month, 12), (when.dt.day_of_week, 7), (when.dt.hour, 24)):
                block += [place[:, None] for place in wave(field.to_numpy(float), length)]
    return (np.hstack(made[0]), np.hstack(made[1])) if names else None


def date_parts(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats) -> Pair | None:
    """Season, weekends, ends of months, time of day, and the days between two dates."""
    known = {name: days(moments(train, name)) for name in names_of("date")}
    dated = [name for name, own in known.items() if differ(np.floor(own))]
    timed = [name for name, own in known.items() if differ(own % 1)]
    if not dated and not timed:
        return None
    # A time of day alone is kept as one of 1970-01-01: nothing lies between it and a date.
    pairs = [*combinations(dated, 2), *combinations([name for name in timed if name not in dated], 2)][:15]
    made = []
    for frame in (train, rows):
        found = {name: moments(frame, name) for name in known}
        block = []
        for name in dated:
            part = found[name].dt
            block += [(part.day_of_year - 1) // 7 / 52, (part.month - 1) // 3 / 3]
            block += [part.day_of_week >= 5, part.day == 1]
            block += [part.is_month_end, *wave(part.day_of_year - 1, 366), *wave(part.day - 1, 31)]
        for name in timed:
            block += wave((days(found[name]) % 1 * 24 * 60).round(), 24 * 60)
        for first, second in pairs:
            between = (days(found[second]) - days(found[first]))[:, None]
            block.append(scaled((known[second] - known[first])[:, None], between, np.array([False]))[:, 0])
        made.append(np.nan_to_num(np.column_stack(block).astype(float)))
    return made[0], made[1]


def differ(values: Floats) -> bool:
    """Whether there are two different values, missing ones aside."""
    return len(np.unique(values[~np.isnan(values)])) > 1


def terms(train: pd.Series, rows: pd.Series, max_terms: int) -> Any:
    """Return weighted words and pairs of words (TF-IDF); None where no word comes twice."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = TfidfVectorizer(
        ngram_range=(1, 2),
        sublinear_tf=True,
        min_df=2,
        max_df=0.95,
        max_features=max_terms,
        tokenizer=str.split,
        token_pattern=None,
    )
    try:
        return table.fit_transform(train.fillna("").astype(str)), table.transform(rows.fillna("").astype(str))
    except ValueError:  # nothing but words that come once, or in every row
        return None


def text_terms(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats, max_terms: int = 2000) -> Pair | None:
    """Texts as weighted words and pairs of words."""
    found = [terms(train[name], rows[name], max_terms) for name in names_of("text", "list", "url/email")]
    pairs = [pair for pair in found if pair is not None]
    return (np.hstack([a.toarray() for a, _ in pairs]), np.hstack([b.toarray() for _, b in pairs])) if pairs else None


def text_topics(
    train: pd.DataFrame, rows: pd.DataFrame, _y: Floats, max_terms: int = 2000, n_topics: int = 24
) -> Pair | None:
    """Texts as a few topics: the main directions of their weighted words."""
    from sklearn.decomposition import TruncatedSVD

    made: list[Pair] = []
    for name in names_of("text", "list", "url/email"):
        pair = terms(train[name], rows[name], max_terms)
        if pair is not None and pair[0].shape[1] > 1:
            topics = TruncatedSVD(min(n_topics, pair[0].shape[1] - 1), random_state=0).fit(pair[0])
            made.append((topics.transform(pair[0]), topics.transform(pair[1])))
    return (np.hstack([a for a, _ in made]), np.hstack([b for _, b in made])) if made else None


def text_marks(train: pd.DataFrame, rows: pd.DataFrame, _y: Floats) -> Pair | None:
    """How many words, digits and punctuation marks a text has."""
    made: tuple[list[Floats], list[Floats]] = ([], [])
    for name in names_of("text", "list", "url/email"):
        marks = marks_of(train[name].fillna(""))
        for block, frame in zip(made, (train, rows), strict=True):
            texts = frame[name].fillna("").tolist()
            block.append(damped([len(text.split()) for text in texts], 200))
            for signs in marks:
                counts = [sum(min(text.count(sign), 20) for sign in signs) for text in texts]
                block.append(damped(counts, 20 * len(signs)))
    return (np.hstack(made[0]), np.hstack(made[1])) if made[0] else None


def damped(counts: list[int], most: int) -> Floats:
    """Return counts as logarithms from 0 to 1, in a column."""
    return np.asarray(np.log1p(np.minimum(counts, most)) / np.log1p(most))[:, None]


def marks_of(texts: pd.Series) -> list[str]:
    """Return the signs that some texts have and others lack, all digits as one."""
    digits, n_texts = "0123456789", Counter[str]()
    for text in texts:
        n_texts.update({"0" if sign in digits else sign for sign in set(text) if sign > " " and not sign.isalpha()})
    telling = [sign for sign, n in n_texts.items() if 0.02 * len(texts) <= n <= 0.98 * len(texts)]
    marks = sorted(
        (sign for sign in telling if sign.isascii() and sign != "0"), key=lambda sign: (-n_texts[sign], sign)
    )
    return [*([digits] if "0" in telling else []), *marks[:6]]
