"""Finds room for the labels of points in a plot."""

from collections.abc import Iterable, Sequence

Box = tuple[float, float, float, float]  # left, bottom, right, top
Point = tuple[float, float]

_GAP = 5.0
_CLEAR = 8.0  # around other points, so that it is plain whose label it is
_REACHES = (1.0, 1.0, 2.0, 3.0, 4.5, 6.0)


def label_corners(
    points: Sequence[Point], sizes: Sequence[Point], inside: Box, taken: Iterable[Point] = ()
) -> list[Point]:
    """Return the lower left corner of each point's label, all in pixels, so that labels cover little.

    A label goes right, left, above or below of its point, as near as there is room; `taken` are further points that
    should stay visible. `sizes`: width and height of each label.

    >>> label_corners([(10, 10), (12, 10)], [(20, 8), (20, 8)], (0, 0, 100, 100))
    [(20.0, 6.0), (2.0, 20.0)]
    """
    everything = [*points, *taken]
    placed: list[Box] = []
    for point, size in zip(points, sizes, strict=True):
        dots = [_around(other) for other in everything if other != point]
        boxes = [box for box in _candidates(point, size) if _within(box, inside)] or [_candidates(point, size)[0]]
        placed.append(min(boxes, key=lambda box: 10 * _covered(box, placed) + _covered(box, dots)))
    return [(left, bottom) for left, bottom, _right, _top in placed]


def _candidates(point: Point, size: Point) -> list[Box]:
    (x, y), (width, height) = point, size
    boxes = []
    for reach in _REACHES:
        gap = _GAP * reach
        corners = [
            (x + gap, y - height / 2),
            (x - gap - width, y - height / 2),
            (x - width / 2, y + gap),
            (x - width / 2, y - gap - height),
            (x + gap, y + gap - 2),
            (x + gap, y - gap - height + 2),
            (x - gap - width, y + gap - 2),
            (x - gap - width, y - gap - height + 2),
        ]
        boxes += [(left, bottom, left + width, bottom + height) for left, bottom in corners]
    return boxes


def _around(point: Point) -> Box:
    return point[0] - _CLEAR, point[1] - _CLEAR, point[0] + _CLEAR, point[1] + _CLEAR


def _within(box: Box, inside: Box) -> bool:
    return box[0] >= inside[0] and box[1] >= inside[1] and box[2] <= inside[2] and box[3] <= inside[3]


def _covered(box: Box, others: Iterable[Box]) -> float:
    """Return the area that a box shares with others."""
    return sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in others
    )
