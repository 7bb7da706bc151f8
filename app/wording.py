"""Turns numbers, times and names into the words and figures that the screens show."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from app.language import _, reader_zone
from engine.figures import chance

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&@^])")
_MEBIBYTE = 1024 * 1024


def plain(text: object) -> str:
    r"""Return a user's text so that markdown shows it letter by letter.

    >>> plain("*a*") == r"\*a\*"
    True
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def short(text: object, length: int = 60) -> str:
    """Return a text cut to a length, with an ellipsis.

    >>> short("abcdef", 4)
    'abc…'
    """
    words = str(text)
    return words if len(words) <= length else words[: length - 1] + "…"


def axis_title(text: object) -> str:
    """Return what stands beside an axis, cut to what a small figure and a phone have room for.

    >>> axis_title("Chance of being admitted again within 30 days")
    'Chance of being admitted …'
    """
    return short(text, 26)


def percent(share: float, places: int | None = None) -> str:
    """Return a share in percent; without `places` with those that reports and sentences give it.

    >>> percent(0.123), percent(0.056), percent(0.123, 1)
    ('12 %', '5.6 %', '12.3 %')
    """
    number = chance(share).split()[0] if places is None else f"{100 * share:.{places}f}"
    return _("{n} %").format(n=number)


def threshold_percent(share: float) -> str:
    """Return a threshold in percent, with the digits that tell it from its neighbours.

    >>> threshold_percent(0.5), threshold_percent(0.0125)
    ('50 %', '1.25 %')
    """
    return _("{n} %").format(n=f"{100 * share:.4g}")


def duration(seconds: float) -> str:
    """Return a time span in words.

    >>> duration(8.4), duration(300), duration(3720)
    ('8 s', '5 min', '1 h 2 min')
    """
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if whole < 60:
        return _("{n} s").format(n=whole)
    if minutes < 60:
        said = _("{minutes} min {seconds} s") if rest else _("{n} min")
        return said.format(n=minutes, minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    said = _("{hours} h {minutes} min") if minutes else _("{n} h")
    return said.format(n=hours, hours=hours, minutes=minutes)


def brief(microseconds: float) -> str:
    """Return the time for one row.

    >>> brief(142.3), brief(1234)
    ('142 µs', '1.2 ms')
    """
    if microseconds < 1000:
        return _("{n} µs").format(n=f"{microseconds:.0f}")
    return _("{n} ms").format(n=f"{microseconds / 1000:.1f}")


def size(n_bytes: int) -> str:
    """Return a file size.

    >>> size(2_500_000), size(900)
    ('2.4 MB', '1 kB')
    """
    return f"{n_bytes / _MEBIBYTE:.1f} MB" if n_bytes >= _MEBIBYTE / 10 else f"{max(1, round(n_bytes / 1024))} kB"


def count(number: int) -> str:
    """Return a count with thousands separated.

    >>> count(10000)
    '10,000'
    """
    return f"{number:,}"


def moment(then: datetime) -> str:
    """Return a point in time, in the reader's time zone and without the year when it is this one."""
    zone = reader_zone()
    local = then.astimezone(zone)
    if local.year == datetime.now(zone).year:
        return _("{then:%d} {then:%b}, {then:%H:%M}").format(then=local)
    return _("{then:%d} {then:%b} {then:%Y}, {then:%H:%M}").format(then=local)


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return names in one line; the ones beyond `most` as a number.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = joined(names[:most])
    return shown if len(names) <= most else _("{names} and {n} more").format(names=shown, n=len(names) - most)


def joined(names: Sequence[str]) -> str:
    """Return all names in one line.

    >>> joined(["a", "b", "c"])
    'a, b, c'
    """
    between = _("{left}, {right}")
    return reduce(lambda left, right: between.format(left=left, right=right), names) if names else ""
