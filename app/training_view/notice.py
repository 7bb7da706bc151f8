"""A notice of the computer itself when a training is done, for who looks at something else meanwhile.

The browser asks the person first. It works while the page is open, also behind other windows.
"""

import streamlit as st

from app.language import _
from engine.progress import ACTIVE, Progress, Status
from storage.runs import RunRecord

_HTML = '<button type="button" class="ask" hidden></button><span class="said" role="status"></span>'
_CSS = """
.ask{font:inherit;font-size:.9rem;color:var(--st-text-color);background:none;cursor:pointer;padding:.3rem .8rem;
  border:1px solid var(--st-border-color);border-radius:var(--st-button-radius)}
.ask:hover,.ask:focus-visible{border-color:var(--st-primary-color);outline:2px solid var(--st-primary-color);
  outline-offset:2px}
.said{font-size:.9rem;opacity:.8;color:var(--st-text-color)}
[hidden]{display:none}
"""
_JS = """
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector(".ask"), said = parentElement.querySelector(".said")
  const mark = `tablewright-notice-${data.run}`
  const remembered = () => { try { return sessionStorage.getItem(mark) } catch { return null } }
  const remember = (what) => { try { sessionStorage.setItem(mark, what) } catch { /* then only this page knows */ } }
  const wanted = remembered() === "wanted" && window.Notification?.permission === "granted"
  button.textContent = data.ask
  button.hidden = !data.active || wanted || !("Notification" in window)
  if (data.active && wanted) said.textContent = data.wanted
  else if (!data.active) said.textContent = ""
  button.onclick = async () => {
    const answer = await Notification.requestPermission()
    if (answer !== "granted") { said.textContent = data.refused; return }
    remember("wanted")
    button.hidden = true
    said.textContent = data.wanted
  }
  if (!data.active && wanted) {
    remember("given")
    const notice = new Notification(data.title, { body: data.body, tag: mark })
    notice.onclick = () => { window.focus(); notice.close() }
  }
}
"""
_NOTICE = st.components.v2.component("tablewright_notice", html=_HTML, css=_CSS, js=_JS)


def notice_when_done(record: RunRecord, progress: Progress) -> None:
    """Draw the button that asks for a notice, and give it once the model is ready or the training has ended."""
    active = progress.status in ACTIVE and progress.ready is None
    _NOTICE(
        key=f"notice_{record.id}",
        data={
            "run": record.id,
            "active": active,
            "ask": _("Tell me when it is done"),
            "wanted": _("You are told when it is done, as long as this page is open."),
            "refused": _("The browser does not allow notices from this page. Its settings for this site change that."),
            "title": record.name,
            "body": _outcome(progress),
        },
    )


def ready_text(progress: Progress) -> str:
    """Say that there is a model; one that has learnt nothing is not praised."""
    if progress.says_the_same:
        return _("The file is ready, but it gives the same answer for every row: nothing better was found.")
    return _("The model is ready: one file, checked and scored.")


def _outcome(progress: Progress) -> str:
    if progress.ready is not None:
        return ready_text(progress)
    if progress.status is Status.FAILED:
        return _("Training could not go on")
    return _("Training was interrupted")
