"""The place to drop a file: sends it to `/api/upload` piece by piece, so that size does not matter."""

from typing import Any

import streamlit as st

from app.language import _
from app.uploads import EXTENSIONS, PROBLEMS, Upload

_HTML = """
<label class="zone" for="file">
  <span class="title"></span>
  <span class="hint" id="hint"></span>
  <span class="row"><span class="button"></span><span class="drop"></span></span>
  <span class="state" role="status"></span>
  <input id="file" type="file" aria-describedby="hint"/>
</label>
<div class="sending" hidden><progress max="100" value="0"></progress><button type="button"></button></div>
"""
_CSS = """
.zone{display:flex;flex-direction:column;gap:.45rem;border:1.5px dashed var(--st-border-color);cursor:pointer;
  border-radius:var(--st-base-radius);padding:1.4rem 1.5rem;font-family:var(--st-font);color:var(--st-text-color);
  background:var(--st-secondary-background-color)}
.zone.over,.zone:hover{border-color:var(--st-primary-color)}
.zone:focus-within{outline:2px solid var(--st-primary-color);outline-offset:2px}
.title{font-weight:600;font-size:1.05rem}
.hint{opacity:.75;font-size:.92rem}
.row{display:flex;align-items:center;gap:1rem;margin-top:.4rem;flex-wrap:wrap}
.button{border:1px solid var(--st-border-color);border-radius:var(--st-button-radius);padding:.42rem .9rem;
  background:var(--st-background-color)}
.button.first{border-color:var(--st-primary-color);background:var(--st-primary-color);color:#fff}
.drop{opacity:.75;font-size:.92rem}
.state:empty{display:none}
.sending{display:flex;align-items:center;gap:1rem;margin-top:.8rem}
.sending[hidden]{display:none}
.sending button{border:1px solid var(--st-border-color);border-radius:var(--st-button-radius);padding:.3rem .8rem;
  background:var(--st-background-color);color:var(--st-text-color);font:inherit;cursor:pointer}
.sending button:hover,.sending button:focus-visible{border-color:var(--st-primary-color)}
input{position:absolute;width:1px;height:1px;opacity:0}
progress{flex:1;accent-color:var(--st-primary-color)}
"""
_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector)
  const zone = find(".zone"), input = find("#file"), state = find(".state")
  const sending = find(".sending"), bar = find("progress"), cancel = find(".sending button")
  find(".title").textContent = data.title
  find(".hint").textContent = data.hint
  find(".button").textContent = data.button
  find(".button").classList.toggle("first", data.first)
  find(".drop").textContent = data.drop
  cancel.textContent = data.cancel
  input.accept = data.accept
  const understood = (text) => {
    try { return JSON.parse(text) || {} } catch { return {} }  // what stands in between may answer in words of its own
  }
  const send = (file) => {
    if (!file) return
    const request = new XMLHttpRequest()
    request.open("POST", "/api/upload")
    request.setRequestHeader("x-tablewright", "1")
    request.setRequestHeader("x-filename", encodeURIComponent(file.name))
    const over = (words) => { sending.hidden = true; input.value = ""; state.textContent = words }
    bar.value = 0
    sending.hidden = false
    cancel.onclick = () => request.abort()
    request.upload.onprogress = (event) => {
      bar.value = (100 * event.loaded) / event.total
      state.textContent = data.sending.replace("{percent}", Math.round(bar.value))
    }
    request.onload = () => {
      const answer = understood(request.responseText)
      const arrived = request.status === 200 && answer.id
      over(arrived ? answer.name : data.problems[answer.code] || data.broken)
      if (arrived) setTriggerValue("arrived", answer)
    }
    request.onerror = () => over(data.broken)
    request.onabort = () => over(data.cancelled)
    request.send(file)
  }
  input.onchange = () => send(input.files[0])
  zone.ondragover = (event) => { event.preventDefault(); zone.classList.add("over") }
  zone.ondragleave = () => zone.classList.remove("over")
  zone.ondrop = (event) => {
    event.preventDefault()
    zone.classList.remove("over")
    send(event.dataTransfer.files[0])
  }
}
"""
_BOX = st.components.v2.component("tablewright_upload", html=_HTML, css=_CSS, js=_JS)


def upload_box(key: str, title: str, *, stands_out: bool = True) -> Upload | None:
    """Draw the box; returns a file once, in the run of the page in which it arrived.

    `stands_out`: whether to add a file is what the page is for, and nothing else comes before it.
    """
    answer = _BOX(key=key, data={"title": title, "first": stands_out, **_texts()}, on_arrived_change=lambda: None)
    arrived = answer.get("arrived")
    return Upload(id=arrived["id"], name=arrived["name"], n_bytes=arrived["bytes"]) if arrived else None


def _texts() -> dict[str, Any]:
    return {
        "hint": _("CSV, Excel, Parquet, Feather, JSON or SQLite, up to 2 GB. Nothing leaves this computer."),
        "button": _("Choose a file"),
        "sending": _("{percent} % sent"),
        "drop": _("or drop it here"),
        "cancel": _("Cancel"),
        "cancelled": _("Cancelled. Nothing was kept."),
        "broken": _("The connection was lost. Choose the file again."),
        "accept": ",".join(sorted(EXTENSIONS)),
        "problems": {why.code: f"{_(why.text)} {_(why.suggestion)}" for why in PROBLEMS},
    }
