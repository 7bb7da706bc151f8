"""The rows that feature steps are tried on, and an independent numpy twin of each step's graph."""

import calendar
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.features.category_codes import CodesState
from engine.features.category_counts import CountsState
from engine.features.category_crosses import CrossesState
from engine.features.cross_fields import Fields
from engine.features.date_parts import PartsState
from engine.features.dates import DatesState
from engine.features.dates_scaled import ScaledDatesState
from engine.features.group_relative import RelativeState
from engine.features.levels import LevelsState
from engine.features.number_bins import BinsState
from engine.features.number_pairs import PairsState
from engine.features.numbers import NumbersState
from engine.features.numbers_quantile import QuantileState
from engine.features.numbers_scaled import ScaledState
from engine.features.target_statistics import TargetState
from engine.features.text_marks import MarksState
from engine.features.text_terms import TextState
from engine.features.text_topics import TopicsState
from engine.graph.calendar import FIELDS
from engine.graph.columns import Vocabulary
from engine.graph.text import Terms
from engine.messages import Message
from engine.table.schema import Cells, ColumnSchema, Kind

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
WithLevels = LevelsState | CountsState | TargetState | RelativeState | Fields

DAY = timedelta(days=1)
FORMATS = ("%Y-%m-%d %H:%M", "%d/%m/%Y", "%b %d, %Y")


def column(
    name: str, kind: Kind, cells: Cells = Cells.TEXT, formats: tuple[str, ...] = (), order: tuple[str, ...] = ()
) -> ColumnSchema:
    return ColumnSchema(
        name=name,
        original_name=name,
        position=0,
        kind=kind,
        cells=cells,
        reason=Message("test"),
        date_formats=formats,
        order=order,
    )


COLUMNS = (
    column("plain", Kind.NUMBER, Cells.NUMBER),
    column("large", Kind.NUMBER, Cells.NUMBER),
    column("typed", Kind.NUMBER),
    column("colour", Kind.CATEGORY),
    column("code", Kind.CATEGORY, Cells.NUMBER),
    column("city", Kind.CATEGORY),
    column("price", Kind.NUMBER, Cells.NUMBER),
    column("size", Kind.CATEGORY, order=("small", "medium", "large")),
    column("risk", Kind.CATEGORY, order=("low", "high")),
    column("smoker", Kind.YES_NO),
    column("flag", Kind.YES_NO, Cells.NUMBER),
    column("when", Kind.DATE, formats=FORMATS),
    column("until", Kind.DATE, formats=FORMATS[:1]),
    column("note", Kind.TEXT),
)
CITIES = tuple(f"city {i}" for i in range(24))


def table(n_rows: int, seed: int, *, hard: bool = False) -> pd.DataFrame:
    """Make rows; hard ones also hold what training never saw."""
    draw = np.random.default_rng(seed)
    days = pd.Timestamp("1999-12-25") + pd.to_timedelta(draw.integers(0, 9000, n_rows), unit="D")
    city = draw.integers(0, len(CITIES), n_rows)
    words = "good bad Price, price high! low 价格 naïve it's".split()
    frame = pd.DataFrame(
        {
            "plain": draw.normal(size=n_rows),
            "large": 1.7e9 + draw.integers(0, 5000, n_rows),
            "typed": [repr(float(v)) for v in draw.normal(size=n_rows)],
            "colour": draw.choice(["red", "green", "blue", "rosé"], n_rows, p=[0.5, 0.3, 0.15, 0.05]),
            "code": draw.choice([1.0, 2.0, 30.5], n_rows),
            "size": draw.choice(["large", "medium", "small"], n_rows),
            "risk": draw.choice(["high", "low", "unknown"], n_rows),
            "smoker": draw.choice(["no", "yes"], n_rows),
            "flag": draw.choice([0.0, 1.0], n_rows),
            "when": [day.strftime(FORMATS[i % 3]) for i, day in enumerate(days)],
            "city": [CITIES[i] for i in city],
            "price": 100.0 * city + draw.normal(size=n_rows),  # dear or cheap only beside others of its city
            "until": (days + pd.to_timedelta(draw.integers(0, 99, n_rows) * 7.0, unit="h")).strftime(FORMATS[0]),
            "note": [" ".join(draw.choice(words, draw.integers(1, 12))) for _ in range(n_rows)],
        }
    )
    for name in frame:
        frame.loc[draw.random(n_rows) < 0.1, name] = None
    if hard:
        nasty = {
            "plain": [np.inf, -np.inf, 1e300, -0.0],
            "large": [0.0, np.nan, -1e18, 2.0**60],
            "typed": ["abc", "", "1e999", "-.5"],
            "colour": ["😀", "never seen", "", "RED"],
            "code": [7.0, -1.0, 1e300, np.nan],
            "size": ["Large", "", "tiny", "large"],
            "risk": ["unknown", "", "none", "low"],
            "smoker": ["maybe", "", "YES", "n"],
            "flag": [2.0, -1.0, np.nan, 0.5],
            "when": ["2023-02-30 10:00", "31/11/2020", "Feb 29, 2023", "2024-02-29 24:00"],
            "city": ["City 1", "", "city 99", "city 3"],
            "price": [np.inf, -1e300, np.nan, 1e9],
            "until": ["", "2024-02-30 10:00", "1970-01-01 00:00", "2024-02-29 23:59"],
            "note": ["", "   ", "😀😀 price", "word " * 500],
        }
        frame = pd.concat([frame, pd.DataFrame(nasty)], ignore_index=True)
    return frame


def cell_texts(frame: pd.DataFrame, name: str) -> list[str]:
    return ["" if pd.isna(cell) else str(cell) for cell in frame[name]]


def parse_number(cell: object) -> float:
    try:
        value = float(str(cell))
    except ValueError:
        return math.nan
    return value if math.isfinite(value) or isinstance(cell, float) else math.nan


def twin_numbers(state: NumbersState | ScaledState, frame: pd.DataFrame) -> NDArray[np.float32]:
    values = np.array([[parse_number(cell) for cell in frame[name]] for name in state.names]).T
    with np.errstate(invalid="ignore"):
        return np.clip(values - state.medians, -1e30, 1e30).astype(np.float32)


def twin_scaled(state: ScaledState, frame: pd.DataFrame) -> Floats:
    z = np.nan_to_num(twin_numbers(state, frame) / state.scales.astype(np.float32), nan=0.0)
    z = np.clip(z, -1e6, 1e6)
    values = z / np.sqrt(1 + (z / 3) ** 2)
    gaps = [[float(math.isnan(parse_number(cell))) for cell in frame[name]] for name in state.flagged]
    return np.column_stack([values, *gaps])


def code_of(levels: Vocabulary, cell: str | float, kind: Cells) -> int:
    if pd.isna(cell):
        cell = ""
    if kind is Cells.NUMBER and cell != "":
        cell = repr(float(cell))
    return levels.index(cell) if cell in levels else len(levels)


def codes(state: WithLevels, frame: pd.DataFrame) -> dict[str, Codes]:
    kinds = {c.name: c.cells for c in COLUMNS}
    return {
        name: np.array([code_of(levels, cell, kinds[name]) for cell in frame[name]])
        for name, levels in state.vocabularies.items()
    }


def twin_codes(state: CodesState, frame: pd.DataFrame) -> Floats:
    ranks = {"small": 0.0, "medium": 1.0, "large": 2.0}
    found = codes(state, frame)
    found["size"] = np.array([ranks.get(cell, np.nan) for cell in frame["size"]])
    return np.column_stack(list(found.values()))


def twin_one_hot(state: LevelsState, frame: pd.DataFrame) -> NDArray[np.bool_]:
    found = codes(state, frame)
    return np.column_stack(
        [found[name] == i for name, levels in state.vocabularies.items() for i in range(len(levels))]
    )


def twin_yes_no(state: LevelsState, frame: pd.DataFrame) -> Floats:
    return np.column_stack([np.array([-1.0, 1.0, 0.0])[code] for code in codes(state, frame).values()])


def date_fields(name: str, cell: str) -> list[float]:
    day = moment_of(name, cell)
    if day is None:
        return [math.nan] * len(FIELDS)
    days = calendar.timegm(day.timetuple()) / 86400
    return [days, day.year, day.month, day.day, day.weekday(), day.timetuple().tm_yday, day.hour]


def twin_dates(state: DatesState, frame: pd.DataFrame) -> Floats:
    blocks = []
    for name, median in zip(state.names, state.median_days, strict=True):
        blocks.append(np.array([date_fields(name, cell) for cell in cell_texts(frame, name)]))
        blocks[-1][:, 0] -= median
    return np.column_stack(blocks)


def twin_dates_scaled(state: ScaledDatesState, frame: pd.DataFrame) -> Floats:
    known = zip(state.names, state.medians, state.scales, strict=True)
    return np.column_stack([scaled_date(frame, *facts) for facts in known])


def scaled_date(frame: pd.DataFrame, name: str, median: float, scale: float) -> Floats:
    rows = []
    for cell in cell_texts(frame, name):
        days, _, month, _, weekday, _, hour = date_fields(name, cell)
        if math.isnan(days):
            rows.append([0.0] * 7 + [1.0])
            continue
        z = (days - median) / scale
        waves = [
            f(2 * math.pi * v / n) for v, n in ((month, 12), (weekday, 7), (hour, 24)) for f in (math.sin, math.cos)
        ]
        rows.append([z / math.sqrt(1 + (z / 3) ** 2), *waves, 0.0])
    return np.array(rows)


def terms_twin(terms: Terms, texts: list[str]) -> Floats:
    rows = np.zeros((len(texts), len(terms.terms)))
    for row, text in enumerate(texts):
        ids = [terms.forms.get(word, 0) for word in [w for w in text.split(" ") if w][:400]]
        grams: list[tuple[int, ...]] = [(i,) for i in ids] + list(pairwise(ids))
        for position, term in enumerate(terms.terms):
            count = grams.count(term)
            rows[row, position] = (1 + math.log(count)) * terms.weights[position] if count else 0.0
    lengths: Floats = np.maximum(np.sqrt((rows**2).sum(axis=1, keepdims=True)), 1e-12)
    return rows / lengths


def twin_terms(state: TextState | TopicsState, frame: pd.DataFrame) -> Floats:
    return terms_twin(state.terms["note"], cell_texts(frame, "note"))


def twin_topics(state: TopicsState, frame: pd.DataFrame) -> Floats:
    return twin_terms(state, frame) @ state.directions["note"]


def looked_up(
    state: TargetState | CountsState, frame: pd.DataFrame, tables: Mapping[str, NDArray[np.float32] | list[float]]
) -> Floats:
    found = codes(state, frame)
    return np.column_stack([np.array(table)[found[name]] for name, table in tables.items()])


def twin_target_statistics(state: TargetState, frame: pd.DataFrame) -> Floats:
    return looked_up(state, frame, state.tables)


def twin_counts(state: CountsState, frame: pd.DataFrame) -> Floats:
    top = math.log(1 + state.n_rows)
    tables = {name: [math.log(1 + count) / top for count in counts] for name, counts in state.counts.items()}
    return looked_up(state, frame, tables)


def twin_quantile(state: QuantileState, frame: pd.DataFrame) -> Floats:
    blocks = []
    for name, values, scores in zip(state.names, state.values, state.scores, strict=True):
        cells = np.array([parse_number(cell) for cell in frame[name]])
        blocks.append(np.where(np.isnan(cells), 0.0, np.interp(cells, values, scores)))
    gaps = [[float(math.isnan(parse_number(cell))) for cell in frame[name]] for name in state.flagged]
    return np.column_stack([*blocks, *gaps])


def twin_bins(state: BinsState, frame: pd.DataFrame) -> Floats:
    ramps = []
    for name, limits in zip(state.scaled.names, state.limits, strict=True):
        cells = np.array([parse_number(cell) for cell in frame[name]])
        for low, high in pairwise(limits):
            with np.errstate(invalid="ignore"):
                ramps.append(np.where(np.isnan(cells), 0.0, np.clip((cells - low) / (high - low), 0, 1)))
    return np.column_stack([twin_scaled(state.scaled, frame), *ramps])


def twin_date_parts(state: PartsState, frame: pd.DataFrame) -> Floats:
    names = {*state.dated, *state.timed}
    moments = {name: [moment_of(name, cell) for cell in cell_texts(frame, name)] for name in names}
    blocks = [[parts_of_day(day) for day in moments[name]] for name in state.dated]
    blocks += [[parts_of_clock(day) for day in moments[name]] for name in state.timed]
    pairs = []
    for (first, second), median, scale in zip(state.pairs, state.medians, state.scales, strict=True):
        both = zip(moments[first], moments[second], strict=True)
        gaps = [None if begin is None or end is None else (end - begin) / DAY for begin, end in both]
        z = np.array([0.0 if gap is None else (gap - median) / scale for gap in gaps])
        pairs.append(z / np.sqrt(1 + (z / 3) ** 2))
    return np.column_stack([*(np.array(block) for block in blocks), *pairs])


def moment_of(name: str, cell: str) -> datetime | None:
    for form in next(c.date_formats for c in COLUMNS if c.name == name):
        try:
            return datetime.strptime(cell, form)  # noqa: DTZ007 - tables hold local dates
        except ValueError:
            continue
    return None


def circle(place: float, n_places: int) -> list[float]:
    return [f(2 * math.pi * place / n_places) for f in (math.sin, math.cos)]


def parts_of_day(day: datetime | None) -> list[float]:
    if day is None:
        return [0.0] * 9
    year_day, length = day.timetuple().tm_yday, calendar.monthrange(day.year, day.month)[1]
    parts = [(year_day - 1) // 7 / 52, *circle(year_day - 1, 366), (day.month - 1) // 3 / 3]
    return [*parts, float(day.weekday() > 4), float(day.day == 1), *circle(day.day - 1, 31), float(day.day == length)]


def parts_of_clock(day: datetime | None) -> list[float]:
    return [0.0, 0.0] if day is None else circle(day.hour * 60 + day.minute, 1440)


def twin_relative(state: RelativeState, frame: pd.DataFrame) -> Floats:
    found, blocks = codes(state, frame), []
    for pair in state.pairs:
        cells = np.array([parse_number(cell) for cell in frame[pair.number]])
        place = found[pair.category]
        z = np.nan_to_num(np.clip((cells - pair.centre[place]) / pair.spread[place], -1e6, 1e6), nan=0.0)
        blocks.append(z / np.sqrt(1 + (z / 3) ** 2))
    return np.column_stack(blocks)


def twin_marks(state: MarksState, frame: pd.DataFrame) -> Floats:
    blocks = []
    for text in cell_texts(frame, "note"):
        found = [min(len([word for word in text.split(" ") if word]), 200)]
        found += [sum(min(text.count(sign), 20) for sign in group) for group in state.groups["note"]]
        most = [200, *(20 * len(group) for group in state.groups["note"])]
        blocks.append([math.log(1 + count) / math.log(1 + top) for count, top in zip(found, most, strict=True)])
    return np.array(blocks)


def twin_pairs(state: PairsState, frame: pd.DataFrame) -> Floats:
    columns = []
    for pair in state.pairs:
        a, b = (np.array([parse_number(cell) for cell in frame[name]]) for name in (pair.left, pair.right))
        with np.errstate(all="ignore"):
            made = {"-": a - b, "+": a + b, "×": a * b, "/": np.where(b == 0, np.nan, a / b)}[pair.sign]
        columns.append(made)
    return np.clip(np.column_stack(columns) - state.medians, -1e30, 1e30)


def twin_crosses(state: CrossesState, frame: pd.DataFrame) -> Floats:
    places = codes(state.fields, frame)
    for name, edges in state.fields.edges.items():
        cells = [parse_number(cell) for cell in frame[name]]
        places[name] = np.array([len(edges) + 1 if math.isnan(x) else sum(x >= edge for edge in edges) for x in cells])
    sizes = {name: len(levels) + 1 for name, levels in state.fields.vocabularies.items()}
    sizes |= {name: len(edges) + 2 for name, edges in state.fields.edges.items()}
    blocks = []
    for cross, table_of_cross in zip(state.crosses, state.tables, strict=True):
        names = [state.fields.names[field] for field in cross]
        shape = [sizes[name] for name in names]
        blocks.append(table_of_cross.reshape(*shape, -1)[tuple(np.array(places[name]) for name in names)])
    return np.column_stack(blocks)


TWINS: dict[str, Callable[[Any, pd.DataFrame], Floats | NDArray[np.float32] | NDArray[np.bool_]]] = {
    "number_pairs": twin_pairs,
    "category_crosses": twin_crosses,
    "text_marks": twin_marks,
    "group_relative": twin_relative,
    "numbers_quantile": twin_quantile,
    "number_bins": twin_bins,
    "date_parts": twin_date_parts,
    "target_statistics": twin_target_statistics,
    "category_counts": twin_counts,
    "numbers": twin_numbers,
    "numbers_scaled": twin_scaled,
    "category_codes": twin_codes,
    "category_one_hot": twin_one_hot,
    "yes_no": twin_yes_no,
    "dates": twin_dates,
    "dates_scaled": twin_dates_scaled,
    "text_terms": twin_terms,
    "text_topics": twin_topics,
}
