"""What is said first: the verdict with its reasons, the score in words of 100, and how it was measured."""

import pandas as pd
import streamlit as st

from app.language import _, say, say_price
from app.pieces import family_title
from app.quality_view.charts import beside
from app.wording import plain
from engine.checks.check import Severity
from engine.figures import figure
from engine.insight.quality.judgement import Judgement, Level
from engine.insight.quality.quality import Quality
from engine.outcomes import Estimate
from engine.progress import Progress
from engine.tasks.metric import metric_named

N_CARDS = 4
_BOXES = {Level.READY: st.success, Level.CARE: st.warning, Level.NOT_USEFUL: st.error}
_ICONS = {
    Level.READY: ":material/check_circle:",
    Level.CARE: ":material/visibility:",
    Level.NOT_USEFUL: ":material/block:",
}


def verdict(found: Quality, n_looks: int) -> None:
    """Draw the verdict, its reasons, and what the score means."""
    judgement = found.judgement
    st.header(say(judgement.title), anchor=False)
    for message in found.words:
        st.markdown(plain(say(message)))
    reasons = "\n".join(f"- {plain(say(reason))}" for reason in judgement.reasons)
    _BOXES[judgement.level](reasons, icon=_ICONS[judgement.level])
    st.caption(" ".join(plain(say(message)) for message in found.how))
    if n_looks > 1:
        looked = _(
            "The rows set aside of this table have been looked at by {n} trainings. The more of them are compared by "
            "these rows, the more the best one owes to luck."
        )
        st.caption(looked.format(n=n_looks))


def verdict_in_short(judgement: Judgement) -> None:
    """Draw the verdict where a model is not looked into: of one that is not useful with what speaks against it."""
    is_useful = judgement.level is not Level.NOT_USEFUL
    reason = "" if is_useful else f": {plain(say(judgement.reasons[0]))}"
    _BOXES[judgement.level](f"**{say(judgement.title)}**{reason}", icon=_ICONS[judgement.level])


def open_questions(progress: Progress, found: Quality) -> None:
    """Draw what else was open when the training started: a score is worth no more than the table."""
    findings = progress.checked.findings if progress.checked else ()
    told = {reason.code for reason in found.judgement.reasons}
    others = [each for each in findings if each.severity is Severity.PLEASE_LOOK and each.code not in told]
    if not others:
        return
    with st.expander(_("Open when the training started: {n}").format(n=len(others))):
        for each in others:
            st.warning(plain(f"{say(each.message)} {say_price(each.message)}"), icon=":material/visibility:")


def scores(found: Quality) -> None:
    """Draw the scores as cards, the run's own first, and that one beside what it has to be better than."""
    main = found.comparison.metric if found.comparison else ""
    keys = sorted(found.scores, key=lambda key: key != main)[:N_CARDS]
    with st.grid(N_CARDS):
        for key in keys:
            score = found.scores[key]
            with st.container(border=True, height="stretch", gap="xxsmall"):
                st.caption(_(metric_named(key).title))
                st.metric(key, figure(score.value), label_visibility="collapsed")
                st.caption(_("{low} to {high}").format(low=figure(score.low), high=figure(score.high)))
    if found.comparison is not None:
        title = _("{metric} beside what it has to be better than").format(metric=_(found.comparison.title))
        st.subheader(title, anchor=False)
        st.altair_chart(beside(_rows(found)), alt=_("The score with its interval beside simpler answers"))
        st.caption(
            _(
                "The bands are 95 % intervals: where the score would fall for other rows of the same kind. Single "
                "folds of the best candidate are apart by {spread} (standard deviation)."
            ).format(spread=figure(found.comparison.spread))
        )


def _rows(found: Quality) -> pd.DataFrame:
    compared = found.comparison
    assert compared is not None
    rows = [_row(_("this model"), compared.score)]
    if compared.held_out and compared.folds is not None:
        rows.append(_row(_("this model, over the folds"), compared.folds))
    if compared.simple is not None:
        name = _("{family}, over the folds").format(family=family_title(compared.simple_family))
        rows.append({"name": name, "value": compared.simple, "low": None, "high": None})
    rows.append({"name": _("same answer for every row"), "value": compared.baseline, "low": None, "high": None})
    return pd.DataFrame(rows).astype({"low": "float64", "high": "float64"})


def _row(name: str, score: Estimate) -> dict[str, str | float | None]:
    return {"name": name, "value": score.value, "low": score.low, "high": score.high}
