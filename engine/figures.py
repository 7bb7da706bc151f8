"""Numbers as people read them."""

import math

MOST_ZEROS = -5  # behind the point
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(value: float, digits: int = 3) -> str:
    """Return a number with a readable number of digits.

    >>> figure(0.91234), figure(26801.4), figure(0.00149), figure(111.37)
    ('0.912', '26,801', '0.00149', '111')
    >>> figure(-0.0000000944)  # nobody counts so many zeros
    '-9.44 × 10⁻⁸'
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    whole = math.floor(math.log10(abs(value))) + 1
    if whole < MOST_ZEROS:
        digits_of, power = f"{value:.{digits - 1}e}".split("e")
        return f"{digits_of} × 10{str(int(power)).translate(_RAISED)}"
    places = max(0, digits - whole) if whole > 0 else digits - whole if whole < -1 else digits
    return f"{value:,.{places}f}"


def about(value: float, width: float) -> str:
    """Write a number with digits that matter within a width, such as that of its column.

    >>> about(52134.2, 100_000), about(0.12345, 0.5), about(31.0, 60), about(-0.0001, 10)
    ('52,000', '0.123', '31', '0')
    >>> about(2009.0, 12)  # it may be a year
    '2009'
    """
    if not (math.isfinite(value) and math.isfinite(width)):
        return "–"
    places = 2 - math.floor(math.log10(width)) if width > 0 else 3
    rounded = round(value, places) or 0.0
    sign = "," if abs(rounded) >= 10_000 else ""
    text = f"{rounded:{sign}.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def chance(share: float) -> str:
    """Write a share in percent, small ones with a digit more.

    >>> chance(0.123), chance(0.0123), chance(1.0)
    ('12 %', '1.2 %', '100 %')
    """
    places = 1 if 0.0005 <= share < 0.0995 or 0.9905 < share < 0.9995 else 0
    return f"{100 * share:.{places}f} %"
