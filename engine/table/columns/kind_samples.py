"""How the first values of a column are written: shares of patterns, lengths, signs."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_PLAIN = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_UNIT = r"[a-zA-Zµ°%\"'²³/²]+\.?"
PATTERNS: tuple[tuple[str, str], ...] = (
    ("whole", r"[+-]?\d+"),
    ("plain", _PLAIN),
    ("decimal", r"[+-]?\d*\.\d+"),
    ("scientific", r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+"),
    ("negative", r"-[\d.].*"),
    ("leading_zero", r"0\d+"),
    ("thousands", r"[^\d]{0,3}\d{1,3}(?:,\d{3})+(?:\.\d+)?[^\d]{0,12}"),
    ("decimal_comma", r"\d+,\d{1,2}"),
    ("percent", rf"{_PLAIN}\s*%"),
    ("currency", r"[-(]?\s*(?:[$€£¥₹₩]|usd|eur|gbp|rs\.?|cad|aud)\s*[\d.,]+.*"),
    ("number_unit", rf"[<>~±]?\s*{_PLAIN}\s?{_UNIT}(?:\s[a-zA-Z]+)?"),
    ("unit_number", r"[a-zA-Z#$]{1,6}[\s.:]?[\d.,]+"),
    ("range", rf"{_PLAIN}\s*(?:-|–|to|and|~)\s*{_PLAIN}\s*[a-zA-Z%]*"),
    ("feet_inches", r"\d+'\s?\d*\"?.*|\d+-\d+"),
    ("score", r"\d+\s*[:/x-]\s*\d+"),
    ("year", r"(?:1[6-9]|20)\d\d"),
    ("year_span", r"(?:1[6-9]|20)\d\d\s*[-/]\s*\d{2,4}"),
    ("date_numbers", r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s].*)?"),
    ("date_iso", r"\d{4}-\d{2}-\d{2}(?:[T\s].*)?"),
    ("date_digits", r"(?:19|20)\d{2}[01]\d[0-3]\d(?:\d{4,6})?"),
    ("date_words", rf".*\b\d{{0,4}}[\s.,-]*{_MONTH}[\s.,-]+\d{{1,4}}.*|\d{{1,2}}[\s-]{_MONTH}.*"),
    ("month", rf"{_MONTH}\.?"),
    ("weekday", r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?(?:[\s,].*)?"),
    ("time", r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?"),
    ("has_time", r".*\b\d{1,2}:\d{2}.*"),
    ("minutes", r"\d{1,3}:\d{2}\.\d+"),
    ("url", r"(?:https?|ftp)://.*|www\..*"),
    ("domain", r"[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|co|uk|de|info)(?:/.*)?"),
    ("path", r"[^\s]*(?:/[^\s/]+){2,}|[^\s]+\.(?:jpg|jpeg|png|gif|pdf|html?|txt|csv|mp3|wav)"),
    ("email", r"[^\s@]+@[^\s@]+(?:\.[^\s@]+)+.*"),
    ("ip", r"\d{1,3}(?:\.\d{1,3}){3}"),
    ("hex", r"(?=.*\d)[0-9a-fA-F]{8,}"),
    ("uuid", r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*"),
    ("brackets", r"[\[({<].*[\])}>]"),
    ("mapping", r"\{.*:.*\}?"),
    ("pair", r"\(?\s*-?\d+\.\d+\s*[,;]\s*-?\d+\.\d+\s*\)?"),
    ("point", r".*\(-?\d+\.\d+,\s*-?\d+\.\d+\).*"),
    ("list_comma", r"[^,]+(?:,[^,]*){2,}"),
    ("list_comma_one", r"[^,]+,[^,]+"),
    ("list_semicolon", r"[^;]+(?:;[^;]*)+"),
    ("list_bar", r"[^|]+(?:\|[^|]*)+"),
    ("list_quoted", r"\[.*['\"].*\]|\[\]"),
    ("word", r"[^\W\d_]+"),
    ("words", r"[^\W\d_]+(?:[\s&,.'-]+[^\W\d_]+)+\.?"),
    ("code", r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]+"),
    ("letter_digits", r"[A-Za-z]{1,4}[-_]?\d+[A-Za-z]?"),
    ("dashed_code", r"(?=.*\d)[A-Za-z0-9]+(?:[-_./:][A-Za-z0-9]+)+"),
    ("snake", r"[a-z0-9]+(?:_[a-z0-9]+)+"),
    ("slug", r"[a-z0-9]+(?:-[a-z0-9]+)+"),
    ("lower", r"[^A-Z]*[a-z][^A-Z]*"),
    ("upper", r"[^a-z]*[A-Z][^a-z]*"),
    ("title", r"(?:[A-Z][a-z'’]+)(?:\s[A-Z][a-z'’]+)*"),
    ("person", r"(?:mr|mrs|ms|dr|miss)?\.?\s?[A-Z][a-z]+(?:\s[A-Z]\.?)?\s[A-Z][a-zA-Z'-]+|[A-Z][a-zA-Z'-]+,\s.+"),
    ("address", r"\d+[a-zA-Z]?\s+[A-Za-z].*|.*\b(?:st|street|ave|avenue|rd|road|blvd|drive|dr|lane|block)\b.*"),
    ("letter", r"[A-Za-z]"),
    ("yes_no", r"(?:y|n|yes|no|true|false|t|f)"),
    ("truth", r"(?:true|false)"),
    (
        "level",
        r"(?:very |strongly )?(?:low|medium|high|none|poor|good|fair|small|large|agree|disagree|male|female|m|f)\b.*",
    ),
    ("ending", r".*[.!?]"),
    ("starts_upper", r"[A-Z].*"),
    ("no_answer", r"(?:#.*!?|\.{1,3}|-+|\?+|n/?a|none|null|unknown|other)"),
    ("sign_only", r"[^\w\s]+"),
    ("markup", r".*<[^>]+>.*"),
    ("mention", r".*(?:^|\s)[@#]\w+.*"),
)
_IGNORES_CASE = frozenset(
    "currency date_words month weekday domain url person address yes_no truth level no_answer time path".split()
)
_COMPILED = tuple(
    re.compile(text, re.DOTALL | (re.IGNORECASE if name in _IGNORES_CASE else 0)) for name, text in PATTERNS
)
_STOP_WORDS = frozenset(
    "a an and are as at be but by for from had has have he her his i if in into is it its no not of on or our she so"
    " than that the their them then there these they this to was we were what when where which"
    " who will with you your".split()
)
_SIGNS = "-_/:.,;|()[]{}#%$&@*'\"+=?! \n"
_DIGITS = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"\S+")
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")

MEASURES = (
    "n_samples", "share_repeated", "length_mean", "length_std", "length_min", "length_max", "words_mean", "words_std",
    "words_min", "words_max", "stop_words_mean", "digits_share", "letters_share", "other_share", "non_ascii_share",
    "decimals_mean", "decimals_max", "numbers_in_text_mean", "numbers_in_text_min", "same_length", "same_shape",
    "common_prefix", "common_suffix", "ascending", "descending", "steps_of_one", "value_largest", "value_smallest",
    "value_mean", "first_value", "first_is_small", "word_length_mean", "distinct_first_letters",
    "distinct_words_share", "skeletons_share",
)  # fmt: skip
NAMES = tuple(f"is_{name}" for name, _ in PATTERNS) + MEASURES + tuple(f"sign_{i}" for i in range(len(_SIGNS)))


def describe_samples(samples: Sequence[str]) -> NDArray[np.float32]:
    """Return one number per entry of `NAMES`.

    >>> values = describe_samples(["2 kg", "3.5 kg"])
    >>> float(values[NAMES.index("is_number_unit")])
    1.0
    """
    if not samples:
        return np.full(len(NAMES), -1.0, np.float32)
    shares = [sum(pattern.fullmatch(s) is not None for s in samples) / len(samples) for pattern in _COMPILED]
    signs = [sum(s.count(sign) for s in samples) / len(samples) for sign in _SIGNS]
    return np.array([*shares, *_measures(samples), *signs], np.float32)


def _measures(samples: Sequence[str]) -> list[float]:
    lengths = np.array([len(s) for s in samples], float)
    words = [_WORDS.findall(s) for s in samples]
    n_words = np.array([len(w) for w in words], float)
    total = lengths.sum()
    n_digits = sum(len(_DIGITS.findall(s)) for s in samples)
    n_letters = sum(len(_LETTERS.findall(s)) for s in samples)
    decimals = [len(s.rpartition(".")[2]) if "." in s and s.rpartition(".")[2].isdigit() else 0 for s in samples]
    numbers = [len(_NUMBERS.findall(s)) for s in samples]
    skeletons = {re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d", "9", s))) for s in samples}
    all_words = [w.lower() for ws in words for w in ws]
    values = _values(samples)
    steps = np.diff(values) if len(values) > 1 else np.array([np.nan])
    return [
        len(samples),
        1 - len({s.lower() for s in samples}) / len(samples),
        lengths.mean(), lengths.std(), lengths.min(), lengths.max(),
        n_words.mean(), n_words.std(), n_words.min(), n_words.max(),
        sum(w in _STOP_WORDS for w in all_words) / len(samples),
        n_digits / total, n_letters / total, (total - n_digits - n_letters) / total,
        sum(not s.isascii() for s in samples) / len(samples),
        float(np.mean(decimals)), max(decimals),
        float(np.mean(numbers)), min(numbers),
        float(lengths.std() == 0),
        float(len(skeletons) == 1),
        _common(samples) / lengths.mean(), _common([s[::-1] for s in samples]) / lengths.mean(),
        float((steps > 0).all()), float((steps < 0).all()), float((steps == 1).all()),
        _log(values.max()), _log(values.min()), _log(values.mean()), _log(values[0]), float(values[0] in {0.0, 1.0}),
        float(np.mean([len(w) for w in all_words])) if all_words else 0.0,
        len({s[0] for s in samples}) / len(samples),
        len(set(all_words)) / max(len(all_words), 1),
        len(skeletons) / len(samples),
    ]  # fmt: skip


def _values(samples: Sequence[str]) -> NDArray[np.float64]:
    plain = re.compile(_PLAIN)
    if not all(plain.fullmatch(s) and len(s) < 30 for s in samples):
        return np.array([np.nan])
    return np.array([float(s) for s in samples])


def _log(value: float) -> float:
    return float(np.sign(value) * np.log1p(abs(value)))


def _common(samples: Sequence[str]) -> int:
    if len(samples) < 2:
        return 0
    low, high = min(samples), max(samples)
    return next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
