// @ts-check
/** One live session in an element: it holds the screen, and draws what the screen says. */

import { Controls } from "./controls.mjs";
import { movesTable, personDetail } from "./details.mjs";
import { focusIn, h, say } from "./dom.mjs";
import { Doubt } from "./doubt.mjs";
import { drawingOf } from "./drawing.mjs";
import { alike } from "./history.mjs";
import { Keeping } from "./keeping.mjs";
import { CENTI, plain } from "./numbers.mjs";
import { changesOf, decidedText, pictureOf, rowOf } from "./picture.mjs";
import { Ranking } from "./ranking.mjs";
import { scenarioOf } from "./scenarios.mjs";
import {
  against, keptAnew, keyMeans, opening, redone, remembered, reset, resumed, settled, turnedTo, undone, unsaved,
  withChanges,
} from "./screen.mjs";
import { Session } from "./session.mjs";
import { TIERS } from "./tiers.mjs";
import { verdicts } from "./verdict.mjs";
import { Words, wide } from "./words.mjs";

/** @import { Form, Memory, Screen } from "./screen.mjs" */
/** @import { Changes, Language, Outcome, Page, Person, State, Told } from "./types.mjs" */
/** @import { Verdict } from "./verdict.mjs" */

/**
 * @typedef {object} Options
 * @property {Language} [language]
 * @property {boolean} [embedded] in another page
 * @property {boolean} [driven] by forms around it, which choose the role and keep scenarios
 * @property {(told: {changes: Changes, official: number[], tiers: number[]}) => void} [onchange]
 * @property {Memory & {form?: Form, language?: Language}} [memory] what the page held before it was loaded again
 * @property {(memory: Memory & {form?: Form, language: Language}) => void} [onremember]
 */

const ROWS_SHOWN = 40;
let mounted = 0;

/** Whether an official result is what Python has. @param {Outcome} found @param {Person[]} people */
function asAgreed(found, people) {
  return people.every(({ agreed: [centi, rank, tier, reason] }, at) =>
    found.centi[at] === (centi ?? -1) && found.rank[at] === (rank ?? 0) && found.reason[at] === reason
    && (TIERS[found.tier[at]] ?? null) === tier);
}

/** One live session in an element. */
export class View {
  /** @param {HTMLElement} root @param {Page} page @param {Options} [options] */
  constructor(root, page, options = {}) {
    this.root = root;
    this.page = page;
    this.options = options;
    this.id = `kwi${(mounted += 1)}`;
    this.session = new Session(page.session);
    const fresh = opening(this.session, page.scenarios);
    this.screen = options.memory ? resumed(this.session, fresh, options.memory) : fresh;
    this.words = new Words(page, options.language ?? page.languages[0]);
    this.trusted = asAgreed(this.session.evaluate(this.session.agreed), page.session.people);
    this.row = rowOf(page.session.people.map((_, at) => this.words.person(at)));
    this.shown = pictureOf(this.session, this.screen, page, null, this.row);
    /**
     * How often each tier came out, and how sure each is.
     * @type {{state: State, counts: ArrayLike<number>, draws: number, verdicts: (Verdict|null)[],
     *   agreed?: boolean}|null}
     */
    this.drawn = null;
    /** @type {HTMLInputElement|null} the box that is typed into, which is left as it is meanwhile */
    this.typing = null;
    this.printing = false;
    this.waiting = 0;
    this.pause = 0;
    this.doubt = new Doubt((found, draws) => {
      const { session, state } = this, known = verdicts(session, state, this.shown.now, found, draws);
      this.know({ state, counts: found.counts, draws, verdicts: known });
    });
    this.keys = (/** @type {KeyboardEvent} */ event) => this.onkey(event);
    this.leaving = (/** @type {Event} */ event) => {
      if (this.trusted && unsaved(this.session, this.screen)) event.preventDefault();
    };
    root.addEventListener("keydown", this.keys);
    window.addEventListener("beforeunload", this.leaving);
    this.parts = this.build();
    this.parts.keeping?.fill(options.memory?.form);
    this.open();
  }

  /** What is shown of the weights and the like. @returns {State} */
  get state() { return this.screen.history.now; }
  get nearText() { return this.words.t("near", { points: plain(this.page.near), n: this.page.near / CENTI }); }

  // Building: once for each language.

  /** The parts that are painted. */
  build() {
    const { words } = this, make = (/** @type {string} */ name) => h("p", { class: `kwi-${name}` });
    const button = (/** @type {string} */ name, /** @type {() => void} */ onclick) =>
      h("button", { type: "button", onclick }, words.t(name));
    const live = h("p", { class: "kwi-hidden", "aria-live": "polite", role: "status" });
    const moves = h("div"), movesTitle = h("summary", {}, words.t("moves"));
    const compare = h("select", {
      id: `${this.id}-compare`, onchange: () => this.go({ ...this.screen, compared: compare.value }),
    });
    return {
      controls: new Controls(this), ranking: new Ranking(this), keeping: this.options.driven ? null : new Keeping(this),
      undo: button("undo", () => this.go(undone(this.screen))),
      redo: button("redo", () => this.go(redone(this.screen))),
      reset: button("reset", () => this.reset()), said: make("said"), decided: make("decided"), live, compare, moves,
      movesTitle, movesBox: h("details", { class: "kwi-moves" }, movesTitle, moves),
      detail: h("section", { class: "kwi-detail", hidden: true, "aria-label": words.t("detail") }),
    };
  }

  /** Put the parts into the page. */
  open() {
    const { root, page, words, options } = this;
    root.classList.add("kwi");
    for (const [name, colour] of Object.entries(page.brand)) root.style.setProperty(`--${name}`, colour);
    const longest = Math.max(...page.session.people.map((_, at) => wide(words.person(at))));
    // Rows are grids of their own: one width of names for all.
    root.style.setProperty("--name", `${Math.min(longest + 1, 42)}ch`);
    root.style.setProperty("--row", `${this.row}px`);
    root.lang = words.tag;
    if (!options.embedded) {
      document.documentElement.lang = root.lang;
      document.title = `${words.t("title")} · ${words.show(page.name)} · ${words.show(page.cycle)}`;
    }
    const alarm = h("p", { class: "kwi-alarm", role: "alert" }, words.t("differs"));
    root.replaceChildren(this.head(), this.trusted ? this.body() : alarm);
    if (this.trusted) this.paint();
  }

  /** The level of the headings below the title: what surrounds an embedded view has a title of its own. */
  get below() {
    return this.options.embedded ? "h3" : "h2";
  }

  head() {
    const { words, page, options } = this, heading = options.embedded ? "h2" : "h1";
    const told = options.embedded && !options.driven; // the report around it has said what this is, and of whom
    const title = h(heading, {}, `${words.show(page.name)} · ${words.show(page.cycle)}`);
    const called = (/** @type {Language} */ language) => {  // whoever cannot read a name in other letters reads its code
      const { name } = page.spoken[language];
      return /[a-z]/i.test(name) ? name : `${name} ${language.toUpperCase()}`;
    };
    const speak = page.languages.map((language) => h("button", {
      type: "button", lang: language, "aria-pressed": String(language === words.language),
      onclick: () => this.speak(language),
    }, called(language)));
    const print = h("button", { type: "button", onclick: () => window.print() }, words.t("print"));
    return h(options.embedded ? "div" : "header", { class: "kwi-head" },
      h("div", {}, told ? [] : [h("p", { class: "kwi-kind" }, words.t("title")), title]),
      h("div", { class: "kwi-tools" }, speak.length > 1 ? speak : [], options.embedded ? null : print));
  }

  body() {
    const { options, words, id, parts } = this, { controls, undo, redo, reset, keeping } = parts;
    return h(options.embedded ? "div" : "main", { class: "kwi-body" },
      h("section", { class: "kwi-controls", "aria-labelledby": `${id}-weights` },
        h(this.below, { id: `${id}-weights` }, words.t("weights")), this.rolePick(), controls.items,
        h("p", { class: "kwi-steps" }, undo, redo, reset), controls.rules, keeping?.node), this.result());
  }

  /** Where the role is chosen; null where there is nothing to choose. */
  rolePick() {
    const { words, session, id, options, screen } = this, { roles } = session.data;
    const held = roles.flatMap((role, r) => (session.members[r].length && !role.joined ? [{ role, r }] : []));
    if (held.length < 2 || options.driven) return null;
    const each = held.map(({ role, r }) => h("option", { value: r, selected: r === screen.role },
      `${words.show(role.name)} (${session.members[r].length})`));
    const turn = () => this.turnTo(roles[Number(pick.value)].id);
    const pick = h("select", { id: `${id}-role`, onchange: turn }, each);
    return h("p", { class: "kwi-pick" }, h("label", { for: pick.id }, words.t("role")), pick);
  }

  result() {
    const { words, id } = this, { said, decided, controls, live, movesBox, ranking, detail, compare } = this.parts;
    const names = ["rank", "change", "person", "made_of", "score", "tier", "held"];
    const columns = names.map((name) => h("span", {}, words.t(name)));
    return h("section", { class: "kwi-result", "aria-labelledby": `${id}-ranking` },
      h("div", { class: "kwi-over" }, h(this.below, { id: `${id}-ranking` }, words.t("ranking")),
        h("p", { class: "kwi-pick" }, h("label", { for: compare.id }, words.t("compare")), compare)),
      said, decided, controls.first, live, movesBox, this.legend(),
      h("div", { class: "kwi-row kwi-columns", "aria-hidden": "true" }, columns), ranking.node,
      this.page.notes[words.language].map((note) => h("p", { class: "kwi-first" }, note)), detail);
  }

  legend() {
    const { words, page } = this, items = page.session.roles.flatMap((role) => role.items);
    const kinds = new Set(items.map((item) => item.kind));
    const colours = Object.entries(page.colours).filter(([kind]) => kinds.has(kind));
    return h("p", { class: "kwi-legend" }, colours.map(([kind, colour]) =>
      h("span", {}, h("i", { style: `background:${colour}` }), words.t(`class_${kind}`))),
    h("span", {}, h("b", { class: "kwi-near" }, words.t("letter_middle")), this.nearText),
    ["firm", "likely", "open"].map((label) => h("span", { class: "kwi-sign" },
      h("b", { class: `kwi-sure kwi-${label}` }), words.t(`sure_${label}`))));
  }

  // What the user does: a new screen, and its picture.

  /** @param {Screen} screen shown at once */
  go(screen) {
    this.screen = screen;
    this.typing = null;
    this.paint();
  }

  /**
   * Shown with the next frame, however many events come before it; also where nothing moved: a slider that was pulled
   * too far comes back.
   * @param {Screen} screen @param {HTMLInputElement|null} typing
   */
  take(screen, typing) {
    [this.screen, this.typing] = [screen, typing];
    this.waiting ||= requestAnimationFrame(() => { this.waiting = 0; this.paint(); });
  }

  settle() { [this.screen, this.typing] = [settled(this.screen), null]; }

  reset() {
    const form = this.parts.keeping?.form ?? { name: "", asked_by: "", why: "" };
    const { screen, emptied } = reset(this.session, this.screen, form, this.words);
    if (emptied) this.parts.keeping?.fill();
    this.go(screen);
  }

  /** @param {Changes} changes a scenario's changes, as Python writes them */
  ask(changes) { this.go(withChanges(this.session, this.screen, changes)); }

  /** Take over the scenarios that there are now. @param {Told[]} scenarios */
  keepAll(scenarios) { this.go(keptAnew(this.session, this.screen, scenarios)); }

  /** Show the weights of another role. @param {string} id */
  turnTo(id) {
    const screen = turnedTo(this.session, this.screen, id);
    if (screen === this.screen) return;
    this.screen = screen;
    this.parts.controls.fill();
    this.paint();
  }

  /** @param {Language} language */
  speak(language) {
    const form = this.parts.keeping?.form, folds = [...this.root.querySelectorAll("details")].map(({ open }) => open);
    this.words = new Words(this.page, language);
    this.parts.ranking.observer.disconnect();
    this.parts = this.build();
    this.open();
    this.parts.keeping?.fill(form);
    this.root.querySelectorAll("details").forEach((fold, at) => { fold.open = folds[at]; });
    /** @type {HTMLElement|null} */ (this.root.querySelector(`.kwi-tools [lang="${language}"]`))?.focus();
    this.remember();
  }

  /** @param {KeyboardEvent} event */
  onkey(event) {
    const target = /** @type {HTMLInputElement} */ (event.target);
    const { act, own } = keyMeans(event, this.screen, target.type === "text" && target.inputMode !== "decimal");
    if (own) event.stopPropagation();
    if (act === "undo" || act === "redo") event.preventDefault();
    if (act === "undo") this.go(undone(this.screen));
    if (act === "redo") this.go(redone(this.screen));
    if (act === "close") this.parts.ranking.choose(this.screen.chosen);
  }

  // Drawing.

  paint() {
    const { session, screen, state, parts } = this, { ranking } = parts;
    const shown = this.shown = pictureOf(session, screen, this.page, this.shown, this.row);
    parts.controls.paint();
    parts.undo.disabled = !screen.history.canUndo;
    parts.redo.disabled = !screen.history.canRedo;
    parts.reset.disabled = alike(state, session.agreed);
    this.paintSaid();
    parts.ranking.paint();
    this.paintDetail();
    ranking.node.classList.toggle("kwi-stale", !alike(this.drawn?.state, state)); // until these weights are drawn
    this.later();
    const official = [...shown.now.centi], tiers = [...shown.now.tier];
    this.options.onchange?.({ changes: scenarioOf(session, state), official, tiers });
  }

  /** What may come a moment after the picture: doubt, sparks, the moves' table, the live region. */
  later() {
    clearTimeout(this.pause);
    this.parts.controls.sparking = null;
    this.pause = setTimeout(() => {
      this.paintDoubt();
      const { said, decided, live } = this.parts, over = this.shown.now.overturned.length > 0;
      say(live, [said, ...(over ? [decided] : [])].map((node) => node.textContent).join(" "));
      this.parts.ranking.inOrder();
      this.paintMoves();
      this.paintKept();
      this.parts.controls.spark();
      this.remember();
    }, 90);
  }

  remember() {
    const { language } = this.words;
    this.options.onremember?.({ ...remembered(this.screen), language, form: this.parts.keeping?.form });
  }

  /** How often each tier comes out under other weights: as agreed Python has drawn it, else it is drawn here. */
  paintDoubt() {
    const { session: { data, agreed }, state } = this, { draws } = data.doubt;
    if (!data.people.some(({ sure }) => sure) || !alike(state, agreed)) {
      this.doubt.ask(drawingOf(this.session, state, this.shown.now));
      return;
    }
    this.doubt.forget();
    const counts = data.people.flatMap(({ sure }) => (sure ? sure[3].map((share) => share * draws) : [0, 0, 0]));
    const known = data.people.map(({ sure }) => (sure ? { word: sure[0], rests: sure[1], near: sure[4] } : null));
    this.know({ state, counts, draws, verdicts: known, agreed: true });
  }

  /** @param {NonNullable<View["drawn"]>} drawn */
  know(drawn) {
    this.drawn = drawn;
    this.parts.ranking.node.classList.remove("kwi-stale");
    this.parts.ranking.paintShares();
    if (this.screen.chosen >= 0) this.paintDetail();
  }

  paintSaid() {
    const { words, shown, session, screen, parts } = this, { crossed, then, now, state } = shown, n = crossed.length;
    const names = crossed.map((at) => words.moved(at, then.tier[at], now.tier[at]));
    const still = !now.rank.some(Boolean) ? "no_figures"
      : alike(state, session.agreed) && !against(screen) ? "as_agreed" : "nobody";
    say(parts.said, n ? words.t("crossed", { n, people: words.listed(names, 6) }) : words.t(still));
    say(parts.decided, decidedText(session.data, now, words));
    parts.decided.classList.toggle("kwi-overturned", now.overturned.length > 0);
  }

  paintMoves() {
    const { session, shown, words, parts } = this, { base, state, then, now } = shown;
    const found = changesOf(session, { state: base, found: then }, { state, found: now });
    parts.movesBox.hidden = !found.length;
    say(parts.movesTitle, words.t("moves_n", { n: found.length }));
    parts.moves.replaceChildren(movesTable(this, this.printing ? found : found.slice(0, ROWS_SHOWN)));
  }

  /** The scenarios kept, where one is compared with and where one is shown again. */
  paintKept() {
    const { screen, words, parts } = this, { compare } = parts;
    const option = (/** @type {string} */ value, /** @type {string} */ text) =>
      h("option", { value, selected: value === screen.compared }, text);
    const kept = screen.kept.map((one) => option(one.key, words.show(one.name)));
    if (!focusIn(compare)) compare.replaceChildren(option("", words.t("agreed")), ...kept);
    parts.keeping?.paint();
  }

  paintDetail() {
    const { detail, ranking } = this.parts, at = this.screen.chosen, focused = focusIn(detail);
    detail.hidden = at < 0;
    if (at < 0) return;
    const close = h("button", { type: "button", onclick: () => ranking.choose(at) }, this.words.t("close"));
    detail.replaceChildren(...personDetail(this, at, close));
    if (focused) close.focus();
  }

  /** Everything on paper: all rows, all moves. @param {boolean} on */
  onprint(on) {
    this.printing = on;
    this.paintMoves();
    this.parts.movesBox.open ||= on;
    this.parts.ranking.paintRows();
  }

  close() {
    this.doubt.close();
    this.parts.ranking.observer.disconnect();
    this.parts.controls.sparking = null;
    clearTimeout(this.pause);
    cancelAnimationFrame(this.waiting);
    this.root.removeEventListener("keydown", this.keys);
    window.removeEventListener("beforeunload", this.leaving);
  }
}
