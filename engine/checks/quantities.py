"""What the name of a column says its numbers can be."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Possible:
    """What a quantity can be, known by the words of a column's name."""

    words: frozenset[str]
    low: float
    high: float | None = None


def _said(words: str) -> frozenset[str]:
    return frozenset(words.split())


_POSSIBLE = (
    Possible(_said("age alter edad idade eta leeftijd ålder возраст 年龄 年齢"), 0, 120),
    Possible(_said("percent percentage pct prozent % humidity luftfeuchtigkeit 百分比 湿度"), 0, 100),
    Possible(_said("latitude lat breitengrad 纬度"), -90, 90),
    Possible(_said("longitude lon lng längengrad 经度"), -180, 180),
    Possible(_said("hour hr stunde hora heure 小时"), 0, 24),
    Possible(_said("minute 分钟"), 0, 60),
    Possible(_said("month mnth monat mes mois 月 月份"), 0, 12),
    Possible(_said("weekday wochentag"), 0, 7),
    Possible(_said("year yr jahr año ano année built 年 年份"), 1000, 2200),
    Possible(_said("ph"), 0, 14),
    Possible(_said("bmi"), 5, 200),
    Possible(
        _said(
            "price preis precio prix cost costs kosten quantity qty menge anzahl count number width height length "
            "depth weight gewicht breite höhe länge area fläche sqft size distance distanz duration dauer population "
            "salary income gehalt speed volume rooms bedrooms bathrooms bath beds floors children persons visits calls "
            "tenure rainfall snowfall mileage km 价格 数量 面积 重量 身高 体重 长度 收入 人数"
        ),
        0,
    ),
)
# Words beside which a quantity may well be negative, or is another quantity.
_OTHERWISE = _said(
    "change diff difference delta log ln norm normalized scaled std zscore score growth profit loss balance error "
    "residual deviation trend relative load utilization utilisation net index factor coefficient "
    "id code type group band class"
)


def possible_range(name: str) -> Possible | None:
    """Return what a column's name says its numbers can be; None where it says nothing.

    >>> possible_range("Age (years)").high, possible_range("delta_price"), possible_range("averageHour").high
    (120, None, 24)
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = {word.lower() for word in re.findall(r"[^\W\d_]+|%", spaced)}
    if words & _OTHERWISE:
        return None
    return next((possible for possible in _POSSIBLE if words & possible.words), None)
