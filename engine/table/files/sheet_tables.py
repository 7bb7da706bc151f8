"""Finds the tables in a sheet: blocks of cells with empty rows or columns between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.table.files.dialect import Row
from engine.table.files.header import surely_has_header
from engine.table.files.sheet_keys import have_keys


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some rows and columns of a grid, counted from 0; `bottom` and `right` are the first ones outside."""

    top: int
    bottom: int
    left: int
    right: int

    def cells(self, grid: Sequence[Row]) -> list[Row]:
        """Return the cells."""
        return [row[self.left : self.right] for row in grid[self.top : self.bottom]]

    def n_filled(self, grid: Sequence[Row]) -> int:
        """Count the cells that hold something."""
        return sum(bool(cell) for row in self.cells(grid) for cell in row)

    def spacers(self, grid: Sequence[Row]) -> list[int]:
        """Return its empty columns, counted from its first."""
        rows = self.cells(grid)
        return [i for i in range(self.right - self.left) if not any(row[i] for row in rows if i < len(row))]

    def holds(self, other: "Block") -> bool:
        """Say whether another block lies inside this one."""
        rows = self.top <= other.top and other.bottom <= self.bottom
        return rows and self.left <= other.left and other.right <= self.right

    def is_table(self, grid: Sequence[Row]) -> bool:
        """Say whether several rows have several cells."""
        return sum(sum(map(bool, row)) > 1 for row in self.cells(grid)) > 1


def find_blocks(grid: Sequence[Row]) -> list[Block]:
    """Return the blocks of a grid from top to bottom and from left to right.

    Rows after an empty one belong to the table above when they go on as it does, without a header of their own.

    >>> [block.top for block in find_blocks([["a", "b"], ["1", "2"], ["", ""], ["c", "d"], ["3", "4"]])]
    [0, 3]
    """
    width = max(map(len, grid), default=0)
    whole = Block(top=0, bottom=len(grid), left=0, right=width)
    return sorted(_cut(grid, whole), key=lambda block: (block.top, block.left))


def side_by_side(blocks: Sequence[Block]) -> list[Block]:
    """Return what blocks make together that stand beside each other over exactly the same rows.

    >>> a, b = (Block(top=0, bottom=9, left=left, right=left + 2) for left in (0, 3))
    >>> side_by_side([a, b])
    [Block(top=0, bottom=9, left=0, right=5)]
    """
    groups: dict[tuple[int, int], list[Block]] = {}
    for block in blocks:
        groups.setdefault((block.top, block.bottom), []).append(block)
    return [_together(group) for group in groups.values() if len(group) > 1]


def _cut(grid: Sequence[Row], block: Block) -> Iterator[Block]:
    """Cut by rows and the pieces by columns, until nothing is left to cut."""
    bands = _bands(grid, block)
    pieces = [piece for band in bands for piece in _beside(grid, band)]
    if pieces == [block]:
        yield block
        return
    for piece in pieces:
        yield from _cut(grid, piece)


def _bands(grid: Sequence[Row], block: Block) -> list[Block]:
    """Return what stands between empty rows; what goes on behind one is joined."""
    filled = [any(row) for row in block.cells(grid)]
    bands: list[Block] = []
    for first, last in _runs(filled):
        band = _trimmed(grid, Block(top=block.top + first, bottom=block.top + last, left=block.left, right=block.right))
        if bands and _goes_on(bands[-1].cells(grid), _over(band, bands[-1]).cells(grid)) and _within(band, bands[-1]):
            bands[-1] = Block(top=bands[-1].top, bottom=band.bottom, left=bands[-1].left, right=bands[-1].right)
        else:
            bands.append(band)
    return bands


def _beside(grid: Sequence[Row], band: Block) -> list[Block]:
    """Return what stands between empty columns; what belongs together is joined."""
    rows = band.cells(grid)
    filled = [any(row[i] for row in rows if i < len(row)) for i in range(band.right - band.left)]
    pieces: list[Block] = []
    for first, last in _runs(filled):
        part = Block(top=band.top, bottom=band.bottom, left=band.left + first, right=band.left + last)
        piece = _trimmed_rows(grid, part)
        before = pieces[-1] if pieces else None
        lonely = before is not None and 1 in {piece.right - piece.left, before.right - before.left}
        if before is not None and lonely and (before.top, before.bottom) == (piece.top, piece.bottom):
            pieces[-1] = Block(top=piece.top, bottom=piece.bottom, left=before.left, right=piece.right)
        else:
            pieces.append(piece)
    return _one_table(grid, pieces)


def _one_table(grid: Sequence[Row], pieces: list[Block]) -> list[Block]:
    """Join pieces of exactly the same rows when one alone says which rows these are: columns were left for the eye."""
    alike = len(pieces) > 1 and len({(piece.top, piece.bottom) for piece in pieces}) == 1
    if alike and sum(have_keys(piece.cells(grid)) for piece in pieces) == 1:
        return [_together(pieces)]
    return pieces


def _together(blocks: Sequence[Block]) -> Block:
    return Block(
        top=blocks[0].top,
        bottom=blocks[0].bottom,
        left=min(block.left for block in blocks),
        right=max(block.right for block in blocks),
    )


def _goes_on(above: list[Row], below: list[Row]) -> bool:
    """Say whether rows behind an empty one belong to the rows before it."""
    usual = max(sum(map(bool, row)) for row in above)
    own = max(sum(map(bool, row)) for row in below)
    if len(above) == 1:
        # Names may stand alone above an empty row; a title fills fewer cells.
        return usual > 1 and usual >= 0.8 * own and not surely_has_header(below)
    if usual < 2 or (len(below) > 1 and own < 0.5 * usual):
        return False
    return below[0] in above[:3] or not surely_has_header(below)


def _runs(filled: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield where something begins and ends."""
    start = None
    for position, here in enumerate([*filled, False]):
        if here and start is None:
            start = position
        elif not here and start is not None:
            yield start, position
            start = None


def _trimmed(grid: Sequence[Row], block: Block) -> Block:
    rows = block.cells(grid)
    columns = [i for i in range(block.right - block.left) if any(row[i] for row in rows if i < len(row))]
    return Block(top=block.top, bottom=block.bottom, left=block.left + columns[0], right=block.left + columns[-1] + 1)


def _trimmed_rows(grid: Sequence[Row], block: Block) -> Block:
    rows = [n for n, row in enumerate(block.cells(grid)) if any(row)]
    return Block(top=block.top + rows[0], bottom=block.top + rows[-1] + 1, left=block.left, right=block.right)


def _over(band: Block, other: Block) -> Block:
    """Return the rows of a band with the columns of another one."""
    return Block(top=band.top, bottom=band.bottom, left=other.left, right=other.right)


def _within(band: Block, other: Block) -> bool:
    return other.left <= band.left and band.right <= other.right
