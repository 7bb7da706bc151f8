"""Which choices of the search made the difference, on the page of a training."""

import pandas as pd
import streamlit as st

from app.language import _
from app.pieces import family_title
from engine.outcomes import Influence
from engine.progress import Progress

MOST_PARAMETERS = 5
LEAST_SHARE = 0.05


def influences(progress: Progress) -> None:
    """Draw the parameters that moved the score most, family by family; nothing where too few were tried."""
    if progress.summarised is None:
        return
    with st.expander(_("Which choices of the search made the difference")):
        st.caption(
            _(
                "How much of the difference between the candidates of a family comes from each of its settings. "
                "Large shares are worth a closer look; the others hardly mattered on this table."
            )
        )
        rows = pd.DataFrame(
            [
                {
                    _("Model family"): family_title(each.family),
                    _("Setting"): in_words(each.parameter),
                    _("Share of the difference"): each.share,
                    _("Candidates"): each.n,
                }
                for each in _largest(progress)
            ]
        )
        st.dataframe(
            rows,
            hide_index=True,
            alt=_("Share of each setting in the difference between candidates"),
            column_config={_("Share of the difference"): st.column_config.ProgressColumn(format="percent")},
        )


def in_words(parameter: str) -> str:
    """Return the name of a setting as a person would write it.

    >>> in_words("num_leaves"), in_words("features.number_pairs")
    ('num leaves', 'features: number pairs')
    """
    return parameter.replace(".", ": ").replace("_", " ")


def _largest(progress: Progress) -> list[Influence]:
    assert progress.summarised is not None
    found = progress.summarised.influences
    kept = []
    for family in dict.fromkeys(each.family for each in found):
        own = [each for each in found if each.family == family and each.share >= LEAST_SHARE]
        kept.extend(own[:MOST_PARAMETERS])
    return kept
