"use strict";
// What if: one field changed, the old and the new answer side by side, and a curve of that field.

const N_POINTS = 41;
const MOST_LEVELS = 24;

// The raw texts that the curve goes through; empty where there is nothing to go through.
function steps(column, ...included) {
  if (column.choices.length) return column.choices.slice(0, MOST_LEVELS);
  if (column.low === null || column.low >= column.high) return [];
  const ends = included.map((raw) => placeOf(column, raw)).filter(Number.isFinite);
  const span = column.high - column.low;
  const low = Math.max(Math.min(column.low, ...ends), column.low - span);
  const high = Math.min(Math.max(column.high, ...ends), column.high + span);
  const every = Array.from({ length: N_POINTS }, (_none, i) => rawOf(column, low + (high - low) * i / (N_POINTS - 1)));
  return every.filter((raw, place) => raw !== every[place - 1]);
}

// Where a raw text lies on the axis of its field.
function placeOf(column, raw) {
  const cell = canonical(raw, column);
  if (column.form !== "date") return cell === "" ? NaN : Number(cell);
  for (const form of column.date_formats) {
    const found = strptime(cell, form);
    if (found !== null) return found.millis / 1000;
  }
  return NaN;
}

function rawOf(column, place) {
  if (column.form === "date") return strftime({ millis: Math.round(place) * 1000, micro: 0 }, column.written);
  const rounded = column.whole ? Math.round(place) : Number(place.toPrecision(6));
  return String(rounded).replace(".", column.decimal);
}

// What the curve shows of an answer: the number, or the chance of the class that is looked at.
function heightOf(answer, place) {
  return answer.probabilities === null ? answer.prediction : answer.probabilities[place];
}

// How far the changed answer is from the one above, in words.
function difference([is, would], facts, looks) {
  const gap = would.height - is.height;
  const more = gap > 0 ? "more" : "less";
  if (!facts.classes.length) return gap === 0 ? "No difference." : `${shownNumber(Math.abs(gap), is.height)} ${more} than above.`;
  const points = Math.abs(gap * 100).toFixed(1);
  const chance = `chance of ${facts.classes[looks]}`;
  return points === "0.0" ? `No difference in the ${chance}.` : `The ${chance} is ${points} percentage points ${gap > 0 ? "higher" : "lower"}.`;
}

function drawCurve(node, column, raws, heights, marks, facts) {
  const shown = facts.classes.length ? shownShare : shownNumber;
  if (raws.length < 2) {
    node.replaceChildren(make("p", { class: "hint" }, "There is no curve for this field: its usual values are not known."));
    return;
  }
  if (column.choices.length) {
    node.replaceChildren(levelBars(column, raws, heights, shown, facts, marks.map((mark) => mark.raw)));
    return;
  }
  const places = raws.map((raw) => placeOf(column, raw));
  const [left, right] = [places[0], places[places.length - 1]];
  const all = [...heights, ...marks.map((mark) => mark.height)];
  const range = Math.max(...all) - Math.min(...all) || Math.abs(all[0]) || 1;
  const [bottom, top] = facts.classes.length ? [0, 1] : [Math.min(...all) - range / 10, Math.max(...all) + range / 10];
  const end = (height) => facts.classes.length ? `${height * 100} %` : height.toLocaleString("en", { maximumSignificantDigits: 3 });
  const x = (place) => (place - left) / (right - left) * 100;
  const y = (height) => (1 - (height - bottom) / (top - bottom)) * 100;
  const points = places.map((place, i) => `${x(place).toFixed(2)},${y(heights[i]).toFixed(2)}`).join(" ");
  const said = `From ${shown(heights[0])} at ${raws[0]} to ${shown(heights[heights.length - 1])} at ${raws[raws.length - 1]}`;
  const plot = make("div", { class: "plot", role: "img", "aria-label": said }, lineOf(points));
  for (const mark of marks) {
    const place = placeOf(column, mark.raw);
    if (Number.isFinite(place) && place >= left && place <= right) plot.append(dotOf(x(place), y(mark.height), mark.name));
  }
  node.replaceChildren(
    make("div", { class: "axis up", "aria-hidden": "true" }, make("span", {}, end(top)), make("span", {}, end(bottom))),
    plot,
    make("div", { class: "axis along", "aria-hidden": "true" }, make("span", {}, raws[0]), make("span", { dir: "auto" }, column.label), make("span", {}, raws[raws.length - 1])));
}

function lineOf(points) {
  const draw = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const picture = draw("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
  picture.append(draw("polyline", { points, "vector-effect": "non-scaling-stroke" }));
  return picture;
}

function dotOf(left, top, name) {
  const dot = make("span", { class: `dot ${name}` });
  dot.style.left = `${left}%`;
  dot.style.top = `${Math.max(0, Math.min(100, top))}%`;
  return dot;
}

function levelBars(column, raws, heights, shown, facts, marked) {
  const [low, high] = facts.classes.length ? [0, 1] : [Math.min(0, ...heights), Math.max(0, ...heights)];
  const rows = raws.map((raw, place) => {
    const fill = make("span", { class: "fill" });
    fill.style.width = `${high > low ? Math.abs(heights[place]) / (high - low) * 100 : 0}%`;
    return make("li", { class: marked.includes(raw) ? "chosen" : null },
      make("span", { class: "class", dir: "auto" }, raw),
      make("span", {}, shown(heights[place])),
      make("span", { class: "track", "aria-hidden": "true" }, fill));
  });
  const n_more = column.choices.length - raws.length;
  const rest = n_more > 0 ? make("li", { class: "hint" }, `and ${n_more} more`) : null;
  return make("ul", { class: "bars", "aria-label": `By ${column.label}` }, ...rows, ...(rest ? [rest] : []));
}
