"""What the name of a column says: its words, its way of writing, and the terms that the model counts."""

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.table.columns.kind_facts import ColumnFacts

N_TERMS = 4096
WORDS = (
    "id", "ids", "code", "cd", "key", "pk", "number", "no", "num", "nr", "nbr", "index", "idx", "ref", "reference",
    "uuid", "guid", "hash", "serial", "row", "unnamed", "date", "time", "datetime", "timestamp", "year", "yr",
    "month", "mo", "day", "hour", "week", "quarter", "period", "created", "updated", "at", "start", "end", "dob",
    "birth", "season", "name", "title", "type", "category", "class", "group", "status", "state", "country", "city",
    "county", "region", "district", "zip", "postal", "zipcode", "gender", "sex", "race", "level", "grade", "rank",
    "rating", "score", "flag", "is", "has", "label", "language", "currency", "brand", "department", "team", "player",
    "user", "owner", "author", "customer", "product", "item", "location", "address", "street", "place", "lat",
    "latitude", "lon", "lng", "long", "longitude", "x", "y", "z", "geo", "coordinates", "coord", "url", "link",
    "website", "web", "image", "img", "photo", "picture", "email", "uri", "href", "source", "description", "desc",
    "text", "comment", "comments", "note", "notes", "summary", "review", "content", "body", "tweet", "message",
    "question", "answer", "headline", "remarks", "details", "abstract", "list", "tags", "tag", "categories", "genres",
    "genre", "keywords", "features", "names", "urls", "amount", "amt", "price", "cost", "total", "sum", "count",
    "cnt", "qty", "quantity", "avg", "average", "mean", "min", "max", "std", "pct", "percent", "percentage", "rate",
    "ratio", "share", "value", "val", "size", "area", "length", "width", "height", "weight", "depth", "volume", "age",
    "duration", "distance", "speed", "temp", "temperature", "population", "revenue", "income", "salary", "sales",
    "tax", "budget", "votes", "points", "goals", "wins", "runs", "balls", "games", "views", "likes", "first", "last",
    "new", "old", "other", "of", "per", "by", "from", "to", "in", "and", "the", "q", "v", "var", "field", "attribute",
    "attr", "feature", "column", "series", "indicator", "footnote", "footnotes", "version", "phone", "block", "lot",
    "station", "venue", "model", "make", "color", "colour", "unit", "units",
)  # fmt: skip
_SEARCHED = {
    "camel": re.compile("[a-z][A-Z]"),
    "space": re.compile(r"\S \S"),
    "dot": re.compile(r"\."),
    "starts_with_digit": re.compile(r"^\d"),
    "is_number": re.compile(r"^[\d.,-]+$"),
    "is_year": re.compile(r"^\D?(?:19|20)\d\d\D?$"),
    "year": re.compile(r"(?:19|20)\d\d"),
    "bracket": re.compile(r"[()\[\]]"),
    "percent": re.compile("%"),
    "question": re.compile(r"\?"),
    "ends_in_id": re.compile("(?:id|ID|Id)$"),
    "value_like": re.compile(r"[,;:/]|\.\s|^\d"),
}
NAME_MEASURES = (
    *("length", "words", "digits", "digits_share", "upper_share", "is_upper", "is_lower", "vowels_share"),
    *("many_words", "percent_word", "starts_with_is"),
    *("underscore", "ends_in_digit", "ends_in_s", "empty", "short", "foreign"),
    *_SEARCHED,
)
NAMES = (*(f"name_{m}" for m in NAME_MEASURES), *(f"has_{w}" for w in WORDS), *(f"last_{w}" for w in WORDS))
_WORD_INDEX = {word: i for i, word in enumerate(WORDS)}
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")


def tokens(name: str) -> list[str]:
    """Split a column's name into small words.

    >>> tokens("CustomerID_v2")
    ['customer', 'id', 'v', '2']
    """
    return [token.lower() for token in _TOKENS.findall(name)]


def describe_name(name: str) -> NDArray[np.float64]:
    """Return one number per entry of `NAMES`."""
    words = tokens(name)
    has, last = np.zeros(len(WORDS)), np.zeros(len(WORDS))
    has[[_WORD_INDEX[word] for word in words if word in _WORD_INDEX]] = 1
    if words and words[-1] in _WORD_INDEX:
        last[_WORD_INDEX[words[-1]]] = 1
    return np.concatenate([_measures(name, words), has, last])


def _measures(name: str, words: Sequence[str]) -> NDArray[np.float64]:
    letters = [c for c in name if c.isalpha()]
    n_digits = sum(c.isdigit() for c in name)
    upper = sum(c.isupper() for c in letters) / max(len(letters), 1)
    vowels = sum(c in "aeiouAEIOU" for c in letters) / max(len(letters), 1)
    searched = [pattern.search(name) is not None for pattern in _SEARCHED.values()]
    last = name[-1:]
    plain = [len(name), len(words), n_digits, n_digits / max(len(name), 1), upper, upper == 1, upper == 0, vowels]
    words_say = [len(name.split()) > 4, "percent" in name.lower(), bool(words) and words[0] in {"is", "has"}]
    signs = ["_" in name, last.isdigit(), last.lower() == "s", not name.strip(), len(name) <= 3, not name.isascii()]
    return np.array([*plain, *words_say, *signs, *searched], np.float64)


def terms(facts: ColumnFacts) -> set[str]:
    """Return what the linear part counts: words and pieces of the name, and shapes and words of the values."""
    words = tokens(facts.name)
    padded = f"<{'_'.join(words)}>"
    found = {f"n={w}" for w in words} | {f"2={a}_{b}" for a, b in pairwise(words)}
    found |= {f"c={padded[i : i + k]}" for k in (3, 4) for i in range(max(len(padded) - k + 1, 0))}
    found |= {f"last={words[-1]}", f"first={words[0]}", f"all={padded}"} if words else {"nameless"}
    for sample in facts.samples:
        text = sample[:40]
        found.add("s=" + re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", text)))[:16])
        found |= {f"w={w.lower()}" for w in re.findall(r"[^\W\d_]{2,}", text)[:6]}
        found |= {f"g={text[i : i + 2].lower()}" for i in range(min(len(text) - 1, 20))}
    return found


def hashed(facts: ColumnFacts) -> NDArray[np.float32]:
    """Return the normalised counts of a column's terms, each at the place its checksum gives."""
    counts = np.zeros(N_TERMS, np.float32)
    for term in terms(facts):
        counts[zlib.crc32(term.encode()) % N_TERMS] += 1
    return counts / max(float(np.linalg.norm(counts)), 1.0)
