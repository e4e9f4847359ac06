// What is typed into a line of the form, before it is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf } from "../../kpi_toolkit/live/form/fields.mjs";
import { FormView } from "../../kpi_toolkit/live/form/form.mjs";
import { pairsOf, roleView } from "../../kpi_toolkit/live/form/table.mjs";

test("pairs of a curve are read with the signs of either language, and nothing that was typed is dropped", () => {
  const meant = [["50", "0"], ["80", "60"], ["130", "120"]];
  const lines = ["50 → 0; 80 → 60; 130 → 120", "50，0；80，60；130，120", "50→0，80→60，130→120", "50：0、80：60、130：120", "50 0, 80 60, 130 120",
    "50,0;80,60;130,120;", "50->0\n80->60\n130->120"];
  for (const line of lines) assert.deepEqual(pairsOf(line, 2), meant, line);
  assert.deepEqual(pairsOf("80，60", 2), [["80", "60"]]);
  assert.deepEqual(pairsOf("50,5 → 60; 80 → 60 70", 2), [["50,5", "60"], ["80", "60 70"]]);
  assert.deepEqual(pairsOf("80; 100", 2), [["80"], ["100"]]);
  assert.deepEqual(pairsOf(" ", 2), []);
});

/** Everything drawn below an element, itself first. */
const within = (one) => (typeof one === "string" ? [] : [one, ...one.children.flatMap(within)]);

/** Two languages of texts, that of the form first. */
const spoken = (lang) => [lang, lang === "zh" ? "en" : "zh"].map((code) => ({ code, called: code, name: code, tag: code }));

function line(lang, name, problems = {}) {
  const nodes = ["name", "unit", "class", "weight", "target", "direction", "curve", "serves_goal", "source", "standard"]
    .map((key) => ({ key, label: key, kind: ["name", "unit", "source"].includes(key) ? "text" : "string" }));
  const app = {
    lang, spoken: spoken(lang), locked: new Set(), opened: new Set(), typed: new Set(), linked: false, t: (key) => key, send() {}, draw() {}, show() {},
    problem: (path) => problems[path.at(-1)] ?? "",
    state: { fields: [{ key: "indicators", label: "Indicators", item: { fields: nodes } }], values: { indicators: [{ id: "a", name }] },
      options: { blocks: [], classes: [], curves: [["ratio", "Ratio"]] }, kinds: [], sums: {}, pictures: {}, languages: [lang], roles: [] },
  };
  const all = roleView(app, "r").flatMap(within);
  return { all, box: (key) => all.find(({ tag, props }) => tag === "input" && props["data-at"] === `roles.r.indicators.a.${key}`).props };
}

test("a line is called by its name in the form's language, else in the other, else by its id; a plain name is itself", () => {
  const app = (lang) => ({ lang, spoken: spoken(lang) });
  for (const [value, en, zh] of [
    [{ name: { zh: "发帖", en: "Posts" } }, "Posts", "发帖"], [{ name: { zh: "发帖", en: "" } }, "发帖", "发帖"], [{ name: { zh: "", en: "Posts" } }, "Posts", "Posts"],
    [{ name: "Visits" }, "Visits", "Visits"], [{ title: { zh: "店长", en: "Head" } }, "Head", "店长"], [{ what: "meeting" }, "meeting", "meeting"],
    [{ name: { zh: "", en: "" } }, "a1", "a1"], [{}, "a1", "a1"], [null, "a1", "a1"],
  ]) {
    assert.deepEqual([nameOf(app("en"), value, "a1"), nameOf(app("zh"), value, "a1")], [en, zh], JSON.stringify(value));
  }
  assert.ok(line("en", { zh: "发帖", en: "Posts" }).all.some(({ props }) => props["aria-label"] === "name: Posts"));
});

test("what is wrong in a line stands at its own box, for eyes and ears, and at no other", () => {
  const name = { zh: "发帖", en: "Posts" };
  const calm = line("zh", name), wrong = line("zh", name, { name: "Named twice. Give one another name." });
  for (const key of ["name", "unit", "source", "weight"]) {
    assert.ok(!calm.box(key).title && !calm.box(key)["aria-invalid"], key);
    assert.equal(Boolean(wrong.box(key)["aria-invalid"]), key === "name", key);
  }
  assert.deepEqual([wrong.box("name").title, wrong.box("name")["aria-invalid"]], ["Named twice. Give one another name.", "true"]);
  assert.deepEqual([calm.box("name").value, line("en", name).box("name").value, line("en", { zh: "发帖", en: "" }).box("name").value], ["发帖", "Posts", "发帖"]);
});

test("only what changes something keeps the form busy; of a drag meanwhile the newest place is sent, once", () => {
  const told = [], form = Object.assign(Object.create(FormView.prototype), {
    sent: 0, dead: false, early: null, next: null, late() {}, waiting: new Map(), state: { file: "design.toml" },
    root: { dataset: {}, querySelectorAll: () => [] }, model: { send: (said) => told.push(said) },
  });
  for (const act of ["ping", "look"]) {
    form.send(act);
    assert.equal(form.root.dataset.busy, undefined, act);
  }
  form.send("set", { path: ["a"], said: "1" });
  assert.equal(form.root.dataset.busy, "yes");
  for (const said of ["10", "20", "30"]) form.soon("weigh", { said });
  assert.deepEqual(told.map(({ n, do: act, file }) => [n, act, file]), [[1, "ping", "design.toml"], [2, "look", "design.toml"], [3, "set", "design.toml"]]);
  form.answered(2);
  assert.equal(form.root.dataset.busy, "yes", "the change is not answered yet");
  form.answered(3);
  assert.deepEqual([told.length, told[3].do, told[3].said, form.root.dataset.busy], [4, "weigh", "30", "yes"]);
  form.answered(4);
  assert.deepEqual([form.root.dataset.busy, form.waiting.size, told.length], [undefined, 0, 4]);
  form.soon("weigh", { said: "40" });
  assert.equal(told[4].said, "40", "at once where nothing is waited for");
  form.answered(5);
});
