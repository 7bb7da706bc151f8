"""Knows answers on a scale of whole numbers, such as 0 to 10 for how likely one is to recommend something."""

import re

import numpy as np
from numpy.typing import NDArray

_RATING_NAME = re.compile(
    r"(^|[\W_\d])(nps|csat|ces|scores?|ratings?|rated|stars?|satisfaction|satisfied|likert|recommend\w*|likelihood|agreement"
    r"|happiness|bewertung|zufriedenheit|weiterempfehl\w*|empfehl\w*|sterne|note|satisfacci[oó]n|calificaci[oó]n"
    r"|valoraci[oó]n|puntuaci[oó]n|soddisfazione|valutazione|voto|satisfação|avalia[cç][aã]o|tevredenheid|beoordeling"
    r"|ocena|оценка|рейтинг|удовлетвор\w*)([\W_\d]|$)"
    r"|(?-i:(Score|Rating|Stars|Satisfaction)\d*$)"
    r"|^q\d{1,2}([\W_a-z]|$)"
    r"|评分|打分|满意度|推荐|评价|星级",
    re.IGNORECASE,
)
_SCALES = ((0, 10), (1, 10), (0, 5), (1, 5), (1, 6), (0, 6), (1, 7), (1, 9))
_FEWEST_OF_TEN = 9  # a step that nobody has taken is still a step


def is_rating_name(name: str) -> bool:
    """Tell from the name of a column whether it asks for a rating.

    >>> [is_rating_name(name) for name in ("NPS (0-10)", "review_score", "Q1", "Zufriedenheit", "满意度")]
    [True, True, True, True, True]
    >>> [is_rating_name(name) for name in ("class", "quarter", "scored_by", "digit", "type")]
    [False, False, False, False, False]
    """
    return _RATING_NAME.search(name.strip()) is not None


def is_rating(numbers: NDArray[np.float64]) -> bool:
    """Whether whole numbers are the steps of a usual scale, hardly any of them left out.

    >>> is_rating(np.array([1.0, 2, 3, 4, 5, 5])), is_rating(np.array([1.0, 2, 3]))
    (True, False)
    """
    steps = np.unique(numbers)
    if not len(steps) or (steps[0], steps[-1]) not in _SCALES:
        return False
    n_all = int(steps[-1] - steps[0]) + 1
    return len(steps) >= (min(_FEWEST_OF_TEN, n_all))
