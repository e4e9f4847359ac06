// @ts-check
/** The controls of a session: weights of the role shown, tier shares and caps. */

import { dress, h, say, shape } from "./dom.mjs";
import { groupOf, keyOf, movable, valueOf, weighing } from "./moves.mjs";
import { CENTI, fraction, plain, readNumber, toNumber, total } from "./numbers.mjs";
import { firstFlip, heldText, notesOf } from "./picture.mjs";
import { lockTurned, moveTo, setShare, typedBefore } from "./screen.mjs";
import { sparkSteps } from "./sparks.mjs";
import { TIERS } from "./tiers.mjs";

/** @import { Asked, Screen } from "./screen.mjs" */
/** @import { Spark } from "./sparks.mjs" */
/** @import { Item, Move } from "./types.mjs" */
/** @import { View } from "./view.mjs" */

/** @typedef {{input: HTMLInputElement, shown: () => string}} Input a control, and what it shows of the state */
/**
 * @typedef {{i: number, name: string, lock: HTMLElement, was: HTMLElement, wave: HTMLElement, hold: HTMLElement,
 *   inputs: HTMLInputElement[]}} ItemRow
 */

/** The left side of a session. */
export class Controls {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    /** @type {Map<string, HTMLElement>} where a control says why it is not where it was asked to go */
    this.notes = new Map();
    /** @type {Input[]} */
    this.inputs = [];
    /** @type {ItemRow[]} */
    this.rows = [];
    /** @type {Generator<void, void>|null} */
    this.sparking = null;
    this.sparkedFor = "";
    this.first = h("p", { class: "kwi-first" });
    this.items = h("div", { class: "kwi-items" });
    this.rules = this.ruleControls();
    this.ruleInputs = this.inputs;
    this.fill();
  }

  /** The controls of the role shown: a row for each indicator that weighs, and the share of work done. */
  fill() {
    const { data } = this.view.session, role = data.roles[this.view.screen.role];
    [this.inputs, this.rows, this.sparkedFor] = [[...this.ruleInputs], [], ""];
    const rows = weighing(role).map((i) => this.itemRow(role.items[i], i));
    this.items.replaceChildren(...rows, ...(role.combined ? [this.shareRow()] : []));
  }

  /** @param {Item} item @param {number} i */
  itemRow(item, i) {
    const { words, id, screen, session, page } = this.view, role = screen.role, name = words.show(item.name);
    const most = total(groupOf(session.data.roles[role], i).map((at) => session.agreed.weights[role][at]));
    const move = /** @type {Move} */ ({ role, item: i, part: "weight" });
    const [slider, box] = this.pair(move, most, words.t("weight_of", { indicator: name }), `${id}-w${i}`);
    const lock = h("button", { type: "button", class: "kwi-lock", onclick: () => this.lock(i) }, h("i"));
    const was = h("span", { class: "kwi-was" }), hold = h("span", { class: "kwi-hold" });
    const wave = h("span", { class: "kwi-spark" }); // an image once it is drawn, and says what it shows
    this.rows.push({ i, name, lock, was, wave, hold, inputs: [slider, box] });
    const target = this.numberRow(words.t("target"), { role, item: i, part: "target" }, "%", name);
    const more = h("details", { class: "kwi-more" }, h("summary", {}, words.t("more_of")), item.scaled ? target : null,
      this.numberRow(words.t("cap"), { role, item: i, part: "cap" }, "", name));
    const label = h("label", { for: slider.id }, h("i", { style: `background:${page.colours[item.kind]}` }), name);
    return h("div", { class: "kwi-item" }, h("div", { class: "kwi-line" }, lock, label, was, box),
      h("div", { class: "kwi-line" }, slider), this.note(keyOf(move)),
      h("div", { class: "kwi-line kwi-small" }, wave, hold, more));
  }

  /** The share of work done in all. */
  shareRow() {
    const { words, id, screen, session } = this.view, { role } = screen, items = session.data.roles[role].items;
    const whole = total(items.map((item) => (movable(item) ? item.weight : 0)));
    const [slider, box] = this.pair({ role, part: "share" }, whole, words.t("share"), `${id}-share`);
    return h("div", { class: "kwi-item kwi-share" },
      h("div", { class: "kwi-line" }, h("label", { for: slider.id }, words.t("share")), box),
      h("div", { class: "kwi-line" }, slider), this.note(keyOf({ role, part: "share" })));
  }

  /**
   * A slider and a box that move the same.
   * @param {Move} move @param {number} most hundredths @param {string} label @param {string} id
   */
  pair(move, most, label, id) {
    const bounds = /** @type {[number, number]} */ (move.part === "share" ? [0, most] : [-Infinity, Infinity]);
    const shown = () => plain(valueOf(this.view.session, this.view.state, move)), settle = () => this.view.settle();
    const asking = (/** @type {Asked} */ asked) =>
      moveTo(this.view.session, this.view.screen, move, asked, ...bounds);
    const drag = () => {
      const to = Math.round(Number(slider.value) * CENTI);
      this.view.take(asking({ to, text: slider.value, typed: false }), null);
    };
    const slider = h("input", {
      type: "range", id, min: 0, max: most / CENTI, step: 1, oninput: drag, onpointerdown: settle, onblur: settle,
    });
    this.inputs.push({ input: slider, shown });
    return [slider, this.box(label, shown, asking)];
  }

  /**
   * A box for a number, typed or moved by arrow keys.
   * @param {string|null} label @param {() => string} shown @param {(asked: Asked) => Screen} asking
   */
  box(label, shown, asking) {
    const ask = (/** @type {HTMLInputElement|null} */ typing) =>
      this.view.take(asking({ to: readNumber(box.value), text: box.value, typed: true }), typing);
    const step = (/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowUp: CENTI, ArrowDown: -CENTI }[event.key];
      if (!by) return;
      event.preventDefault();
      box.value = plain((readNumber(box.value) ?? readNumber(shown()) ?? 0) + by);
      ask(null);
    };
    const leave = () => { this.view.settle(); this.paint(); }; // it shows again what holds
    const box = h("input", {
      type: "text", inputmode: "decimal", autocomplete: "off", class: "kwi-box", "aria-label": label,
      oninput: () => ask(box), onkeydown: step, onblur: leave,
    });
    this.inputs.push({ input: box, shown });
    return box;
  }

  /**
   * A labelled box that moves something else than a weight.
   * @param {string} label @param {Move} move @param {string} unit @param {string} [of]
   */
  numberRow(label, move, unit, of = "") {
    const { view } = this, shown = () => plain(valueOf(view.session, view.state, move));
    const box = this.box(of ? `${label} · ${of}` : null, shown,
      (asked) => moveTo(view.session, view.screen, move, asked, CENTI, 1000 * CENTI));
    return h("label", { class: "kwi-number" }, h("span", {}, label), box, unit, this.note(keyOf(move)));
  }

  ruleControls() {
    const { view } = this, { words } = view;
    const tiers = TIERS.map((tier, at) => {
      const box = this.box(words.t("share_of", { tier: words.t(`tier_${tier}`) }),
        () => String(toNumber(fraction(view.state.shares[at]))), (asked) => setShare(view.screen, at, asked));
      return h("label", {}, `${words.letter(at)} `, box, "%");
    });
    return h("details", { class: "kwi-rules" }, h("summary", {}, words.t("rules")),
      h("p", { class: "kwi-tiers" }, tiers, this.note("tiers")),
      this.numberRow(words.t("item_cap"), { role: -1, part: "itemCap" }, ""));
  }

  /** @param {string} key */
  note(key) {
    const node = h("span", { class: "kwi-note", role: "status" });
    this.notes.set(key, node);
    return node;
  }

  /** @param {number} i */
  lock(i) {
    this.sparkedFor = "";
    this.view.go(lockTurned(this.view.screen, i));
  }

  paint() {
    const { session, screen, state, words, typing } = this.view, agreed = session.agreed.weights[screen.role];
    for (const { input, shown } of this.inputs) {
      const value = shown();
      if (input !== typing && input.value !== value) input.value = value;
    }
    for (const { i, name, lock, was, inputs } of this.rows) {
      const locked = screen.locked[screen.role].includes(i), now = state.weights[screen.role][i];
      const values = { weight: plain(now), agreed: plain(agreed[i]) };
      const text = words.t(locked ? "unlock" : "lock", { indicator: name });
      for (const input of inputs) input.disabled = locked;
      inputs[0].setAttribute("aria-valuetext", words.t("weight_now", values));
      dress(lock, { "aria-pressed": String(locked), "aria-label": text, title: text });
      say(was, agreed[i] === now ? "" : words.t("was", { weight: values.agreed }));
    }
    const notes = notesOf(session, screen, words);
    for (const [key, node] of this.notes) say(node, notes.get(key) ?? "");
  }

  /** Sparks of the role shown, a few milliseconds at a time; whatever moves stops them. */
  spark() {
    const { screen, state, session } = this.view, { role, locked, typed } = screen;
    const key = JSON.stringify([role, state, locked[role], typed[role]]);
    if (key === this.sparkedFor) return;
    const size = session.data.people.length, steps = this.eachSpark(size > 150 ? 5 : size > 60 ? 2 : 1);
    this.sparking = steps;
    const go = () => {
      if (this.sparking !== steps) return;
      for (const end = performance.now() + 7; performance.now() < end;) {
        if (steps.next().done) { this.sparkedFor = key; return; }
      }
      setTimeout(go, 0);
    };
    go();
  }

  /** @param {number} step points @returns {Generator<void, void>} */
  *eachSpark(step) {
    const { screen, state, session, shown } = this.view, locked = new Set(screen.locked[screen.role]), found = [];
    for (const row of this.rows) {
      const held = new Set(typedBefore(session, screen, { role: screen.role, item: row.i, part: "weight" }));
      const spark = yield* sparkSteps(session, state, shown.now, screen.role, row.i, locked, held, step);
      session.rescore(state);
      found.push({ i: row.i, spark });
      this.paintSpark(row, spark, state.weights[screen.role][row.i] / CENTI, step);
    }
    const free = found.filter(({ i }) => !locked.has(i));
    this.paintFirst(firstFlip(free, state.weights[screen.role]));
  }

  /** @param {ItemRow} row @param {Spark} spark @param {number} here @param {number} step */
  paintSpark({ name, wave, hold }, spark, here, step) {
    const { words } = this.view, { changes, low, high } = spark, wide = 120, tall = 22;
    const most = Math.max((changes.length - 1) * step, 1), peak = Math.max(2, ...changes);
    const x = (/** @type {number} */ value) => (wide * value) / most;
    const y = (/** @type {number} */ value) => tall - 2 - ((tall - 5) * value) / peak;
    const points = changes.map((count, at) => `${x(at * step).toFixed(1)},${y(count).toFixed(1)}`).join(" ");
    const frame = { viewBox: `0 0 ${wide} ${tall}`, width: wide, height: tall, "aria-hidden": "true" };
    wave.replaceChildren(shape("svg", frame,
      shape("rect", { x: x(low), y: 0, width: Math.max(x(high) - x(low), 1.5), height: tall, class: "kwi-band" }),
      shape("polyline", { points }), shape("line", { x1: x(here), x2: x(here), y1: 0, y2: tall })));
    const said = heldText(spark, most, step, words);
    const label = `${words.t("spark", { indicator: name, most: Math.max(...changes) })} ${said}`;
    dress(wave, { role: "img", "aria-label": label });
    say(hold, said);
  }

  /**
   * Say which weight would be the first to put somebody on the other side of a cut.
   * @param {ReturnType<typeof firstFlip>} flip
   */
  paintFirst(flip) {
    const { words, state, screen } = this.view;
    if (!flip) return say(this.first, this.view.shown.now.rank.some(Boolean) ? words.t("no_first") : "");
    const indicator = this.rows.find(({ i }) => i === flip.i)?.name ?? "", n = flip.people.length;
    const people = words.listed(flip.people.map((at) => words.person(at)), 4);
    const now = plain(state.weights[screen.role][flip.i]);
    say(this.first, words.t("first", { indicator, to: plain(flip.to * CENTI), now, n, people }));
  }
}
