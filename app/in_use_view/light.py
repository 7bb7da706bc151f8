"""Whether new rows still look like those of the training: one light, its reasons, and the columns behind it."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from app.language import _, say
from app.wording import moment, percent, plain
from engine.insight.in_use.distance import written_chance
from engine.insight.in_use.drift import Drift, Light
from engine.insight.in_use.look import Look
from engine.insight.in_use.shift import Size

_ICONS = {
    Light.GREEN: ":material/check_circle:",
    Light.AMBER: ":material/visibility:",
    Light.RED: ":material/error:",
}


def name_of(look: Look) -> str:
    """Return what a look is called in a list: its file, when it was, and how it stands."""
    parts = [look.file, moment(datetime.fromtimestamp(look.at, UTC))]
    if look.drift is not None:
        parts.append(say(look.drift.title))
    return " · ".join(parts)


def light(found: Drift) -> None:
    """Draw the light with its reasons, what changed in sentences, and all columns with their figures."""
    st.subheader(say(found.title), anchor=False)
    reasons = "\n".join(f"- {plain(say(reason))}" for reason in found.said)
    boxes = {Light.GREEN: st.success, Light.AMBER: st.warning, Light.RED: st.error}
    boxes[found.light](reasons, icon=_ICONS[found.light])
    for message in found.told:
        st.markdown(plain(say(message)))
    with st.expander(_("All columns beside the table of the training")):
        _table(found)


def _table(found: Drift) -> None:
    sizes = {Size.NONE: _("no"), Size.SOME: _("somewhat"), Size.MUCH: _("much")}
    others = [each for each in (found.predictions, found.outcome) if each is not None]
    rows = [
        {
            _("Column"): each.column,
            _("Matters"): None if each.share is None else each.share,
            _("Changed"): sizes[each.size],
            _("Distance"): round(each.apart, 3),
            _("Stability index (PSI)"): round(each.psi, 3),
            _("By chance"): written_chance(each.chance),
            _("Empty then"): percent(each.missing_before),
            _("Empty now"): percent(each.missing_now),
        }
        for each in (*found.columns, *others)
    ]
    config = {_("Matters"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)}
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=config, placeholder="–", alt=_("Columns then and now")
    )
    st.caption(
        _(
            "Distance: for numbers and dates that of Kolmogorov and Smirnov, for others the share of rows that would "
            "have to change their value. PSI: below 0.1 is calm, above 0.25 much. By chance: how likely such a "
            "difference is by accident, corrected for the number of columns (Holm); chi-squared for categories."
        )
    )
