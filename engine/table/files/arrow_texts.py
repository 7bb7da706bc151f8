"""Arrow columns become columns of texts, each when it is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.messages import Message, listed, phrase
from engine.table.files.raw import RawTable, named
from engine.table.options import ReadingOptions

NESTED = phrase(
    "read_nested",
    "Columns that hold lists of records, or what has no text, left out ({n}): {names}.",
    "Spread them over columns of their own before the table is written.",
)
SPREAD = phrase("read_spread", "Records inside cells were spread over columns of their own ({n}): {names}.")
LISTS = phrase("read_lists", "Lists inside cells were written as their items with semicolons between them: {names}.")
DURATIONS = phrase("read_durations", "Lengths of time were written in seconds: {names}.")
TIME_ZONES = phrase("read_time_zones", "Moments with a time zone were written in UTC: {names}.")
NOT_TEXT = phrase("read_not_text", "Columns that hold bytes which are no text, left out ({n}): {names}.")

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One column of texts to be: a column of the file (`top`, from 0), or a field inside its records (`path`)."""

    top: int
    path: tuple[int, ...]
    name: str
    type: pa.DataType


@dataclass(frozen=True, kw_only=True)
class ArrowTexts:
    """Cells that stay where they are until a column is asked for. `load` returns one column of the file."""

    n_rows: int
    leaves: tuple[Leaf, ...]
    load: Callable[[int], pa.ChunkedArray]

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return len(self.leaves)

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column as pandas `str`, NaN for an empty cell."""
        return as_texts(leaf_column(self.load(self.leaves[position].top), self.leaves[position]))


def arrow_table(
    schema: pa.Schema, load: Callable[[int], pa.ChunkedArray], n_rows: int, name: str, options: ReadingOptions
) -> RawTable:
    """Make a table of typed columns. `load` returns one of them, by its position."""
    leaves, told = readable_leaves(schema)
    bytes_only = [
        leaf for leaf in leaves if _is_bytes(leaf.type) and not _holds_text(leaf_column(load(leaf.top), leaf))
    ]
    if bytes_only:
        told = (*told, NOT_TEXT(n=len(bytes_only), names=listed([leaf.name for leaf in bytes_only])))
        leaves = tuple(leaf for leaf in leaves if leaf not in bytes_only)
    texts = ArrowTexts(n_rows=n_rows, leaves=leaves, load=load)
    table = named(texts, tuple(leaf.name for leaf in leaves), header=True, name=name, done=told)
    spread = {(leaf.top, leaf.path): place for place, leaf in enumerate(_every_leaf(schema))}
    kept = [leaves[place] for place in table.places]
    return replace(table, places=tuple(spread[leaf.top, leaf.path] for leaf in kept), read_as=options.about_cells)


def readable_leaves(schema: pa.Schema) -> tuple[tuple[Leaf, ...], tuple[Message, ...]]:
    """Return what can be written as texts, and tell of the rest and of what is written in another way.

    >>> schema = pa.schema({"a": pa.int64(), "b": pa.struct({"c": pa.string()})})
    >>> [leaf.name for leaf in readable_leaves(schema)[0]]
    ['a', 'b.c']
    """
    found = _every_leaf(schema)
    leaves = tuple(leaf for leaf in found if _is_readable(leaf.type))
    unreadable = [leaf.name for leaf in found if not _is_readable(leaf.type)]
    told = [NESTED(n=len(unreadable), names=listed(unreadable))] if unreadable else []
    spread = [leaf.name for leaf in leaves if leaf.path]
    told += [SPREAD(n=len(spread), names=listed(spread))] if spread else []
    for say, holds in ((LISTS, _is_list), (DURATIONS, pa.types.is_duration), (TIME_ZONES, _has_zone)):
        names = [leaf.name for leaf in leaves if holds(leaf.type)]
        told += [say(names=listed(names))] if names else []
    return leaves, tuple(told)


def refuse_damage(column: pa.ChunkedArray) -> None:
    """Raise ArrowInvalid when what a file gave is no sound column: working with it could end the whole process."""
    for chunk in column.chunks:
        try:
            chunk.validate(full=True)
        except pa.ArrowInvalid as problem:
            # Letters that cannot be read do no harm; inside other types there may be worse behind them.
            if "UTF8" not in str(problem) or not (
                pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type)
            ):
                raise


def leaf_column(column: pa.ChunkedArray, leaf: Leaf) -> pa.ChunkedArray:
    """Return the column itself, or the field inside its records."""
    return pc.struct_field(column, list(leaf.path)) if leaf.path else column


def as_texts(column: pa.ChunkedArray) -> pd.Series:
    """Write every cell of a column as text.

    >>> as_texts(pa.chunked_array([[1.0, 2.5, None]])).tolist()
    ['1', '2.5', nan]
    """
    text = _texts(column)
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:  # bytes that were called text by whoever wrote them
        cells = text.cast(pa.large_binary()).to_pylist()
        text = pa.chunked_array([[cell and cell.decode(errors="replace") for cell in cells]], pa.large_string())
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)
    return text.to_pandas().astype("str")


def _every_leaf(schema: pa.Schema) -> list[Leaf]:
    return [leaf for top, field in enumerate(schema) for leaf in _leaves(field, top)]


def _leaves(field: pa.Field, top: int, path: tuple[int, ...] = (), above: str = "") -> Iterator[Leaf]:
    name = f"{above}.{field.name}" if above else field.name
    if pa.types.is_struct(field.type):
        for position, inner in enumerate(field.type):
            yield from _leaves(inner, top, (*path, position), name)
    else:
        yield Leaf(top=top, path=path, name=name, type=field.type)


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return not isinstance(kind, pa.UuidType) and _is_bytes(kind.storage_type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _holds_text(column: pa.ChunkedArray) -> bool:
    try:
        _texts(column)
    except pa.ArrowInvalid:
        return False
    return True


def _has_zone(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) and kind.tz is not None)


def _is_readable(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _is_readable(kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _is_readable(kind.value_type)
    if _is_list(kind):
        return not pa.types.is_nested(kind.value_type) and _is_readable(kind.value_type)
    return not pa.types.is_nested(kind) and not pa.types.is_interval(kind)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of strings, of whichever width, null for an empty cell."""
    column = _unpacked(column)
    kind = column.type
    if _is_list(kind):
        return pa.chunked_array([_joined(chunk) for chunk in column.chunks], pa.large_string())
    if pa.types.is_floating(kind):
        wide = column.cast(pa.float32()) if pa.types.is_float16(kind) else column
        return pc.if_else(pc.is_nan(wide), pa.scalar(None, pa.string()), wide.cast(pa.string()))
    if pa.types.is_timestamp(kind):
        return _moments(column)
    if pa.types.is_time(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
    if pa.types.is_duration(kind):
        ticks = column.cast(pa.int64())
        return _texts(pc.divide(ticks.cast(pa.float64(), safe=False), float(_PER_SECOND[kind.unit])))
    if pa.types.is_decimal(kind):  # 12.500 as any other 12.5: three digits behind a point may be taken for thousands
        bare = pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
        return pc.replace_substring_regex(bare, r"(\.[0-9]*[1-9])0+$", r"\1")
    if pa.types.is_fixed_size_binary(kind):
        column = column.cast(pa.binary())
    return column.cast(pa.large_string())


def _unpacked(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the cells themselves, where they are kept as codes, runs or under a type of somebody's own."""
    kind = column.type
    if isinstance(kind, pa.UuidType):
        return pa.chunked_array([[cell and str(cell) for cell in column.to_pylist()]], pa.string())
    if isinstance(kind, pa.BaseExtensionType):
        return _unpacked(pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type))
    if pa.types.is_dictionary(kind):
        return _unpacked(column.cast(kind.value_type))
    if pa.types.is_run_end_encoded(kind):
        return _unpacked(pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], kind.value_type))
    return column


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write days alone where no moment has a time, and parts of seconds only where one has them."""
    plain = column.cast(pa.timestamp(column.type.unit))
    days = plain.cast(pa.date32(), safe=False)
    if pc.all(pc.equal(days.cast(plain.type), plain)).as_py() is not False:
        return days.cast(pa.string())
    seconds = plain.cast(pa.timestamp("s"), safe=False)
    if pc.all(pc.equal(seconds.cast(plain.type), plain)).as_py():
        return pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S")
    return pc.strftime(plain.cast(pa.timestamp("us"), safe=False), format="%Y-%m-%d %H:%M:%S")


def _joined(chunk: pa.Array) -> pa.Array:
    """Write each list as its items with semicolons between them; missing items are passed over."""
    items = _texts(pa.chunked_array([chunk.flatten()]))
    rows = pc.list_parent_indices(chunk)
    frame = pd.DataFrame({"row": rows.to_pandas(), "item": items.to_pandas()}).dropna()
    joined = frame.groupby("row")["item"].agg("; ".join).reindex(range(len(chunk)))
    return pa.array(joined, pa.large_string(), from_pandas=True)
