"""Names of months, and words around dates, in other languages: which English ones stand for them."""

from collections.abc import Mapping

import pandas as pd

from engine.table.moments import WORD

_ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# One language after the other: its months in order, several spellings joined by "/"; then words that are left out.
_LANGUAGES = """
English
  jan/january feb/february mar/march apr/april may jun/june jul/july aug/august sep/sept/september oct/october
  nov/november dec/december
  - st nd rd th of the mon tue wed thu fri sat sun tues thur thurs monday tuesday wednesday thursday friday saturday
  - sunday
German
  januar/jan/jän/jänner februar/feb/feber märz/mär/mrz/maerz april/apr mai juni/jun juli/jul august/aug
  september/sep/sept oktober/okt november/nov dezember/dez
  - den der uhr um montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so
French
  janvier/janv/jan février/fevrier/févr/fév/fev mars avril/avr mai juin juillet/juil août/aout septembre/sept/sep
  octobre/oct novembre/nov décembre/decembre/déc/dec
  - le er à lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim
Spanish
  enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sep/sept
  octubre/oct noviembre/nov diciembre/dic
  - de del el a las lunes martes miércoles jueves viernes sábado domingo lun mié jue vie sáb dom
Italian
  gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett
  ottobre/ott novembre/nov dicembre/dic
  - il di alle ore lunedì martedì mercoledì giovedì venerdì sabato domenica lun mer gio ven sab dom
Portuguese
  janeiro/jan fevereiro/fev março/mar/marco abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set
  outubro/out novembro/nov dezembro/dez
  - de em às segunda terça quarta quinta sexta sábado domingo seg ter qua qui sex sáb dom feira
Dutch
  januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep/sept oktober/okt
  november/nov december/dec
  - de op om maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di wo do vr za zo
Swedish
  januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep/sept oktober/okt
  november/nov december/dec
  - den kl
Danish
  januar/jan februar/feb marts/mar april/apr maj/mai juni/jun juli/jul august/aug september/sep/sept oktober/okt
  november/nov december/dec/desember/des
  - den kl
Polish
  stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj czerwca/czerwiec/cze
  lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź listopada/listopad/lis
  grudnia/grudzień/gru
  - r
Russian
  января/январь/янв февраля/февраль/фев/февр марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн июля/июль/июл
  августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя декабря/декабрь/дек
  - г года
Turkish
  ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki kasım/kas
  aralık/ara
"""
_ZONES = (
    "est -0500 edt -0400 cst -0600 cdt -0500 mst -0700 mdt -0600 pst -0800 pdt -0700 cet +0100 cest +0200 msk +0300"
)
_CLOCK = {"a.m": "AM", "p.m": "PM", "utc": "Z", "gmt": "Z", **dict(zip(*[iter(_ZONES.split())] * 2, strict=True))}
# What the formats themselves can read.
_READ_ANYWAY = frozenset(
    "jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august september october"
    " november december t z am pm at".split()
)
_SIGNS = frozenset("年月日时分秒년월일")
_SAMPLE = 200


def find_words(levels: pd.Series) -> tuple[tuple[str, str], ...]:
    """Return what stands for the words in some dates, where English month names alone do not do.

    >>> dict(find_words(pd.Series(["3. März 2024"], dtype="str")))["märz"]
    'Mar'
    """
    texts = levels.iloc[:_SAMPLE]
    found = [match[0] for text in texts for match in WORD.finditer(text)]
    seen = {word.rstrip(".").lower() for word in found}
    if (seen <= _READ_ANYWAY and not any(word.endswith(".") for word in found)) or seen & _SIGNS:
        return ()
    for months, fillers in _MEANINGS:
        meanings = {**dict.fromkeys(fillers, ""), **_CLOCK, **months}
        if seen & set(meanings) and all(word in meanings or word in _READ_ANYWAY for word in seen):
            return tuple(meanings.items())
    return ()


def _meanings() -> tuple[tuple[Mapping[str, str], tuple[str, ...]], ...]:
    languages: list[tuple[list[str], list[str]]] = []
    for line in _LANGUAGES.strip().splitlines():
        if not line.startswith(" "):
            languages.append(([], []))
        elif line.startswith("  - "):
            languages[-1][1].extend(line[4:].split())
        else:
            languages[-1][0].extend(line.split())
    return tuple(
        (
            {word: _ENGLISH[place] for place, spellings in enumerate(months) for word in spellings.split("/")},
            tuple(fillers),
        )
        for months, fillers in languages
    )


_MEANINGS = _meanings()
