"use strict";
// Puts the page together when it has been read.

const MOST_AT_ONCE = 12;

async function begin() {
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const spot = (id) => document.getElementById(id);
  document.title = facts.title;
  spot("title").textContent = facts.title;
  spot("about").textContent = facts.about;
  spot("facts-of-the-model").replaceChildren(...facts.footer.map((line) => make("p", { dir: "auto" }, line)));

  let ask = null;
  let drawing = false;
  let outdated = false;
  const fields = facts.columns.map((column, place) => fieldOf(column, `field-${place}`, () => refresh()));
  const ordered = facts.order.map((place) => fields[place]);
  spot("fields").replaceChildren(...ordered.slice(0, MOST_AT_ONCE).map((field) => field.node));
  const rest = ordered.slice(MOST_AT_ONCE);
  spot("more").hidden = rest.length === 0;
  spot("more-label").textContent = `${rest.length} more fields that matter less`;
  spot("more-fields").replaceChildren(...rest.map((field) => field.node));

  const choice = spot("what-if-field");
  choice.replaceChildren(...facts.order.map((place) => make("option", { value: String(place) }, facts.columns[place].label)));
  const looked = spot("what-if-class");
  looked.replaceChildren(...facts.classes.map((label, place) => make("option", { value: String(place) }, String(label))));
  spot("what-if-class-box").hidden = facts.classes.length < 2;
  let other = null;
  function changeField() {
    const column = facts.columns[Number(choice.value)];
    other = fieldOf(column, "what-if-value", () => refresh());
    spot("what-if-control").replaceChildren(other.node);
    const now = fields[Number(choice.value)].raw();
    const goes = steps(column);
    const [one, two] = [0.8, 0.2].map((share) => goes[Math.floor(goes.length * share)]);
    other.set((one === now ? two : one) ?? now);
  }

  // Draws what is in the fields now; what is typed meanwhile is drawn when that is done.
  async function refresh() {
    outdated = true;
    if (ask === null || other === null || drawing) return;
    drawing = true;
    spot("answer").setAttribute("aria-busy", "true");
    try {
      while (outdated) {
        outdated = false;
        await draw();
      }
    } catch (problem) {
      say(problem, "The model could not answer. Load the page again.");
    } finally {
      drawing = false;
      spot("answer").setAttribute("aria-busy", "false");
    }
  }

  async function draw() {
    const place = Number(choice.value);
    const row = fields.map((field) => field.read());
    const changed = row.with(place, other.read());
    const column = facts.columns[place];
    const raws = steps(column, fields[place].raw(), other.raw());
    const swept = raws.map((raw) => row.with(place, canonical(raw, column)));
    const [now, then, ...curve] = await ask([row, changed, ...swept]);
    drawAnswer(spot("answer"), now, facts);
    drawAnswer(spot("now"), now, facts);
    drawAnswer(spot("then"), then, facts);
    const looks = Number(looked.value);
    const marks = [
      { raw: fields[place].raw(), height: heightOf(now, looks), name: "is" },
      { raw: other.raw(), height: heightOf(then, looks), name: "would-be" }];
    spot("then-title").textContent = `With ${column.label} = ${other.raw() === "" ? "no value" : other.raw()}`;
    spot("then").append(make("p", { class: "doubt" }, difference(marks, facts, looks)));
    drawCurve(spot("curve"), column, raws, curve.map((answer) => heightOf(answer, looks)), marks, facts);
  }

  function say(problem, sentence) {
    console.error(problem);
    spot("answer").replaceChildren(make("p", { class: "note wrong" }, sentence));
    spot("answer").setAttribute("aria-busy", "false");
  }

  const fill = (start) => fields.forEach((field) => field.set(start ? field.column.start : ""));
  spot("typical").addEventListener("click", () => fill(true));
  spot("clear").addEventListener("click", () => fill(false));
  spot("form").addEventListener("submit", (event) => event.preventDefault());
  choice.addEventListener("change", changeField);
  looked.addEventListener("change", refresh);
  fill(true);
  try {
    ask = await openModel(facts);
    const [first] = await ask([fields.map((field) => field.read())]);
    const told = facts.classes.findIndex((label) => String(label) === String(first.prediction));
    looked.value = String(facts.classes.length === 2 ? 1 : Math.max(0, told));
  } catch (problem) {
    say(problem, "This browser cannot open the model. Use a newer one: Chrome, Edge, Firefox or Safari from 2024 on.");
    return;
  }
  changeField();
  spot("what-if").hidden = false;
  await refresh();
  document.body.dataset.state = "ready";
}

begin();
