// @ts-check
/** Where scenarios are kept, shown again and copied. */

import { focusIn, h, say } from "./dom.mjs";
import { alike } from "./history.mjs";
import { minutesText } from "./minutes.mjs";
import { scenarioText } from "./scenarios.mjs";
import { copied, formText, keeping, recalled } from "./screen.mjs";

/** @import { Form } from "./screen.mjs" */
/** @import { Kept } from "./types.mjs" */
/** @import { View } from "./view.mjs" */

const FIELDS = /** @type {const} */ (["name", "asked_by", "why"]);

/** The form and the scenarios kept. */
export class Keeping {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    const { words } = view, oninput = () => view.remember();
    const field = () => h("input", { type: "text", maxlength: 200, autocomplete: "off", oninput });
    const labelled = (/** @type {typeof FIELDS[number]} */ name) =>
      h("label", { class: "kwi-field" }, h("span", {}, words.t(name)), this.fields[name]);
    const minutes = () => this.give(minutesText(view.session, view.screen, words), "to_paste");
    this.fields = { name: field(), asked_by: field(), why: field() };
    this.chips = h("ul", { class: "kwi-chips", "aria-label": words.t("kept") });
    this.text = h("textarea", { readonly: true, rows: 6, hidden: true, "aria-label": words.t("text") });
    this.told = h("span", { class: "kwi-hint", role: "status" });
    this.node = h("details", { class: "kwi-scenarios", open: true }, h("summary", {}, words.t("scenarios")), this.chips,
      FIELDS.map(labelled), h("p", {},
        h("button", { type: "button", class: "kwi-main", onclick: () => this.keep() }, words.t("keep")),
        h("button", { type: "button", onclick: () => this.copy() }, words.t("copy")),
        h("button", { type: "button", onclick: minutes }, words.t("minutes"))), this.told, this.text);
  }

  /** @returns {Form} */
  get form() {
    const [name, asked_by, why] = FIELDS.map((field) => this.fields[field].value.trim());
    return { name, asked_by, why };
  }

  /** Fill the form; without anything, empty it. @param {Form} [form] */
  fill(form = { name: "", asked_by: "", why: "" }) {
    for (const name of FIELDS) this.fields[name].value = form[name];
  }

  keep() {
    const { screen, said, made } = keeping(this.view.session, this.view.screen, this.form, this.view.words);
    this.view.screen = screen;
    say(this.told, said);
    if (!made) return null;
    this.fill(formText(made, this.view.words));
    this.view.paint();
    this.paint();
    return made;
  }

  async copy() {
    const { view } = this, made = this.keep();
    if (!made) return;
    view.screen = copied(view.screen, made);
    await this.give(scenarioText(view.session, made), "to_copy");
  }

  /** Copy a text, or let it be copied. @param {string} given @param {string} otherwise what to do then */
  async give(given, otherwise) {
    const { view: { words, session: { data } }, text } = this;
    text.hidden = false;
    text.value = given;
    text.focus();
    text.select();
    // A page from a file may not copy: then the text stands there, marked.
    const done = await navigator.clipboard?.writeText(given).then(() => true, () => false);
    say(this.told, words.t(done ? "is_copied" : otherwise, { client: data.client, cycle: data.cycle }));
  }

  /** @param {Kept} one */
  recall(one) {
    this.fill(formText(one, this.view.words));
    this.view.go(recalled(this.view.session, this.view.screen, one));
  }

  paint() {
    const { screen, words, state } = this.view, { chips } = this;
    const pressed = (/** @type {Kept} */ one) => String(alike(one.state, state));
    const button = (/** @type {Kept} */ one) => h("button", {
      type: "button", "aria-pressed": pressed(one),
      onclick: (/** @type {Event} */ event) => { this.recall(one); /** @type {HTMLElement} */ (event.target).focus(); },
    }, words.show(one.name));
    if (!focusIn(chips)) return chips.replaceChildren(...screen.kept.map((one) => h("li", {}, button(one))));
    const now = chips.querySelectorAll("button");
    now.forEach((chip, at) => chip.setAttribute("aria-pressed", pressed(screen.kept[at])));
  }
}
