"""Small pictures as SVG: drawn from numbers, named for those who cannot see them, in the colours of the page."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from engine.figures import chance, figure
from engine.outcomes import Estimate

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 88, 16, 12, 44
NAMES = 200  # room for names at the left
LINE = 34
MOST_LETTERS = 28


@dataclass(frozen=True, kw_only=True)
class Span:
    """A value with a name and, where it is known, its interval."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    @staticmethod
    def of(name: str, estimate: Estimate) -> "Span":
        """Return an estimate with its name."""
        return Span(name=name, value=estimate.value, low=estimate.low, high=estimate.high)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """From where to where, and what it is. `start`, `end`: in the picture."""

    title: str
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies in the picture."""
        width = self.high - self.low
        share = (value - self.low) / width if width else 0.5
        return round(self.start + (self.end - self.start) * min(max(share, 0.0), 1.0), 1)


def ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Return round values between two ends.

    >>> ticks(0, 1), ticks(3, 47)
    ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (10.0, 20.0, 30.0, 40.0))
    """
    if not high > low:
        return (low,)
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(place * step, 12) for place in range(first, last + 1))


def spans(title: str, rows: Sequence[Span], *, are_alike: bool = False) -> str:
    """Draw values below each other, with their intervals; the first stands out unless they are alike."""
    ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None and math.isfinite(end)]
    if not ends:
        return ""
    room = 0.08 * (max(ends) - min(ends)) or 0.1 * abs(ends[0]) or 1.0
    axis = Axis(title="", low=min(ends) - room, high=max(ends) + room, start=NAMES, end=WIDTH - RIGHT - 56)
    height = TOP + LINE * len(rows) + 26
    parts = list(_scale(axis, height - 26, TOP))
    for place, row in enumerate(rows):
        y, kind = TOP + LINE * (place + 0.5), "main" if are_alike or place == 0 else "other"
        if row.low is not None and row.high is not None and math.isfinite(row.low) and math.isfinite(row.high):
            parts.append(
                f'<line class="band {kind}" x1="{axis.at(row.low)}" x2="{axis.at(row.high)}" y1="{y}" y2="{y}"/>'
            )
        if math.isfinite(row.value):
            parts.append(f'<circle class="dot {kind}" cx="{axis.at(row.value)}" cy="{y}" r="5"/>')
        parts.append(f'<text class="name" x="{NAMES - 12}" y="{y + 4}">{escape(_short(row.name))}</text>')
        parts.append(f'<text x="{WIDTH - RIGHT - 46}" y="{y + 4}">{escape(figure(row.value))}</text>')
    return _svg(title, height, parts)


def bars(title: str, rows: Sequence[tuple[str, float]]) -> str:
    """Draw shares below each other as bars."""
    if not rows:
        return ""
    most = max(share for _name, share in rows) or 1.0
    axis = Axis(title="", low=0.0, high=most, start=NAMES, end=WIDTH - RIGHT - 60)
    parts = []
    for place, (name, share) in enumerate(rows):
        y = TOP + 24 * place
        parts.append(f'<text class="name" x="{NAMES - 12}" y="{y + 14}">{escape(_short(name))}</text>')
        parts.append(
            f'<rect class="bar" x="{NAMES}" y="{y + 3}" width="{max(1.0, axis.at(share) - NAMES)}" height="14"/>'
        )
        parts.append(f'<text x="{axis.at(share) + 8}" y="{y + 14}">{chance(share)}</text>')
    return _svg(title, TOP + 24 * len(rows) + 4, parts)


def curve(
    title: str, x: Sequence[float], y: Sequence[float], names: tuple[str, str], usual: tuple[float, float]
) -> str:
    """Draw one share against another; `names`: of the axes; `usual`: both ends of the line that guessing would draw."""
    across, up = _axes(names, (0.0, 1.0), (0.0, 1.0))
    guess = (
        f'<line class="guess" x1="{across.at(0)}" y1="{up.at(usual[0])}" x2="{across.at(1)}" y2="{up.at(usual[1])}"/>'
    )
    return _svg(title, HEIGHT, [*_frame(across, up), guess, _line(across, up, x, y)])


def points(
    title: str, x: Sequence[float], y: Sequence[float], names: tuple[str, str], ends: Sequence[Estimate] = ()
) -> str:
    """Draw points beside the line on which both are equal; `ends`: their intervals, where they are known."""
    if not x:
        return ""
    every = [*x, *y, *(end for each in ends for end in (each.low, each.high))]
    width = (min(every), max(every))
    across, up = _axes(names, width, width)
    equal = f'<line class="guess" x1="{across.start}" y1="{up.start}" x2="{across.end}" y2="{up.end}"/>'
    bands = [
        f'<line class="band main" x1="{at}" x2="{at}" y1="{up.at(each.low)}" y2="{up.at(each.high)}"/>'
        for at, each in zip(map(across.at, x), ends, strict=False)
    ]
    radius, kind = (5, "dot main") if ends else (2.5, "dot main faint")
    dots = [
        f'<circle class="{kind}" cx="{across.at(a)}" cy="{up.at(b)}" r="{radius}"/>' for a, b in zip(x, y, strict=True)
    ]
    return _svg(title, HEIGHT, [*_frame(across, up), equal, *bands, *dots])


def steps(title: str, x: Sequence[float], y: Sequence[float], names: tuple[str, str], cells: Sequence[str] = ()) -> str:
    """Draw how one thing moves with another; `cells`: what stands at the first and the last place, else numbers."""
    across, up = _axes(names, (min(x), max(x)), _roomy(y))
    frame = list(_frame(across, up, across_ticks=not cells))
    if cells:
        y_text = HEIGHT - BOTTOM + 16
        frame.append(f'<text class="start" x="{across.start}" y="{y_text}">{escape(_short(cells[0]))}</text>')
        frame.append(f'<text class="name" x="{across.end}" y="{y_text}">{escape(_short(cells[-1]))}</text>')
    return _svg(title, HEIGHT, [*frame, _line(across, up, x, y)])


def _roomy(values: Sequence[float]) -> tuple[float, float]:
    room = 0.08 * (max(values) - min(values)) or 0.1 * abs(values[0]) or 1.0
    return min(values) - room, max(values) + room


def _axes(names: tuple[str, str], x: tuple[float, float], y: tuple[float, float]) -> tuple[Axis, Axis]:
    across = Axis(title=names[0], low=x[0], high=x[1], start=LEFT, end=WIDTH - RIGHT)
    return across, Axis(title=names[1], low=y[0], high=y[1], start=HEIGHT - BOTTOM, end=TOP)


def _frame(across: Axis, up: Axis, *, across_ticks: bool = True) -> Iterator[str]:
    if across_ticks:
        yield from _scale(across, HEIGHT - BOTTOM, TOP)
    for value in ticks(up.low, up.high):
        y = up.at(value)
        yield f'<line class="grid" x1="{across.start}" x2="{across.end}" y1="{y}" y2="{y}"/>'
        yield f'<text class="name" x="{across.start - 8}" y="{y + 4}">{value:,.10g}</text>'
    yield f'<text class="title" x="{(across.start + across.end) / 2}" y="{HEIGHT - 8}">{escape(across.title)}</text>'
    middle = (up.start + up.end) / 2
    yield f'<text class="title" transform="translate(14 {middle}) rotate(-90)">{escape(_short(up.title, 40))}</text>'


def _scale(axis: Axis, bottom: float, top: float) -> Iterator[str]:
    for value in ticks(axis.low, axis.high):
        x = axis.at(value)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>'
        yield f'<text class="tick" x="{x}" y="{bottom + 16}">{value:,.10g}</text>'


def _line(across: Axis, up: Axis, x: Sequence[float], y: Sequence[float]) -> str:
    pairs = " ".join(f"{across.at(a)},{up.at(b)}" for a, b in zip(x, y, strict=True))
    return f'<polyline class="line" points="{pairs}"/>'


def _short(name: str, most: int = MOST_LETTERS) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    named = escape(title)
    head = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{named}"><title>{named}</title>'
    return f"{head}{''.join(parts)}</svg>"
