"use strict";
// The form: one field for each column. What is typed stays text; the reading rules make it what the model takes.

const ANOTHER = "another";
const FEW_CHOICES = 24;

// Texts of the data become text, never markup.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// A field: its node, `raw()` for what is in it, `set(text)`, and `read()` for the canonical cell with a remark on it.
function fieldOf(column, id, changed) {
  const describedBy = `${id}-hint ${id}-note`;
  const hint = make("p", { id: `${id}-hint`, class: "hint", dir: "auto" }, column.hint);
  const note = make("p", { id: `${id}-note`, class: "note" });
  const control = controlOf(column, id, describedBy, show);
  const label = make("label", { for: id, dir: "auto" }, column.label);
  const node = make("div", { class: "field" }, label, control.node, hint, note);

  function show() {
    const { remark, wrong } = readField(column, control.raw());
    note.textContent = remark;
    note.classList.toggle("wrong", wrong);
    control.main.setAttribute("aria-invalid", String(wrong));
    changed();
  }
  return {
    column,
    node,
    raw: control.raw,
    set: (text) => { control.set(text); show(); },
    read: () => readField(column, control.raw()).cell,
  };
}

function controlOf(column, id, describedBy, changed) {
  const free = make(column.long ? "textarea" : "input", {
    id, type: column.long ? null : "text", rows: column.long ? 3 : null, autocomplete: "off", spellcheck: "false", dir: "auto", "aria-describedby": describedBy,
    inputmode: column.form === "number" ? "decimal" : null, list: column.choices.length ? `${id}-list` : null,
  });
  free.addEventListener("input", changed);
  if (column.choices.length === 0 || column.choices.length > FEW_CHOICES) {
    const list = make("datalist", { id: `${id}-list` }, ...column.choices.map((choice) => make("option", { value: choice })));
    const node = make("div", { class: "control" }, free, column.choices.length ? list : null);
    return { node, main: free, raw: () => free.value, set: (text) => { free.value = text; } };
  }
  return chosenOf(column, id, describedBy, free, changed);
}

function chosenOf(column, id, describedBy, free, changed) {
  const option = (value, text) => make("option", { value, dir: "auto" }, text);
  const levels = column.choices.map((choice, place) => option(String(place), choice));
  const none = option("", "No value");
  const select = make("select", { id, dir: "auto", "aria-describedby": describedBy }, none, ...levels, option(ANOTHER, "Another value…"));
  free.id = `${id}-other`;
  free.removeAttribute("list");
  free.setAttribute("aria-label", `${column.label}: another value`);
  free.hidden = true;
  select.addEventListener("change", () => {
    free.hidden = select.value !== ANOTHER;
    if (!free.hidden) free.focus();
    changed();
  });
  const raw = () => select.value === ANOTHER ? free.value : select.value === "" ? "" : column.choices[Number(select.value)];
  const set = (text) => {
    const place = column.choices.indexOf(text);
    select.value = place >= 0 ? String(place) : text === "" ? "" : ANOTHER;
    free.hidden = select.value !== ANOTHER;
    free.value = free.hidden ? "" : text;
  };
  return { node: make("div", { class: "control" }, select, free), main: select, raw, set };
}

function readField(column, raw) {
  const cell = canonical(raw, column);
  if (isLost(raw, cell, column)) return { cell, wrong: true, remark: lostRemark(column, strip(raw)) };
  const number = column.form === "number" ? Number(cell) : NaN;
  if (cell !== "" && column.low !== null && !Number.isNaN(number)) {
    const span = column.high - column.low;
    const far = number < column.low - span || number > column.high + span;
    if (far) return { cell, wrong: false, remark: "Far from what the model has seen: take the answer with care." };
  }
  const filled = cell !== "" && !Number.isNaN(cell);
  const known = column.known.length === 0 || column.known.some((level) => level === cell);
  if (filled && !known) return { cell, wrong: false, remark: "Not among the values that the model knows: it counts as new." };
  return { cell, wrong: false, remark: "" };
}

function lostRemark(column, raw) {
  const shown = raw.length > 30 ? `${raw.slice(0, 29)}…` : raw;
  const free = { ...column, rules: { ...column.rules, lowest: null, highest: null, missing_numbers: [] } };
  const again = canonical(raw, free);
  if (again !== "" && !Number.isNaN(again)) return `“${shown}” cannot be a value of this column. It counts as no value.`;
  const wanted = column.form === "date" ? "a date" : "a number";
  return `“${shown}” cannot be read as ${wanted} here. It counts as no value.${column.example ? ` Write it like ${column.example}.` : ""}`;
}
