"""Hand over: the file for the engineer, with the proof that it predicts what was measured."""

from urllib.parse import quote

import streamlit as st

from app.again_view import ASKED, train_again, way_to_again
from app.current import chosen_run, no_run_yet, not_ready_yet
from app.downloads import address_of
from app.language import _, say
from app.opened import workspace
from app.pieces import facts, question, status_badge
from app.quality_view.head import verdict_in_short
from app.quality_view.reading import usual_prices
from app.screen import Screen
from app.smaller_view import show_smaller
from app.wording import brief, count, plain, size
from engine.events import ModelReady
from engine.insight.quality.quality import judgement_of
from engine.messages import phrase
from engine.outcomes import Certificate
from engine.progress import Progress
from engine.registry import parts
from exporters.exporter import Exporter
from storage.runs import RunRecord

BUNDLE = "bundle"
BESIDE = (BUNDLE, "onnx")  # they have buttons of their own
SNIPPET = """\
import numpy as np
import onnxruntime

model = onnxruntime.InferenceSession("model.onnx")
print([(column.name, column.type) for column in model.get_inputs()])

row = {column.name: np.array([[""]], dtype=object) if column.type == "tensor(string)"
       else np.array([[np.nan]]) for column in model.get_inputs()}  # "" and NaN mean: no value
print(model.run(["prediction"], row))
"""


def render() -> None:
    """Draw the page."""
    title = _("What does your engineer need?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, the model can be downloaded here as one file, with its certificate."))
        return
    progress = workspace().runs.progress(record.id)
    if progress.ready is None:
        not_ready_yet(record, title, _("The file is written, checked and scored at the end of the training."))
        return
    question(record.name)
    if st.query_params.get(ASKED):
        train_again(record)
        return
    _head(progress)
    verdict_in_short(judgement_of(progress, usual_prices(record, progress)))
    st.header(title, anchor=False)
    _downloads(record, progress.ready)
    _certificate(progress.ready.certificate)
    show_smaller(record.id, progress)
    _other_forms(record)
    _use()
    way_to_again(record.id)


def _head(progress: Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge(progress.status)
        st.caption(facts(progress))


def _downloads(record: RunRecord, ready: ModelReady) -> None:
    st.write(
        _(
            "One ONNX file holds everything, from plain numbers and texts to the prediction. It runs without Python "
            "machine-learning libraries. The bundle adds a script that also reads cells such as 12 kg, the contract "
            "and examples."
        )
    )
    with st.container(horizontal=True):
        bundle = address_of(record.id, BUNDLE)
        st.link_button(_("Download the bundle"), bundle, type="primary", icon=":material/folder_zip:")
        model = f"/api/download/{record.id}/{quote(ready.path)}"
        label = _("Download model.onnx ({size})").format(size=size(ready.certificate.bytes))
        st.link_button(label, model, icon=":material/download:")


def _other_forms(record: RunRecord) -> None:
    """Draw every other form in which the model leaves: a link, or what this computer lacks for it."""
    others = [each for each in parts("exporters", Exporter) if each.key not in BESIDE]
    if not others:
        return
    st.header(_("Other forms"), anchor=False)
    with st.grid(2):
        for exporter in others:
            _form(record, exporter)


def _form(record: RunRecord, exporter: Exporter) -> None:
    lack = exporter.lacks()
    with st.container(border=True, height="stretch"):
        st.subheader(_(exporter.title), anchor=False)
        st.write(_(exporter.summary))
        if lack is None:
            label = _("Download: {form}").format(form=_(exporter.title))
            st.link_button(label, address_of(record.id, exporter.key), icon=":material/download:")
        else:
            st.caption(plain(say(lack)))


def _certificate(proof: Certificate) -> None:
    st.header(_("Certificate"), anchor=False)
    said = _(
        "The file was compared with the libraries that trained it, on {n} rows. "
        "Of these, {made} were made up: missing, unseen, huge and empty values."
    )
    st.write(said.format(n=count(proof.rows_checked), made=count(proof.n_generated)))
    with st.grid(4):
        st.metric(
            _("Largest difference"), _scientific(proof.max_abs_diff), border=True, help=_("At most 1e-5 is allowed.")
        )
        st.metric(_("Rows checked"), count(proof.rows_checked), border=True)
        st.metric(_("Time for one row"), brief(proof.row_microseconds), border=True)
        st.metric(_("Size"), size(proof.bytes), border=True)
    st.caption(_("Checksum (SHA-256) of the file"))
    st.code(proof.sha256, language=None, wrap_lines=True)
    if proof.versions:
        st.caption(" · ".join(f"{name} {number}" for name, number in sorted(proof.versions.items())))


def _scientific(value: float) -> str:
    digits, _e, power = f"{value:.1e}".partition("e")
    return f"{digits}e{int(power)}" if value else "0"


def _use() -> None:
    st.header(_("How to use it"), anchor=False)
    st.caption(_("In the terminal, for a whole file:"))
    st.code("tablewright predict model.onnx new.csv --out predictions.csv", language="bash", wrap_lines=True)
    st.caption(_("In Python, with onnxruntime and numpy alone:"))
    st.code(SNIPPET, language="python", wrap_lines=True)


SCREEN = Screen(
    key="handover",
    title=phrase("screen_handover", "Hand over"),
    icon=":material/deployed_code:",
    order=70,
    render=render,
)
