"use strict";
// What the model says, drawn: a label or a number, bars of probability, how sure it is.

const MOST_BARS = 8;

// `like`: a number whose digits it is to be shown with.
function shownNumber(value, like = value) {
  const size = Math.abs(like);
  const digits = size >= 1000 ? { maximumFractionDigits: 0 }
    : size >= 1 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 3 };
  return size !== 0 && (size >= 1e12 || size < 1e-6) ? value.toExponential(3) : value.toLocaleString("en", digits);
}

function shownShare(share) {
  if (share > 0 && share < 0.001) return "under 0.1 %";
  if (share < 1 && share > 0.999) return "over 99.9 %";
  return `${(share * 100).toFixed(1)} %`;
}

function drawAnswer(node, answer, facts) {
  const told = facts.classes.length ? String(answer.prediction) : shownNumber(answer.prediction);
  const main = make("data", { class: "told", value: String(answer.prediction), dir: "auto" }, told);
  node.replaceChildren(make("p", { class: "what", dir: "auto" }, facts.target), main, ...doubt(answer, facts), ...bars(answer, facts));
}

function bars(answer, facts) {
  if (answer.probabilities === null) return [];
  const every = facts.classes.map((label, place) => ({ label: String(label), share: answer.probabilities[place] }));
  const many = every.length > MOST_BARS;
  const drawn = many ? [...every].sort((a, b) => b.share - a.share).slice(0, MOST_BARS) : every;
  const rows = drawn.map(({ label, share }) => {
    const fill = make("span", { class: "fill" });
    fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
    return make("li", { class: label === String(answer.prediction) ? "chosen" : null },
      make("span", { class: "class", dir: "auto" }, label),
      make("data", { value: String(share), "data-class": label }, shownShare(share)),
      make("span", { class: "track", "aria-hidden": "true" }, fill));
  });
  const rest = make("p", { class: "hint" }, `and ${every.length - MOST_BARS} less likely ones`);
  return [make("ul", { class: "bars", "aria-label": "Probabilities" }, ...rows), ...(many ? [rest] : [])];
}

function doubt(answer, facts) {
  const often = facts.coverage === null ? "" : ` This holds for about ${Math.round(facts.coverage * 100)} of 100 rows.`;
  if (answer.interval !== null) {
    const [low, high] = answer.interval.map((end) => make("data", { value: String(end) }, shownNumber(end)));
    return [make("p", { class: "doubt interval" }, "Likely between ", low, " and ", high, `.${often}`)];
  }
  if (answer.possible === null) return [];
  const names = facts.classes.filter((_label, place) => answer.possible[place]).map(String);
  if (names.length < 2) return [make("p", { class: "doubt possible" }, `The model is sure enough to name one class.${often}`)];
  const shown = names.length > 6 ? `${names.slice(0, 6).join(", ")} and ${names.length - 6} more` : names.join(", ");
  return [make("p", { class: "doubt possible", dir: "auto" }, `The model is unsure. Not ruled out: ${shown}.${often}`)];
}
