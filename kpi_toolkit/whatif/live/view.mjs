/** One live session in an element: what is shown and what each control does. */

import { SVG, h, say } from "./dom.mjs";
import { Doubt } from "./doubt.mjs";
import { drawingOf } from "./drawing.mjs";
import { countedWeights, effects } from "./effects.mjs";
import { History, alike } from "./history.mjs";
import { sharesWith } from "./linking.mjs";
import { groupOf, inHundredths, keyOf, movable, moved, valueOf, weightless } from "./moves.mjs";
import { CENTI, FULL, MICRO, fraction, plain, toNumber } from "./numbers.mjs";
import { keptOf, scenarioOf, scenarioText, stateOf, stillElicited } from "./scenarios.mjs";
import { Session } from "./session.mjs";
import { sparkSteps } from "./sparks.mjs";
import { TIERS } from "./tiers.mjs";

const ROW = 30;
const GAP = 20;
const HEAD = 34;
const ALL_DRAWN = 30;

const points = (centi) => (centi / CENTI).toFixed(2);

const FORM = ["name", "asked_by", "why"];

let mounted = 0;

/** One live session in an element. */
export class View {
  /**
   * @param {HTMLElement} root @param {any} data what `reports/whatif_page.py` makes
   * @param {{language?: string, embedded?: boolean, driven?: boolean, onchange?: (told: any) => void}} [options]
   *   embedded in another page; driven by forms around it, which choose the role and keep scenarios
   */
  constructor(root, data, options = {}) {
    this.root = root;
    this.data = data;
    this.options = options;
    this.session = new Session(data.session);
    this.people = data.session.people;
    this.history = new History(this.session.agreed);
    this.locked = data.session.roles.map(() => new Set());
    this.role = this.session.members.reduce((most, own, r, all) => (own.length > all[most].length ? r : most), 0);
    this.language = options.language ?? data.languages[0];
    this.kept = data.scenarios.map((one) => keptOf(this.session, one));
    this.compared = ""; // the key of the scenario that is the base; places in a list change, keys do not
    this.opened = null;
    this.asking = "";
    this.chosen = -1;
    this.gesture = "";
    this.from = null;
    this.typedShares = [];
    this.refused = null;
    this.shares = null;
    this.id = `kwi${(mounted += 1)}`;
    this.doubt = new Doubt((counts, draws) => { this.shares = { counts, draws }; this.paintShares(); });
    this.agreed = this.session.evaluate(this.session.agreed);
    this.trusted = this.people.every((person, at) => this._isAgreed(person.agreed, at));
    this.keys = (event) => this.onkey(event);
    root.addEventListener("keydown", this.keys);
    this.leaving = (event) => { if (this.unsaved) event.preventDefault(); };
    window.addEventListener("beforeunload", this.leaving);
    this.build();
  }

  /** Whether an official result is what Python has. */
  _isAgreed([centi, rank, tier, reason], at) {
    const found = this.agreed;
    return found.centi[at] === (centi ?? -1) && found.rank[at] === (rank ?? 0) && found.reason[at] === reason
      && (TIERS[found.tier[at]] ?? null) === tier;
  }

  /** Words of the language shown, with values filled in; `n` chooses between one and many. */
  t(key, values = {}) {
    let text = this.data.words[this.language][key];
    if (text === undefined) throw new Error(`no words for ${key}`);
    if (typeof text === "object") text = values.n === 1 && text.one ? text.one : text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  /** A text in two languages. */
  show(text) {
    return this.language === "zh" ? text.zh || text.en : text.en || text.zh;
  }

  /** Names in words: `a, b and c`, or the first so many `and 5 more`. @param {string[]} names @param {number} most */
  listed(names, most) {
    const shown = names.slice(0, most), rest = names.length - shown.length, last = rest || shown.length < 2 ? "" : this.t("and", { last: shown.pop() });
    return shown.join(this.t("comma")) + (rest ? this.t("and_more", { n: rest }) : last);
  }

  get state() { return this.history.now; }
  get against() { return this.kept.find((one) => one.key === this.compared) ?? null; }
  /** The state that everything is compared with. */
  get ground() { return this.against?.state ?? this.session.agreed; }
  /** Whether leaving would lose something: a scenario that nobody copied, or moves that nobody kept. */
  get unsaved() {
    return this.trusted && (this.kept.some((one) => !one.safe)
      || !(alike(this.state, this.session.agreed) || this.kept.some((one) => alike(one.state, this.state))));
  }
  get roleData() { return this.data.session.roles[this.role]; }
  letter(tier) { return tier < 0 ? "–" : this.t(`letter_${TIERS[tier]}`); }
  person(at) { const { name } = this.people[at]; return typeof name === "string" ? name : this.show(name); }

  // -- building: once for each language ------------------------------------------------------------------------------

  build() {
    const { data } = this;
    this.root.classList.add("kwi");
    for (const [name, colour] of Object.entries(data.brand)) this.root.style.setProperty(`--${name}`, colour);
    this.root.lang = this.language === "zh" ? "zh-CN" : this.language;
    if (!this.options.embedded) {
      document.documentElement.lang = this.root.lang;
      document.title = `${this.t("title")} · ${this.show(data.name)} · ${this.show(data.cycle)}`;
    }
    this.rows = new Map();
    this.notes = new Map();
    this.nodes = {};
    this.root.replaceChildren(this.head(), this.trusted ? this.body() : h("p", { class: "kwi-alarm", role: "alert" }, this.t("differs")));
    if (!this.trusted) return;
    this.observer?.disconnect();
    this.ordered = "";
    this.observer = new ResizeObserver(() => this.look());
    this.observer.observe(this.nodes.scroll);
    this.seen = { top: 0, tall: this.nodes.scroll.clientHeight || 720 };
    this.paint();
  }

  head() {
    const heading = this.options.embedded ? "h3" : "h1";
    const told = this.options.embedded && !this.options.driven;  // the report around it has said what this is, and of whom
    const names = told ? [] : [
      h("p", { class: "kwi-kind" }, this.t("title")), h(heading, {}, `${this.show(this.data.name)} · ${this.show(this.data.cycle)}`),
    ];
    const speak = this.data.languages.length > 1 ? this.data.languages.map((language) => h("button", {
      type: "button", lang: language, "aria-pressed": String(language === this.language), onclick: () => this.speak(language),
    }, language === "zh" ? "中文" : "English")) : [];
    return h("header", { class: "kwi-head" },
      h("div", {}, ...names),
      h("div", { class: "kwi-tools" }, ...speak,
        this.options.embedded ? null : h("button", { type: "button", onclick: () => window.print() }, this.t("print"))));
  }

  body() {
    const make = this.options.embedded ? "div" : "main";
    return h(make, { class: "kwi-body" }, this.controls(), this.result());
  }

  controls() {
    const { nodes } = this, roles = this.data.session.roles;
    const pick = nodes.pick = h("select", { id: `${this.id}-role`, onchange: (event) => this.turnTo(roles[event.target.value].id) },
      roles.flatMap((role, r) => (this.session.members[r].length ? [h("option", { value: r, selected: r === this.role }, `${this.show(role.name)} (${this.session.members[r].length})`)] : [])));
    const button = (name) => (nodes[name] = h("button", { type: "button", onclick: () => this[name]() }, this.t(name)));
    nodes.items = h("div", { class: "kwi-items" });
    const made = h("section", { class: "kwi-controls", "aria-labelledby": `${this.id}-weights` },
      h("h2", { id: `${this.id}-weights` }, this.t("weights")),
      pick.length > 1 && !this.options.driven ? h("p", { class: "kwi-pick" }, h("label", { for: `${this.id}-role` }, this.t("role")), pick) : null,
      nodes.items, h("p", { class: "kwi-steps" }, button("undo"), button("redo"), button("reset")),
      this.rules(), this.options.driven ? null : this.scenarios());
    this.fillItems();
    return made;
  }

  /** The controls of the role shown: a row for each indicator that weighs, and the share of work done. */
  fillItems() {
    const { nodes } = this, role = this.roleData;
    nodes.each = new Map();
    const rows = role.items.flatMap((item, i) => (movable(item) ? [this.itemRow(item, i)] : []));
    nodes.share = role.combined ? this.shareRow(role) : null;
    nodes.items.replaceChildren(...rows, ...(nodes.share ? [nodes.share.row] : []));
    this.sparkFor = null;
  }

  itemRow(item, i) {
    const name = this.show(item.name), id = `${this.id}-w${i}`;
    const move = { role: this.role, item: i, part: "weight" }, set = (event) => this.set(move, event.target);
    const most = groupOf(this.roleData, i).reduce((sum, at) => sum + this.session.agreed.weights[this.role][at], 0) / CENTI;
    const slider = h("input", { type: "range", id, min: 0, max: most, step: 1, oninput: set, onpointerdown: () => this.endGesture(), onblur: () => this.endGesture() });
    const box = h("input", { type: "number", min: 0, max: most, step: "any", "aria-label": this.t("weight_of", { indicator: name }), oninput: set, onblur: () => this.leave() });
    const lock = h("button", { type: "button", class: "kwi-lock", "aria-pressed": "false", onclick: () => this.lock(i) }, h("i"));
    const wave = h("span", { class: "kwi-spark", role: "img" }), hold = h("span", { class: "kwi-hold" }), was = h("span", { class: "kwi-was" });
    const more = h("details", { class: "kwi-more" }, h("summary", {}, this.t("more_of")),
      item.scaled ? this.numberRow(this.t("target"), { role: this.role, item: i, part: "target" }, 1, 1000, "%", name) : null,
      this.numberRow(this.t("cap"), { role: this.role, item: i, part: "cap" }, 1, 1000, "", name));
    const row = h("div", { class: "kwi-item" },
      h("div", { class: "kwi-line" }, lock, h("label", { for: id }, h("i", { style: `background:${this.data.colours[item.kind]}` }), name), was, box),
      h("div", { class: "kwi-line" }, slider), this.note(keyOf(move)), h("div", { class: "kwi-line kwi-small" }, wave, hold, more));
    this.nodes.each.set(i, { row, slider, box, lock, wave, hold, was, name });
    return row;
  }

  /** A labelled number box that moves something else than a weight. */
  numberRow(label, move, least, most, unit, of = "") {
    const box = h("input", { type: "number", min: least, max: most, step: "any", "aria-label": of ? `${label} · ${of}` : null, oninput: () => this.set(move, box, least * CENTI, most * CENTI), onblur: () => this.leave() });
    (this.nodes.numbers ??= []).push({ box, move });
    return h("label", { class: "kwi-number" }, h("span", {}, label), box, unit, this.note(keyOf(move)));
  }

  /** Where a control says why it is not where it was asked to go. */
  note(key) {
    const node = h("span", { class: "kwi-note", role: "status" });
    this.notes.set(key, node);
    return node;
  }

  shareRow(role) {
    const whole = role.items.reduce((all, item) => all + (movable(item) ? item.weight : 0), 0) / CENTI;
    const move = { role: this.role, part: "share" }, set = (event) => this.set(move, event.target, 0, whole * CENTI);
    const id = `${this.id}-share`, common = { min: 0, max: whole, oninput: set };
    const slider = h("input", { type: "range", id, step: 1, onpointerdown: () => this.endGesture(), onblur: () => this.endGesture(), ...common });
    const box = h("input", { type: "number", step: "any", "aria-label": this.t("share"), onblur: () => this.leave(), ...common });
    return { move, slider, box, row: h("div", { class: "kwi-item kwi-share" }, h("div", { class: "kwi-line" }, h("label", { for: id }, this.t("share")), box), h("div", { class: "kwi-line" }, slider), this.note(keyOf(move))) };
  }

  rules() {
    this.nodes.numbers = this.nodes.numbers ?? [];
    this.nodes.tiers = TIERS.map((tier, at) => h("input", { type: "number", min: 0, max: 100, step: "any", "aria-label": this.t("share_of", { tier: this.t(`tier_${tier}`) }), oninput: () => this.setShares(at), onblur: () => this.leave() }));
    return h("details", { class: "kwi-rules" }, h("summary", {}, this.t("rules")),
      h("p", { class: "kwi-tiers" }, TIERS.map((tier, at) => h("label", {}, `${this.t(`letter_${tier}`)} `, this.nodes.tiers[at], "%")), this.note("tiers")),
      this.numberRow(this.t("item_cap"), { role: -1, part: "itemCap" }, 1, 1000, ""));
  }

  scenarios() {
    const { nodes } = this, field = (name) => (nodes[name] = h("input", { type: "text", maxlength: 200, autocomplete: "off" }));
    const label = (name) => h("label", { class: "kwi-field" }, h("span", {}, this.t(name)), field(name));
    nodes.chips = h("ul", { class: "kwi-chips", "aria-label": this.t("kept") });
    nodes.text = h("textarea", { readonly: true, rows: 6, hidden: true, "aria-label": this.t("text") });
    nodes.told = h("span", { class: "kwi-hint", role: "status" });
    return h("details", { class: "kwi-scenarios", open: true }, h("summary", {}, this.t("scenarios")), nodes.chips,
      label("name"), label("asked_by"), label("why"),
      h("p", {}, h("button", { type: "button", class: "kwi-main", onclick: () => this.keep() }, this.t("keep")),
        h("button", { type: "button", onclick: () => this.copy() }, this.t("copy"))), nodes.told, nodes.text);
  }

  result() {
    const { nodes } = this;
    nodes.said = h("p", { class: "kwi-said" });
    nodes.first = h("p", { class: "kwi-first" });
    nodes.decided = h("p", { class: "kwi-decided" });
    nodes.live = h("p", { class: "kwi-hidden", "aria-live": "polite", role: "status" });
    nodes.compare = h("select", { id: `${this.id}-compare`, onchange: (event) => { this.compared = event.target.value; this.paint(); } });
    nodes.moves = h("div", { class: "kwi-scroll" });
    nodes.movesBox = h("details", { class: "kwi-moves" }, h("summary", {}, this.t("moves")), nodes.moves);
    nodes.list = h("ol", { class: "kwi-list", "aria-label": this.t("ranking") });
    nodes.scroll = h("div", { class: "kwi-ranking", tabindex: this.people.length > ALL_DRAWN ? 0 : null, role: this.people.length > ALL_DRAWN ? "region" : null, "aria-label": this.people.length > ALL_DRAWN ? this.t("ranking") : null, onscroll: () => this.look() }, nodes.list);
    if (this.people.length > ALL_DRAWN) nodes.scroll.classList.add("kwi-long");
    nodes.detail = h("section", { class: "kwi-detail", hidden: true, "aria-label": this.t("detail") });
    const kinds = [...new Set(this.data.session.roles.flatMap((role) => role.items.map((item) => item.kind)))];
    const legend = h("p", { class: "kwi-legend" }, Object.keys(this.data.colours).filter((kind) => kinds.includes(kind))
      .map((kind) => h("span", {}, h("i", { style: `background:${this.data.colours[kind]}` }), this.t(`class_${kind}`))), h("span", {}, h("b", { class: "kwi-near" }, this.t("letter_middle")), this.t("near", { points: plain(this.data.near), n: this.data.near / CENTI })));
    return h("section", { class: "kwi-result", "aria-labelledby": `${this.id}-ranking` },
      h("div", { class: "kwi-over" }, h("h2", { id: `${this.id}-ranking` }, this.t("ranking")),
        h("p", { class: "kwi-pick" }, h("label", { for: `${this.id}-compare` }, this.t("compare")), nodes.compare)),
      nodes.said, nodes.decided, nodes.first, nodes.live, nodes.movesBox, legend, this.columns(), nodes.scroll, nodes.detail);
  }

  columns() {
    const names = ["rank", "change", "person", "made_of", "score", "tier", "held"];
    return h("div", { class: "kwi-row kwi-columns", "aria-hidden": "true" }, names.map((name) => h("span", {}, this.t(name))));
  }

  // -- what the user does --------------------------------------------------------------------------------------------

  /** Take what a control asks for, as far as there is room; what is not taken is said beside it. */
  set(move, control, least = -Infinity, most = Infinity) {
    if (control.value === "") return;
    const asked = Math.round(Number(control.value) * CENTI), key = keyOf(move);
    if (key !== this.gesture) {
      this.endGesture();
      this.gesture = key;
      this.from = move.role >= 0 ? this.state.weights[move.role] : null;
    }
    const locked = move.role >= 0 ? this.locked[move.role] : new Set(), before = valueOf(this.session, this.state, move);
    const state = moved(this.session, this.state, { ...move, to: Math.min(Math.max(asked, least), most) }, locked, this.from ?? undefined);
    this.take(state, key, asked, valueOf(this.session, state, move), control, locked.size > 0 && alike(state, this.state) && asked !== before);
  }

  /** One share moves and the others give way; of two that were typed, both stay. */
  setShares(at) {
    const box = this.nodes.tiers[at], key = `tiers|${at}`, asked = Math.round(Number(box.value) * CENTI);
    if (box.value === "") return;
    if (key !== this.gesture) {
      this.endGesture();
      this.gesture = key;
      this.from = inHundredths(this.state.shares);
      this.typedShares = [at, ...this.typedShares.filter((other) => other !== at)];
    }
    const to = sharesWith(this.from, at, asked, this.typedShares[1] ?? null);
    this.take(moved(this.session, this.state, { role: -1, part: "tiers", to }), "tiers", asked, to[at], box);
  }

  /** Go to a state, in the step that is going on, and say where it is not what was asked. */
  take(state, note, asked, got, control, shut = false) {
    const why = shut ? "stays" : asked > got ? "at_most" : "at_least";
    this.refused = asked === got ? null : { note, text: this.t(why, { asked: plain(asked), now: plain(got) }) };
    if (!alike(state, this.state)) {
      if (this.amending) this.history.amend(state);
      else this.history.push(state);
      this.amending = true;
    }
    this.typing = control.type === "number" ? control : null;
    this.soon(); // also where nothing moved: a slider that was pulled too far comes back
  }

  endGesture() { this.gesture = ""; this.amending = false; this.typing = null; }

  /** A box shows again what holds. */
  leave() { this.endGesture(); this.paintControls(); }

  /** Go to another state at once. @param {() => void} how */
  leap(how) { this.endGesture(); this.refused = null; this.typedShares = []; how(); this.paint(); }

  lock(i) {
    const own = this.locked[this.role];
    if (!own.delete(i)) own.add(i);
    this.endGesture();
    this.sparkFor = null;
    this.paint();
  }

  undo() { this.leap(() => this.history.undo()); }
  redo() { this.leap(() => this.history.redo()); }

  /** Back to what was agreed: who asked for the scenario opened last, and why, goes with it. */
  reset() {
    if (this.opened && FORM.every((name) => this.nodes[name]?.value.trim() === this.told(this.opened)[name])) this.fill(null);
    this.leap(() => this.history.push(this.session.agreed));
  }

  /** @param {any} changes a scenario's changes, as Python writes them */
  open(changes) { this.leap(() => this.history.push(stateOf(this.session, changes))); }

  /** Take over the scenarios that there are now. */
  keepAll(scenarios) {
    this.kept = scenarios.map((one) => keptOf(this.session, one));
    if (!this.against) this.compared = "";
    this.paint();
  }

  /** Show the weights of another role. @param {string} id */
  turnTo(id) {
    const r = this.data.session.roles.findIndex((role) => role.id === id);
    if (r < 0 || r === this.role) return;
    this.role = r;
    if (this.nodes.pick) this.nodes.pick.value = String(r);
    this.fillItems();
    this.paint();
  }

  label(one) { return this.show(one.name); }

  /** What a scenario says about itself, as it stands in the form. */
  told(one) { return { name: this.label(one), asked_by: one.asked_by, why: one.why }; }

  /** Fill the form with what a scenario says about itself. */
  fill(one) {
    this.opened = one;
    this.asking = "";
    for (const name of FORM) if (this.nodes[name]) this.nodes[name].value = one ? this.told(one)[name] : "";
  }

  /** Show a kept scenario: its weights, its name, who asked and why are one thing. */
  recall(one) {
    this.fill(one);
    this.leap(() => this.history.push(one.state));
  }

  /** What is shown and said now, as one scenario. */
  asScenario() {
    const { opened, state, nodes } = this, [typed, asked_by, why] = FORM.map((name) => nodes[name].value.trim());
    const taken = new Set(this.kept.map((one) => this.label(one)));
    const free = Array.from({ length: taken.size + 1 }, (_, n) => this.t("scenario_n", { n: n + 1 })).find((name) => !taken.has(name));
    const text = typed || free, name = opened && this.label(opened) === text ? opened.name : { zh: text, en: text };
    return { name, asked_by, why, state, elicited: opened ? stillElicited(this.session, opened, state) : [], safe: false };
  }

  /** Keep what is shown and return it; null where something must be settled first, which is said. */
  keep() {
    const { nodes, data } = this, found = this.asScenario(), name = this.label(found), none = weightless(this.session, this.state);
    if (none.length) {
      const names = none.map(({ role, item }) => this.show(data.session.roles[role].items[item].name));
      say(nodes.told, this.t("not_kept", { indicators: this.listed(names, 12) }));
      return null;
    }
    const at = this.kept.findIndex((one) => this.label(one) === name), old = this.kept[at];
    const same = old && ["state", "asked_by", "why"].every((part) => alike(old[part], found[part]));
    const asking = JSON.stringify(found);
    if (old && !same && this.asking !== asking) {
      this.asking = asking;
      say(nodes.told, this.t("replaces", { name }));
      return null;
    }
    const made = same ? old : { ...found, key: old?.key ?? `kept${(mounted += 1)}` };
    if (old) this.kept[at] = made;
    else this.kept.push(made);
    this.fill(made);
    say(nodes.told, this.t("is_kept", { name }));
    this.paint();
    this.paintKept();
    return made;
  }

  async copy() {
    const { nodes } = this, made = this.keep();
    if (!made) return;
    nodes.text.hidden = false;
    nodes.text.value = scenarioText(this.session, made);
    nodes.text.focus();
    nodes.text.select();
    made.safe = true;
    let done = false;
    try { await navigator.clipboard.writeText(nodes.text.value); done = true; } catch { /* a page from a file may not: the text stands there, marked */ }
    say(nodes.told, this.t(done ? "is_copied" : "to_copy", { client: this.data.session.client, cycle: this.data.session.cycle }));
  }

  speak(language) {
    const typed = FORM.map((name) => this.nodes[name]?.value ?? "");
    this.language = language;
    this.build();
    FORM.forEach((name, at) => { if (this.nodes[name]) this.nodes[name].value = typed[at]; });
    this.root.querySelector(`.kwi-tools [lang="${language}"]`)?.focus();
  }

  /** Keys that notebooks would take for themselves stay here: arrows belong to sliders. */
  onkey(event) {
    const undoing = (event.ctrlKey || event.metaKey) && !event.altKey ? { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()] : null;
    if (undoing && event.target.type !== "text") {
      event.preventDefault();
      event.stopPropagation();
      this[undoing]();
    } else if (!event.ctrlKey && !event.metaKey) {
      if (event.key === "Escape" && this.chosen >= 0) this.choose(-1);
      event.stopPropagation();
    }
  }

  choose(at) {
    const before = this.chosen;
    this.chosen = at === this.chosen ? -1 : at;
    this.paintDetail();
    this.paintRows();
    if (this.chosen < 0) this.rows.get(before)?.open.focus();
  }

  // -- painting ------------------------------------------------------------------------------------------------------

  /** Paint with the next frame, however many events came before it. */
  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.paint(); });
  }

  paint() {
    const { session, state } = this;
    const base = this.ground;
    if (this.base !== base) [this.base, this.then] = [base, session.evaluate(base)];
    this.now = session.evaluate(state);
    this.nodes.list.classList.toggle("kwi-glide", !this.amending); // while a slider is dragged, rows jump: gliding costs frames
    this.crossed = this.people.flatMap((_, at) => (this.now.tier[at] !== this.then.tier[at] ? [at] : []));
    this.near = this.nearCuts();
    this.paintControls();
    this.paintSaid();
    this.layOut();
    this.paintRows();
    this.paintDetail();
    this.later();
    this.options.onchange?.({ changes: scenarioOf(session, state), official: [...this.now.centi], tiers: [...this.now.tier] });
  }

  /** What may come a moment after the picture: doubt, sparks, the moves' table, the live region. */
  later() {
    clearTimeout(this.pause);
    this.sparking = null;
    this.pause = setTimeout(() => {
      this.doubt.ask(drawingOf(this.session, this.state, this.now));
      say(this.nodes.live, [this.nodes.said, ...(this.now.overturned.length ? [this.nodes.decided] : [])].map((node) => node.textContent).join(" "));
      this.inOrder();
      this.paintMoves();
      this.paintKept();
      this.sparks();
    }, 90);
  }

  paintControls() {
    const { nodes, state } = this, own = state.weights[this.role];
    for (const [i, each] of nodes.each) {
      const value = plain(own[i]), locked = this.locked[this.role].has(i);
      if (each.slider.value !== value) each.slider.value = value;
      if (each.box !== this.typing && each.box.value !== value) each.box.value = value;
      each.slider.disabled = each.box.disabled = locked;
      each.slider.setAttribute("aria-valuetext", this.t("weight_now", { weight: value, agreed: plain(this.session.agreed.weights[this.role][i]) }));
      each.lock.setAttribute("aria-pressed", String(locked));
      each.lock.setAttribute("aria-label", this.t(locked ? "unlock" : "lock", { indicator: each.name }));
      each.lock.title = each.lock.getAttribute("aria-label");
      const agreed = this.session.agreed.weights[this.role][i];
      say(each.was, agreed === own[i] ? "" : this.t("was", { weight: plain(agreed) }));
    }
    if (nodes.share) {
      const sum = plain(valueOf(this.session, state, nodes.share.move));
      nodes.share.slider.value = sum;
      if (nodes.share.box !== this.typing) nodes.share.box.value = sum;
    }
    for (const { box, move } of nodes.numbers) if (box !== this.typing && box.isConnected) box.value = plain(valueOf(this.session, state, move));
    nodes.tiers.forEach((box, at) => { if (box !== this.typing) box.value = String(toNumber(fraction(state.shares[at]))); });
    const known = new Map(weightless(this.session, state).map((move) => [keyOf(move), this.t("weightless")]));
    this.roleData.items.forEach(({ own_targets: n }, i) => {
      if (n && state.targets[this.role][i] !== FULL) known.set(keyOf({ role: this.role, item: i, part: "target" }), this.t("own_targets", { n }));
    });
    for (const [key, note] of this.notes) say(note, [this.refused?.note === key ? this.refused.text : "", known.get(key) ?? ""].filter(Boolean).join(" "));
    nodes.undo.disabled = !this.history.canUndo;
    nodes.redo.disabled = !this.history.canRedo;
    nodes.reset.disabled = alike(state, this.session.agreed);
  }

  paintSaid() {
    const { crossed } = this, list = this.listed(crossed.map((at) => `${this.person(at)} ${this.letter(this.then.tier[at])}→${this.letter(this.now.tier[at])}`), 6);
    say(this.nodes.said, crossed.length ? this.t("crossed", { n: crossed.length, people: list })
      : alike(this.state, this.session.agreed) && !this.against ? this.t("as_agreed") : this.t("nobody"));
    this.paintDecided();
  }

  /** What the calibration meeting decided, and whose decision no longer starts from the tier that is worked out. */
  paintDecided() {
    const { now, people } = this, list = (those) => this.listed(those, 12);
    const kept = people.flatMap((_, at) => (now.before[at] < 0 ? [] : [this.t("decided_one", { person: this.person(at), tier: this.letter(now.tier[at]), before: this.letter(now.before[at]) })]));
    const over = now.overturned.map((at) => {
      const [from, to] = people[at].decided.map((tier) => this.letter(TIERS.indexOf(tier)));
      return this.t("overturned_one", { person: this.person(at), from, to, now: this.letter(now.tier[at]) });
    });
    say(this.nodes.decided, [kept.length ? this.t("decided", { people: list(kept) }) : "", over.length ? this.t("overturned", { people: list(over) }) : ""].filter(Boolean).join(" "));
    this.nodes.decided.classList.toggle("kwi-overturned", over.length > 0);
  }

  /** Whom so little parts from somebody on the other side of a cut that a meeting should talk about them. */
  nearCuts() {
    const near = new Set(), { centi, tier, pools, reason } = this.now;
    for (const pool of pools) {
      const own = pool.members.filter((at) => tier[at] >= 0 && reason[at] !== "gate" && reason[at] !== "calibrated");
      for (const at of own) if (own.some((other) => tier[other] !== tier[at] && Math.abs(centi[other] - centi[at]) <= this.data.near)) near.add(at);
    }
    return near;
  }

  /** Where each row, each cut and each pool's head stands. */
  layOut() {
    const { order, tier, before, pools } = this.now, entries = [];
    const alone = this.people.flatMap((person, at) => (person.pool ? [] : [at])); // scored, ranked within no pool
    let y = 0;
    for (const pool of alone.length ? [...pools, { id: "", members: alone, tiered: false }] : pools) {
      const members = new Set(pool.members);
      if (pools.length > 1 || !pool.tiered || pool.advisory) {
        entries.push({ kind: "head", key: `h${pool.id}`, y, pool });
        y += HEAD;
      }
      let last = -1;
      for (const at of order) {
        if (!members.has(at)) continue;
        const worked = before[at] >= 0 ? before[at] : tier[at]; // whoever a meeting moved stays where the score stands
        if (worked > last && worked >= 0) {
          if (last >= 0) { entries.push({ kind: "cut", key: `c${pool.id}${worked}`, y, above: last, below: worked }); y += GAP; }
          last = worked;
        }
        entries.push({ kind: "row", key: at, y, at });
        y += ROW;
      }
      y += pools.length > 1 ? 8 : 0;
    }
    this.entries = entries;
    this.nodes.list.style.height = `${y}px`;
    this.most = Math.max(FULL, ...this.now.centi);
  }

  paintRows() {
    const { list } = this.nodes, every = this.people.length <= ALL_DRAWN || this.printing, { top, tall } = this.seen;
    const shown = every ? this.entries : this.entries.filter(({ y }) => y >= top - 4 * ROW && y <= top + tall + 4 * ROW);
    const keep = new Set(shown.map((entry) => entry.key));
    for (const [key, row] of this.rows) if (!keep.has(key)) { row.node.remove(); this.rows.delete(key); }
    for (const entry of shown) {
      let row = this.rows.get(entry.key);
      if (!row) {
        row = entry.kind === "row" ? this.newRow(entry.at) : { node: h("li", { class: `kwi-${entry.kind}` }), y: -1 };
        this.rows.set(entry.key, row);
        list.append(row.node);
      }
      if (row.y !== entry.y) { row.node.style.transform = `translateY(${entry.y}px)`; row.y = entry.y; }
      if (entry.kind === "row") this.paintRow(row, entry.at);
      else say(row.node, entry.kind === "cut" ? this.t("cut", { above: this.letter(entry.above), below: this.letter(entry.below) }) : this.poolSaid(entry.pool));
    }
  }

  /** Look which rows can be seen: asked for only when that changes, a question about layout is dear. */
  look() {
    this.seen = { top: this.nodes.scroll.scrollTop, tall: this.nodes.scroll.clientHeight };
    this.paintRows();
  }

  /** Reading order follows the ranking. */
  inOrder() {
    const shown = this.entries.filter((entry) => this.rows.has(entry.key)), order = shown.map((entry) => entry.key).join();
    if (order === this.ordered || this.nodes.list.contains(document.activeElement)) return;
    this.ordered = order;
    this.nodes.list.append(...shown.map((entry) => this.rows.get(entry.key).node));
  }

  poolSaid(pool) {
    const name = this.data.pools[pool.id] ? this.show(this.data.pools[pool.id]) : pool.id || this.t("no_group");
    if (!pool.id) return name;
    const called = this.now.pools.length > 1 ? `${name}${this.t("colon")}` : "";
    if (!pool.tiered) return called + this.t("small_pool", { n: pool.n, least: this.data.session.rules.min_group });
    return called + this.t("quotas", { n: pool.n, top: pool.counts[0], middle: pool.counts[1], bottom: pool.counts[2] }) + (pool.advisory ? ` ${this.t("advisory")}` : "");
  }

  newRow(at) {
    const part = (name) => h("span", { class: `kwi-${name}` });
    const open = h("button", { type: "button", class: "kwi-name", onclick: () => this.choose(at) });
    const parts = { rank: part("rank"), change: part("change"), open, bar: part("bar"), score: part("score"), tier: part("tier"), held: part("held") };
    const fill = h("i"), tick = h("u"), badge = h("b"), was = h("s"), strip = h("i"), share = h("em");
    parts.bar.append(fill, tick);
    parts.tier.append(badge, was);
    parts.held.append(strip, share);
    parts.bar.setAttribute("aria-hidden", "true");
    const node = h("li", { class: "kwi-row", "aria-setsize": this.people.length }, Object.values(parts));
    return { node, y: -1, fill, tick, badge, was, strip, share, ...parts };
  }

  paintRow(row, at) {
    const { now, then } = this, tier = now.tier[at], person = this.people[at];
    const crossed = tier !== then.tier[at], by = (then.rank[at] || 0) - (now.rank[at] || 0);
    const said = [now.centi[at], now.rank[at], tier, now.before[at], then.tier[at], by, this.near.has(at), at === this.chosen, this.most].join();
    const bar = this.gradient(at);
    if (row.bar_ !== bar) row.fill.style.background = row.bar_ = bar;
    if (row.said === said && row.shares === this.shares) return;
    row.said = said;
    row.node.setAttribute("aria-posinset", String(now.order.indexOf(at) + 1)); // only the rows in sight are in the page
    say(row.rank, now.rank[at] ? String(now.rank[at]) : "–");
    say(row.change, by && now.rank[at] ? `${by > 0 ? "▲" : "▼"}${Math.abs(by)}` : "");
    row.change.setAttribute("aria-label", by ? this.t(by > 0 ? "up" : "down", { n: Math.abs(by) }) : "");
    say(row.open, this.person(at));
    row.open.title = [this.person(at), this.show(this.data.session.roles[person.role].name), person.team].filter(Boolean).join(" · ");
    row.open.setAttribute("aria-expanded", String(at === this.chosen));
    say(row.score, now.centi[at] < 0 ? "–" : points(now.centi[at]));
    row.tick.style.left = `${(100 * Math.max(now.centi[at], 0)) / this.most}%`;
    say(row.badge, this.letter(tier));
    row.badge.className = `kwi-badge kwi-${TIERS[tier] ?? "none"}${this.near.has(at) ? " kwi-near" : ""}`;
    row.badge.title = [tier < 0 ? "" : this.t(`tier_${TIERS[tier]}`), this.t(`reason_${now.reason[at]}`), this.near.has(at) ? this.t("near", { points: plain(this.data.near), n: this.data.near / CENTI }) : ""].filter(Boolean).join(" · ");
    say(row.was, crossed ? `${this.t("from")} ${this.letter(then.tier[at])}` : now.before[at] >= 0 ? this.t("decided_short", { before: this.letter(now.before[at]) }) : "");
    row.node.classList.toggle("kwi-crossed", crossed);
    row.node.classList.toggle("kwi-better", crossed && tier >= 0 && tier < then.tier[at]);
    row.node.classList.toggle("kwi-chosen", at === this.chosen);
    this.paintShare(row, at);
  }

  /** The bar of what a person earned, as one picture: a stripe for each indicator, by class, then the team's part. */
  gradient(at) {
    const { session, now, state } = this, r = this.people[at].role, items = this.data.session.roles[r].items;
    const kinds = Object.keys(this.data.colours), team = this.data.session.rules.team_share / FULL;
    const counts = (i) => now.states[at][i] === "scored" || now.states[at][i] === "filled";
    const whole = items.reduce((sum, _, i) => sum + (counts(i) ? state.weights[r][i] : 0), 0);
    if (!whole || now.centi[at] < 0) return "none";
    const scale = 100 / (this.most / CENTI), stops = [];
    let x = 0;
    const add = (width, colour) => {
      if (width < 0.05) return;
      stops.push(`${colour} ${x.toFixed(2)}% ${(x + width - 0.22).toFixed(2)}%`, `#fff ${(x + width - 0.22).toFixed(2)}% ${(x + width).toFixed(2)}%`);
      x += width;
    };
    items.map((item, i) => [kinds.indexOf(item.kind), i]).sort((a, b) => a[0] - b[0]).forEach(([, i]) => {
      if (counts(i)) add(((now.scores[at][i] / MICRO) * state.weights[r][i] / whole) * scale * (1 - team), this.data.colours[items[i].kind]);
    });
    if (team) add(Math.max(now.centi[at] / CENTI * scale - x, 0), "#b9c1c9");
    return stops.length ? `linear-gradient(90deg,${stops.join(",")},transparent 0)` : "none";
  }

  paintShares() { for (const [key, row] of this.rows) if (typeof key === "number") this.paintShare(row, key); }

  paintShare(row, at) {
    if (row.shares === this.shares && row.sharesTier === this.now.tier[at]) return;
    row.shares = this.shares;
    row.sharesTier = this.now.tier[at];
    const tier = this.now.tier[at];
    if (!this.shares || tier < 0 || this.now.before[at] >= 0) { say(row.share, ""); row.strip.style.background = "none"; return; }
    const [top, , bottom] = [0, 1, 2].map((which) => (100 * this.shares.counts[at * 3 + which]) / this.shares.draws);
    row.strip.style.background = `linear-gradient(90deg,var(--top) ${top}%,var(--middle) ${top}% ${100 - bottom}%,var(--bottom) ${100 - bottom}%)`;
    const own = (100 * this.shares.counts[at * 3 + tier]) / this.shares.draws;
    say(row.share, `${own.toFixed(0)}%`);
    row.held.title = this.t("held_by", { share: own.toFixed(0), tier: this.letter(tier), draws: this.shares.draws });
  }

  // -- what comes a moment later -------------------------------------------------------------------------------------

  /** Everybody whose tier, rank or score differs, whoever crossed a cut first; `by` is the indicator that did most. */
  changes() {
    const { now, then, session, ground: base } = this;
    const changed = this.people.flatMap((_, at) => (now.tier[at] !== then.tier[at] || now.centi[at] !== then.centi[at] || now.rank[at] !== then.rank[at] ? [at] : []));
    changed.sort((a, b) => Number(now.tier[b] !== then.tier[b]) - Number(now.tier[a] !== then.tier[a])
      || Math.abs(then.rank[b] - now.rank[b]) - Math.abs(then.rank[a] - now.rank[a]) || a - b);
    if (!changed.length) return [];
    const before = session.allPoints(base), after = session.allPoints(this.state);
    return changed.map((at) => {
      const [first, second] = [[then, base], [now, this.state]].map(([found, state]) => countedWeights(found.states[at], state.weights[this.people[at].role]));
      const by = effects(before[at], after[at], first, second);
      const which = by.reduce((best, value, i) => (Math.abs(value) > Math.abs(by[best]) ? i : best), 0);
      return { at, which, by: by[which] };
    });
  }

  paintMoves() {
    const { now, then } = this, found = this.changes(), shown = this.printing ? found : found.slice(0, 40);
    this.nodes.movesBox.hidden = !found.length;
    say(this.nodes.movesBox.firstChild, this.t("moves_n", { n: found.length }));
    const arrow = (before, after) => (before === after ? after : `${before} → ${after}`);
    const score = (centi) => (centi < 0 ? "–" : points(centi));
    const rows = shown.map(({ at, which, by }) => h("tr", { class: now.tier[at] !== then.tier[at] ? "kwi-crossed" : null },
      h("th", { scope: "row" }, this.person(at)), h("td", {}, arrow(this.letter(then.tier[at]), this.letter(now.tier[at]))),
      h("td", {}, arrow(String(then.rank[at] || "–"), String(now.rank[at] || "–"))), h("td", {}, arrow(score(then.centi[at]), score(now.centi[at]))),
      h("td", {}, !by ? "–" : `${this.show(this.data.session.roles[this.people[at].role].items[which].name)} ${by > 0 ? "+" : "−"}${points(Math.abs(by))}`)));
    this.nodes.moves.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, ["person", "tier", "rank", "score", "mostly"].map((name) => h("th", { scope: "col" }, this.t(name))))), h("tbody", {}, rows)));
  }

  paintKept() {
    const { nodes } = this, option = (value, text) => h("option", { value, selected: value === this.compared }, text);
    if (document.activeElement !== nodes.compare) nodes.compare.replaceChildren(option("", this.t("agreed")), ...this.kept.map((one) => option(one.key, this.label(one))));
    if (!nodes.chips) return;
    const pressed = (one) => String(alike(one.state, this.state));
    if (nodes.chips.contains(document.activeElement)) this.kept.forEach((one, at) => nodes.chips.children[at]?.firstChild.setAttribute("aria-pressed", pressed(one)));
    else nodes.chips.replaceChildren(...this.kept.map((one) => h("li", {}, h("button", { type: "button", "aria-pressed": pressed(one), onclick: (event) => { this.recall(one); event.target.focus(); } }, this.label(one)))));
  }

  paintDetail() {
    const { nodes, now, then, session } = this, at = this.chosen;
    nodes.detail.hidden = at < 0;
    if (at < 0) return;
    const r = this.people[at].role, base = this.ground;
    const [before, after] = [base, this.state].map((state) => session.allPoints(state)[at]), cell = (value) => h("td", {}, value);
    const rows = this.data.session.roles[r].items.map((item, i) => h("tr", {}, h("th", { scope: "row" }, this.show(item.name)),
      cell(now.states[at][i] === "missing" || now.states[at][i] === "not_counted" ? "–" : (now.scores[at][i] / MICRO).toFixed(2)),
      cell(plain(this.state.weights[r][i])), cell(after[i] === null ? "–" : points(after[i])),
      cell(after[i] === null || before[i] === null || after[i] === before[i] ? "" : `${after[i] > before[i] ? "+" : "−"}${points(Math.abs(after[i] - before[i]))}`)));
    const focused = nodes.detail.contains(document.activeElement);
    const close = h("button", { type: "button", onclick: () => this.choose(-1) }, this.t("close"));
    nodes.detail.replaceChildren(h("p", { class: "kwi-over" }, h("b", {}, [this.person(at), this.show(this.data.session.roles[r].name), this.people[at].team].filter(Boolean).join(" · ")),
      h("span", {}, `${now.centi[at] < 0 ? "–" : points(now.centi[at])} · ${this.letter(now.tier[at])} · ${this.t(`reason_${now.reason[at]}`)}${then.centi[at] !== now.centi[at] && then.centi[at] >= 0 ? ` (${this.t("from")} ${points(then.centi[at])})` : ""}`), close),
      h("div", { class: "kwi-scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["indicator", "score", "weight", "points", "change"].map((name) => h("th", { scope: "col" }, this.t(name))))), h("tbody", {}, rows))));
    if (focused) close.focus();
  }

  /** Sparks of the role shown, a few milliseconds at a time; whatever moves stops them. */
  sparks() {
    const key = JSON.stringify([this.role, this.state, [...this.locked[this.role]]]);
    if (key === this.sparkFor) return;
    const step = this.people.length > 150 ? 5 : this.people.length > 60 ? 2 : 1, found = [], steps = this.eachSpark(step, found);
    this.sparking = steps;
    const go = () => {
      if (this.sparking !== steps) return;
      for (const end = performance.now() + 7; performance.now() < end;) if (steps.next().done) { this.sparkFor = key; this.firstFlip(found); return; }
      setTimeout(go, 0);
    };
    go();
  }

  * eachSpark(step, found) {
    for (const [i, each] of this.nodes.each) {
      const one = yield* sparkSteps(this.session, this.state, this.now, this.role, i, this.locked[this.role], step);
      this.session._rescore(this.state);
      found.push({ i, ...one });
      this.paintSpark(each, one, this.state.weights[this.role][i] / CENTI, step);
    }
  }

  paintSpark(each, { changes, low, high }, here, step) {
    const most = Math.max((changes.length - 1) * step, 1), peak = Math.max(2, ...changes), wide = 120, tall = 22;
    const x = (value) => (wide * value) / most, y = (value) => tall - 2 - ((tall - 5) * value) / peak;
    const shape = (tag, attributes) => { const made = document.createElementNS(SVG, tag); for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value)); return made; };
    const svg = shape("svg", { viewBox: `0 0 ${wide} ${tall}`, width: wide, height: tall, "aria-hidden": "true" });
    svg.append(shape("rect", { x: x(low), y: 0, width: Math.max(x(high) - x(low), 1.5), height: tall, class: "kwi-band" }),
      shape("polyline", { points: changes.map((count, at) => `${x(at * step).toFixed(1)},${y(count).toFixed(1)}`).join(" ") }),
      shape("line", { x1: x(here), x2: x(here), y1: 0, y2: tall }));
    each.wave.replaceChildren(svg);
    const said = low === 0 && high === most ? this.t("holds_all")
      : low === high ? this.t("holds_one", { n: step }) : this.t("holds", { low: plain(low * CENTI), high: plain(high * CENTI) });
    each.wave.setAttribute("aria-label", `${this.t("spark", { indicator: each.name, most: Math.max(...changes) })} ${said}`);
    say(each.hold, said);
  }

  /** Say which weight would be the first to put somebody on the other side of a cut. */
  firstFlip(found) {
    const all = found.filter((one) => one.next).map((one) => ({ ...one, far: Math.abs(one.next.to - this.state.weights[this.role][one.i] / CENTI) }));
    const first = all.reduce((best, one) => (!best || one.far < best.far ? one : best), null);
    say(this.nodes.first, first ? this.t("first", {
      indicator: this.nodes.each.get(first.i).name, to: plain(first.next.to * CENTI), now: plain(this.state.weights[this.role][first.i]),
      n: first.next.people.length, people: this.listed(first.next.people.map((at) => this.person(at)), 4),
    }) : this.t("no_first"));
  }

  /** Everything on paper: all rows, all moves. */
  onprint(on) {
    this.printing = on;
    this.paintMoves();
    this.nodes.movesBox.open = on || this.nodes.movesBox.open;
    this.paintRows();
  }

  close() {
    this.doubt.close();
    this.observer?.disconnect();
    clearTimeout(this.pause);
    cancelAnimationFrame(this.waiting);
    this.root.removeEventListener("keydown", this.keys);
    window.removeEventListener("beforeunload", this.leaving);
    this.sparking = null;
  }
}
