"""Finds columns by which people are often treated unequally: by name, in several languages, and by what is in them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.checks.cells import ordered_values, words_of
from engine.table.schema import ColumnSchema, Kind, Role, TableSchema

MOST_LEVELS = 200
_UNFIT = frozenset({Kind.ID, Kind.CONSTANT, Kind.TEXT, Kind.LIST, Kind.LINK})
_UNASKED = frozenset({Role.TARGET, Role.WEIGHT})

# One word of the name is enough; the most telling ones first.
_NAMES = tuple(
    frozenset(words.split())
    for words in (
        "sex sexe sexo sesso gender geschlecht genre genero género genere gênero 性别 性別 пол",
        "race ethnic ethnicity ethnie etnia etnicidad rasse raza hautfarbe 民族 种族 人種 раса",
        "age ages alter âge edad età idade 年龄 年齡 年齢 возраст",
        (
            "birth birthday birthdate birthyear dob geburt geburtsjahr geburtsdatum geboren naissance nacimiento "
            "nascita nascimento 出生 出生日期 出生年份 生日 生年月日"
        ),
        (
            "nationality nation citizenship staatsangehörigkeit nationalität nationalité nacionalidad nacionalidade "
            "nazionalità cittadinanza 国籍 гражданство"
        ),
        "religion religione religión religião konfession faith 宗教 религия",
        "disability disabled handicap behinderung discapacidad disabilità 残疾 障害 инвалидность",
        "marital married marriage familienstand 婚姻 婚姻状况 配偶 семейное",
        "language sprache muttersprache langue idioma lingua 语言 言語 язык",
        (
            "region regions région región regione bundesland province provinz provincia state county district country "
            "land pays país paese city town stadt ort zip postcode plz 地区 省份 城市 国家 地域 регион город страна"
        ),
    )
)
_AGE = next(rank for rank, names in enumerate(_NAMES) if "age" in names)
_OLDEST = 123  # years that a person has lived
_SEXES = frozenset(
    {
        *("male", "female", "m", "f", "w", "d", "man", "woman", "men", "women", "other", "diverse"),
        *("männlich", "weiblich", "divers", "homme", "femme", "hombre", "mujer", "maschio", "femmina"),
        *("男", "女", "男性", "女性", "мужской", "женский", "м", "ж"),
    }
)


def suggested(cells: pd.DataFrame, schema: TableSchema) -> tuple[str, ...]:
    """Return columns that are worth a look, the most telling first; the person decides.

    >>> from tests.judged_rows import rows_of
    >>> suggested(*rows_of({"price": [1.0, 2.0], "Geschlecht": ["w", "m"], "customer_age": [31.0, 50.0]}))
    ('Geschlecht', 'customer_age')
    """
    ranks = {column.name: _rank(column, cells) for column in schema.columns}
    named = [name for name, rank in ranks.items() if rank is not None]
    return tuple(sorted(named, key=lambda name: ranks[name] or 0))


def has_groups(column: ColumnSchema) -> bool:
    """Whether the values of a column put rows into groups: levels that come again, or an order to divide."""
    if column.kind in _UNFIT or column.role in _UNASKED:
        return False
    ordered = column.kind.is_number or column.kind is Kind.DATE
    return column.n_distinct > 1 and (ordered or column.n_distinct <= MOST_LEVELS)


def _rank(column: ColumnSchema, cells: pd.DataFrame) -> int | None:
    """Return how telling a column is, 0 for the most; None for one that is no reason to ask."""
    if column.name not in cells or not has_groups(column):
        return None
    if column.n_distinct <= len(_SEXES) and _are_sexes([str(level) for level in cells[column.name].dropna().unique()]):
        return 0
    words = words_of(column.original_name)
    found = (rank for rank, names in enumerate(_NAMES) if not names.isdisjoint(words))
    rank = next(found, None)
    return None if rank == _AGE and not _may_be_ages(ordered_values(cells[column.name], column)) else rank


def _may_be_ages(values: NDArray[np.float64] | None) -> bool:
    """Whether these may be ages of people in years: concrete, wine and machines have ages, too; None for bands.

    >>> _may_be_ages(np.array([18.0, np.nan, 95.0])), _may_be_ages(np.array([3.0, 28.0, 365.0])), _may_be_ages(None)
    (True, False, True)
    """
    if values is None or np.isnan(values).all():
        return True
    return bool(np.nanmin(values) >= 0 and np.nanmax(values) <= _OLDEST)


def _are_sexes(levels: list[str]) -> bool:
    """Whether a column holds sexes, whatever it is called.

    >>> _are_sexes(["M", "F"]), _are_sexes(["m", "x"]), _are_sexes(["other", "d"])
    (True, False, False)
    """
    small = {level.strip().casefold() for level in levels}
    pairs = (("male", "female"), ("m", "f"), ("m", "w"), ("man", "woman"), ("men", "women"), ("männlich", "weiblich"))
    more = (("homme", "femme"), ("hombre", "mujer"), ("maschio", "femmina"), ("男", "女"), ("男性", "女性"))
    ways = (*pairs, *more, ("мужской", "женский"), ("м", "ж"))
    return small <= _SEXES and any(small.issuperset(pair) for pair in ways)
