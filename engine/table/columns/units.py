"""Units as people write them: which belong together, and how many of one make another."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

# Size of each unit in the first unit of its dimension. Spellings are compared without points, spaces and case.
_DIMENSIONS: Mapping[str, Mapping[str, float]] = {
    "mass": {
        "kg kgs kilo kilos kilogram kilograms кг 公斤 千克": 1.0,
        "g gr gm gms gram grams г 克": 0.001,
        "mg milligram milligrams мг 毫克": 1e-6,
        "µg μg mcg ug": 1e-9,
        "t ton tons tonne tonnes т 吨": 1000.0,
        "lb lbs pound pounds": 0.45359237,
        "oz ounce ounces": 0.028349523125,
        "斤": 0.5,
    },
    "length": {
        "m meter meters metre metres mtr м 米": 1.0,
        "mm millimeter millimeters millimetre millimetres мм 毫米": 0.001,
        "cm centimeter centimeters centimetre centimetres см 厘米": 0.01,
        "dm": 0.1,
        "km kms kilometer kilometers kilometre kilometres км 公里 千米": 1000.0,
        'in inch inches " ″': 0.0254,
        "ft foot feet ′": 0.3048,
        "yd yds yard yards": 0.9144,
        "mi mile miles": 1609.344,
    },
    "area": {
        "m² m2 sqm sqmt sqmtr sqmeter sqmeters sqmetre sqmetres squaremeter squaremeters squaremetre squaremetres qm ㎡"
        " 平方米 平米 м² м2": 1.0,
        "ft² ft2 sqft sqfeet squarefoot squarefeet sft": 0.09290304,
        "yd² yd2 sqyd sqyds sqyard sqyards squareyard squareyards": 0.83612736,
        "acre acres": 4046.8564224,
        "ha hectare hectares 公顷": 10_000.0,
        "km² km2 sqkm 平方公里": 1e6,
        "sqmi sqmile sqmiles": 2_589_988.110336,
        "cents cent": 40.468564224,
        "guntha gunta": 101.17141056,
        "ground grounds": 222.967296,
        "perch perches": 25.29285264,
        "亩": 666.6666666666666,
    },
    "volume": {
        "l ltr ltrs liter liters litre litres л 升": 1.0,
        "ml milliliter milliliters millilitre millilitres мл 毫升": 0.001,
        "cl": 0.01,
        "dl": 0.1,
        "hl": 100.0,
        "m³ m3 cbm 立方米": 1000.0,
        "gal gallon gallons": 3.785411784,
        "floz": 0.0295735295625,
    },
    "time": {
        "s sec secs second seconds sek сек 秒": 1.0,
        "ms msec millisecond milliseconds 毫秒": 0.001,
        "min mins minute minutes minuten m мин 分钟": 60.0,
        "h hr hrs hour hours std stunden ч 小时": 3600.0,
        "d day days tag tage jours días дней 天": 86_400.0,
        "wk wks week weeks wochen 周": 604_800.0,
        "mo mon month months monate mois meses мес 个月 月": 2_629_800.0,
        "y yr yrs year years jahre ans años лет 年": 31_557_600.0,
    },
    "data": {
        "b byte bytes": 1.0,
        "kb kib": 1024.0,
        "mb mib": 1024.0**2,
        "gb gib": 1024.0**3,
        "tb tib": 1024.0**4,
    },
    "speed": {
        "m/s mps": 1.0,
        "mm/s": 0.001,
        "cm/s": 0.01,
        "m/min": 1 / 60,
        "mm/min": 0.001 / 60,
        "km/h kmh kph kmph": 1 / 3.6,
        "ft/s fps": 0.3048,
        "mph": 0.44704,
        "knots knot kn kt": 1852 / 3600,
    },
    "power": {"w watt watts вт": 1.0, "kw квт": 1000.0, "mw": 1e6, "hp bhp": 745.69987158227, "ps": 735.49875},
    "energy": {"kwh": 1.0, "wh": 0.001, "mwh": 1000.0, "gwh": 1e6},
    "nutrition": {"kcal cal": 1.0, "kj": 1 / 4.184},
    "frequency": {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "pressure": {"pa": 1.0, "hpa mbar": 100.0, "kpa": 1e3, "bar": 1e5, "mpa": 1e6, "psi": 6894.757293168},
    "share": {"% percent pct prozent pourcent proc": 1.0, "‰": 0.1, "bp bps": 0.01},
}
MAGNITUDES: Mapping[str, float] = {
    spelling: size
    for spellings, size in {
        "k thousand thousands tsd tausend mille mil тыс 千 仟": 1e3,
        "万 萬 만": 1e4,
        "lakh lakhs lac lacs": 1e5,
        "m mn mm mio mill million millions millionen millones млн 百万": 1e6,
        "cr crore crores 千万": 1e7,
        "亿 億 억": 1e8,
        "b bn billion billions mrd md milliarde milliarden млрд 十亿": 1e9,
        "tn trillion trillions 万亿 兆": 1e12,
    }.items()
    for spelling in spellings.split()
}
CURRENCIES: Mapping[str, str] = {
    spelling: group
    for group in (
        "$ usd us$ dollar dollars 美元", "€ eur euro euros 欧元", "£ gbp", "¥ cny rmb jpy 元 圆 円 yuan yen 人民币 cn¥",
        "₹ rs inr rupees", "₽ руб rub", "₩ krw won 원", "r$ brl", "zł pln", "kč czk", "kr sek nok dkk", "chf sfr",
        "a$ aud", "c$ ca$ cad", "hk$ hkd", "nt$ twd", "s$ sgd", "mx$ mxn", "₺ tl", "฿ thb", "₫ vnd", "₴ uah грн",
        "₪ ils", "zar", "huf", "lei ron", "rp idr", "rm myr", "₱", "₦ ngn", "aed", "sar", "₿ btc", "ksh kes",
    )
    for spelling in group.split()
}  # fmt: skip
_SIZES = {
    dimension: {spelling: size for spellings, size in units.items() for spelling in spellings.split()}
    for dimension, units in _DIMENSIONS.items()
}


def plain_unit(unit: str) -> str:
    """Return a unit without what people write differently.

    >>> plain_unit("Sq. Meter"), plain_unit("sq ft.")
    ('sqmeter', 'sqft')
    """
    return re.sub(r"[.\s]", "", unit.lower())


def currency(text: str) -> str | None:
    """Return what stands for a currency in all its spellings; None for anything else.

    >>> currency("US$") == currency("USD"), currency("kg")
    (True, None)
    """
    return CURRENCIES.get(plain_unit(text))


def multiplier(unit: str) -> float | None:
    """Return what a word for a large number multiplies by, with or without a currency behind it.

    >>> multiplier("Mio. €"), multiplier("万元"), multiplier("kg")
    (1000000.0, 10000.0, None)
    """
    plain = plain_unit(unit)
    if plain in MAGNITUDES:
        return MAGNITUDES[plain]
    for word in sorted(MAGNITUDES, key=len, reverse=True):
        if plain.startswith(word) and plain[len(word) :] in CURRENCIES:
            return MAGNITUDES[word]
    return None


def dimensions(unit: str) -> tuple[str, ...]:
    """Return what a unit may measure.

    >>> dimensions("kg"), dimensions("BHK")
    (('mass',), ())
    """
    plain = plain_unit(unit)
    return tuple(dimension for dimension, sizes in _SIZES.items() if plain in sizes)


def size(unit: str, dimension: str) -> float:
    """Return how large a unit is, among those of its dimension."""
    return _SIZES[dimension][plain_unit(unit)]


def unit_in_name(name: str, among: Iterable[str]) -> str | None:
    """Return the unit that a column's name tells, of one of some dimensions.

    >>> unit_in_name("total_sqft", ["area"]), unit_in_name("Weight (kg)", ["mass"]), unit_in_name("size", ["area"])
    ('sqft', 'kg', None)
    """
    wanted = set(among)
    words: list[str] = re.findall(r"[^\W\d_]+[²³23]?", name)
    pairs = [first + second for first, second in pairwise(words)]
    for word in reversed([*words, *pairs]):
        if wanted & set(dimensions(word)):
            return word
    return None
