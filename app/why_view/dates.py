"""The names of months and days under charts, in the reader's language."""

from typing import TypeVar

import altair as alt

from app import language

AnyChart = TypeVar("AnyChart", alt.Chart, alt.LayerChart)
_DAYS = "日一二三四五六"
_MONTHS = [f"{number}月" for number in range(1, 13)]
_WORDS = {
    "zh_CN": {
        "dateTime": "%Y年%-m月%-d日 %H:%M:%S",
        "date": "%Y年%-m月%-d日",
        "time": "%H:%M:%S",
        "periods": ["上午", "下午"],
        "days": [f"星期{day}" for day in _DAYS],
        "shortDays": [f"周{day}" for day in _DAYS],
        "months": _MONTHS,
        "shortMonths": _MONTHS,
    }
}


def dated(chart: AnyChart) -> AnyChart:
    """Let a chart write its dates as the reader does; English is what charts speak by themselves."""
    words = _WORDS.get(language.current_language())
    return chart if words is None else chart.configure(locale={"time": words})
