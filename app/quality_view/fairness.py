"""Whether groups are treated alike: chosen or suggested columns, figures by group, and what equal treatment costs."""

import pandas as pd
import streamlit as st

from app.language import _, say
from app.quality_view.charts import along
from app.wording import plain, threshold_percent
from engine.figures import figure
from engine.insight.fairness.equalising import Equalised
from engine.insight.fairness.fairness import Fairness, how_fair
from engine.insight.fairness.sensitive import has_groups, suggested
from engine.insight.fairness.treated import Treated
from engine.insight.quality.judged import Judged
from engine.outcomes import Estimate

_DRAWN = ("selection_rate", "accuracy", "mean_error")


def fairness(model: tuple[str, str, float], judged: Judged, seed: int) -> None:
    """Draw the choice of a column and how its groups are treated. `model`: tells it from others, its run second."""
    advised = suggested(judged.cells, judged.schema)
    others = [name for name in _askable(judged) if name not in advised]
    if not advised and not others:
        st.info(_("No column divides these rows into groups."))
        return
    st.markdown(_("Choose a column to see whether the model treats its groups alike."))
    column = st.selectbox(
        _("Groups by column"),
        [*advised, *others],
        index=0 if advised else None,
        placeholder=_("Choose a column"),
        help=_("Columns by which people are often treated unequally come first."),
        key=f"quality_fairness_{model[1]}",
    )
    if column is None:
        st.caption(_("No column was found that names sex, age, origin or the like; any other can be chosen."))
        return
    found = _worked_out(model, column, judged, seed)
    for message in found.said:
        st.markdown(plain(say(message)))
    if found.groups:
        _chart(found)
        _groups(found)
        _measures(found)
        for each in found.equalised:
            _price(each)


@st.cache_resource(max_entries=12, show_spinner=False)
def _worked_out(model: tuple[str, str, float], column: str, _judged: Judged, seed: int) -> Fairness:
    """Work it out once for a model and a column: other tabs are drawn anew often."""
    assert model
    return how_fair(_judged, column, seed=seed)


def _askable(judged: Judged) -> list[str]:
    targets = set(judged.task.targets)
    asked = [column for column in judged.schema.columns if column.name in judged.cells and column.name not in targets]
    return [column.name for column in asked if has_groups(column)]


def _titles() -> dict[str, str]:
    return {
        "base_rate": _("Has the answer"),
        "mean_probability": _("Says on average"),
        "selection_rate": _("Is called so"),
        "true_positive_rate": _("Finds"),
        "false_positive_rate": _("False alarms"),
        "accuracy": _("Right"),
        "mean_error": _("Off by, on average"),
        "mean_bias": _("Too high by"),
    }


def _chart(found: Fairness) -> None:
    name = next(each for each in _DRAWN if getattr(found.groups[0], each) is not None)
    rows = pd.DataFrame([vars(getattr(each, name)) for each in found.groups])
    rows = rows.assign(name=[each.value for each in found.groups])
    share = name != "mean_error"
    title = _titles()[name]
    st.altair_chart(along(rows, found.column, title, share=share), alt=_("Groups beside each other"))


def _groups(found: Fairness) -> None:
    titles = {name: title for name, title in _titles().items() if any(_has(each, name) for each in found.groups)}
    rows = [
        {
            _("Group"): each.value,
            _("Rows"): each.n_rows,
            **{
                title: _told(getattr(each, name), share=name not in {"mean_error", "mean_bias"})
                for name, title in titles.items()
            },
        }
        for each in found.groups
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=_("Figures by group"))
    if found.answer:
        said = _(
            "Of 100 rows of each group: how many have the answer {answer} (base rate), are called so (selection rate), "
            "are found of those that have it (true positive rate), are called so by mistake of the others (false "
            "positive rate), and get the right answer (accuracy). With 95 % intervals (Wilson)."
        )
        st.caption(said.format(answer=plain(found.answer)))


def _title(measure: str) -> str:
    """Return what a measure compares, in words; its name where it has none."""
    titles = {
        "demographic_parity_difference": _("Difference of selection rates"),
        "demographic_parity_ratio": _("Ratio of selection rates"),
        "equal_opportunity_difference": _("Difference of shares found"),
        "equalized_odds_difference": _("Difference of shares found or called so by mistake"),
        "equalized_odds_ratio": _("Ratio of shares found or called so by mistake"),
        "accuracy_difference": _("Difference of right answers"),
        "mean_error_difference": _("Difference of mean errors"),
        "mean_bias_difference": _("Difference of mean errors, too high less too low"),
    }
    return titles.get(measure, measure)


def _measures(found: Fairness) -> None:
    rows = pd.DataFrame(
        [
            {
                _("Measure"): _title(each.name),
                _("Between groups"): _told(each.value, share=False),
                _("By chance"): figure(each.by_chance),
                _("More than chance"): _("yes") if each.stands_out else _("no"),
                _("Name, as in Fairlearn"): each.name,
            }
            for each in found.measures
        ]
    )
    st.dataframe(rows, hide_index=True, alt=_("How far groups are apart"))
    st.caption(
        _(
            "By chance: what groups of these sizes that are treated alike keep within in 99 of 100 cases, all measures "
            "together. The sentences above compare each group with all others, and are held to the same chance."
        )
    )


def _price(each: Equalised) -> None:
    titles = {
        "selection_rate": _("What would equal shares cost?"),
        "true_positive_rate": _("What would finding equally many cost?"),
    }
    st.subheader(titles[each.rate], anchor=False)
    for message in each.said:
        st.markdown(plain(say(message)))
    thresholds = list(map(threshold_percent, each.thresholds.values()))
    rows = pd.DataFrame({_("Group"): list(each.thresholds), _("Threshold"): thresholds})
    alt = _("Thresholds by group: {question}").format(question=titles[each.rate])  # two of them are on the page
    st.dataframe(rows, hide_index=True, alt=alt)
    st.caption(
        _(
            "Chosen on one half of the rows and tried on the other. Groups were apart by {before}, then by {after}."
        ).format(before=figure(each.apart_before), after=figure(each.apart_after))
    )


def _has(each: Treated, name: str) -> bool:
    return getattr(each, name) is not None


def _told(found: Estimate | float | None, *, share: bool) -> str:
    if found is None:
        return "–"
    if isinstance(found, float):
        return f"{100 * found:.0f}"
    if share:
        return f"{100 * found.value:.0f} ({100 * found.low:.0f} – {100 * found.high:.0f})"
    return f"{figure(found.value)} ({figure(found.low)} – {figure(found.high)})"
