// @ts-check
/** The form of a design in JupyterLab and Voilà: pages on the left, fields, and what is found, always in sight. */

import { h, patch } from "./dom.mjs";
import { actions, fields, placed } from "./fields.mjs";
import { roleView, sumOf } from "./table.mjs";

/**
 * @typedef {{get: (name: string) => any, on: (name: string, listener: (...given: any[]) => void) => void,
 *   off: (name: string, listener: (...given: any[]) => void) => void, send: (content: object) => void}} Model
 */

const PATIENCE = 3000, PULSE = 2000;
/** What was typed while Python was away waits in the browser for the form that is opened next. */
const TYPED = new Set(["set", "weigh", "rename"]);
/** So many errors of a kind are shown at once; more are folded. */
const FEW = 4;
/** In a window of no more than this, findings are folded at first. */
const NARROW = 760;

export class FormView {
  /** @param {Model} model @param {HTMLElement} root */
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.state = model.get("state");
    this.opened = new Set();
    this.locked = new Set();
    this.linked = false;
    this.typed = new Set();
    /** Of each clash whether ours stands. @type {boolean[]} */
    this.sides = [];
    /** What is asked once Python has answered: of a drag only the newest place. @type {(() => void)|null} */
    this.next = null;
    this.touch = 0;
    this.sent = 0;
    this.dead = false;
    /** @type {any} */
    this.dialog = null;
    /** What was typed on the way to an entry that is being made. @type {string|null} */
    this.early = null;
    /** @type {Map<number, any>} */
    this.waiting = new Map();
    this.late = () => { this.dead = true; this.keep(); this.draw(); };
    const pong = (/** @type {any} */ { n }) => this.answered(n);
    this.heard = Object.entries({ comm_live_update: this.late, "change:state": () => this.take(), "msg:custom": pong });
    for (const [name, listener] of this.heard) model.on(name, listener);
    /** What was typed and not told yet is told before the page goes. */
    this.leave = () => { if (this.root.contains(this.active)) this.active.dispatchEvent(new Event("change", { bubbles: true })); };
    addEventListener("pagehide", this.leave);
    addEventListener("beforeunload", this.leave);
    root.addEventListener("focusin", () => { this.touch += 1; });
    root.addEventListener("keydown", (event) => this.keys(event));
    /** A double click adds one entry, not two. */
    root.addEventListener("click", (event) => {
      if (event.detail > 1 && /** @type {HTMLElement} */ (event.target).closest(".kf-adds")) event.stopPropagation();
    }, true);
    this.pulse = setInterval(() => { if (!this.waiting.size) this.send("ping"); }, PULSE);
    this.draw();
    this.send("look");
    const waits = this.state.clients.find(([client]) => sessionStorage.getItem(`kpi-form ${client}`));
    if (waits && waits[0] !== this.state.client) this.send("client", { to: waits[0] });
    else this.again();
  }

  /** Send what was typed while nobody heard, in the form of the client that it is of. */
  again() {
    const typed = JSON.parse(sessionStorage.getItem(this.store) ?? "[]");
    sessionStorage.removeItem(this.store);
    for (const { do: act, ...given } of typed) this.send(act, given);
  }

  get store() { return `kpi-form ${this.state.client}`; }

  /** Keep what was typed and not heard. */
  keep() {
    const typed = [...this.waiting.values()].map(({ said }) => said).filter((said) => TYPED.has(said.do));
    if (typed.length) sessionStorage.setItem(this.store, JSON.stringify(typed));
  }

  get lang() { return this.model.get("language"); }

  /** The languages of texts, that of the form first; a form in another one writes the client's. */
  get spoken() {
    /** @type {{code: string, name: string, called: string, tag: string}[]} */
    const known = this.model.get("spoken"), first = known.some(({ code }) => code === this.lang) ? this.lang : this.state.languages[0];
    return [...known.filter(({ code }) => code === first), ...known.filter(({ code }) => code !== first)];
  }

  /** @param {string} key @param {Record<string, any>} [values] */
  t(key, values = {}) {
    let text = this.model.get("words")[key] ?? key;
    if (typeof text === "object") text = (values.n === 1 && text.one) || text.other;
    return text.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => `${values[name] ?? ""}`);
  }

  /** @param {string} act @param {object} [given] */
  send(act, given = {}) {
    const n = ++this.sent;
    if (act === "add") this.early = "";
    if (act !== "ping" && act !== "look") this.root.dataset.busy = "yes";
    const said = { file: this.state.file, ...given, do: act };
    this.waiting.set(n, { said, timer: setTimeout(this.late, PATIENCE) });
    if (this.dead) this.keep();
    try {
      this.model.send({ n, ...said });
    } catch {
      this.late();
    }
  }

  /** @param {string} act @param {object} given */
  soon(act, given) {
    if (this.root.dataset.busy) this.next = () => this.send(act, given); else this.send(act, given);
  }

  /** @param {number} n */
  answered(n) {
    for (const [one, { timer }] of this.waiting) if (one <= n) { clearTimeout(timer); this.waiting.delete(one); }
    if (!this.waiting.size) {
      delete this.root.dataset.busy;
      for (const box of this.root.querySelectorAll("input[type=checkbox]")) /** @type {any} */ (box).dirty = false;
      const { next } = this;
      this.next = null;
      next?.();
    }
    if (this.dead && !this.waiting.size) { this.dead = false; sessionStorage.removeItem(this.store); this.draw(); }
  }

  take() {
    const before = this.state;
    this.state = this.model.get("state");
    this.answered(this.state.answered ?? 0);
    if (this.state.client !== before.client) this.again();
    if (JSON.stringify(this.state.clashes) !== JSON.stringify(before.clashes)) this.sides = [];
    if (this.state.part !== before.part) { for (const some of [this.locked, this.opened, this.typed]) some.clear(); }
    const { made } = this.state, left = this.removers().indexOf(this.active);
    if (made && !made.startsWith("roles.")) this.opened.add(made);
    this.draw();
    if (this.state.part !== before.part && this.hidden) this.root.scrollIntoView();
    if (this.goal && this.goal.part === this.state.part) { this.focus(this.goal.at); this.goal = null; } else if (made) this.focus(made, true);
    if (left >= 0 && !this.root.contains(this.active)) (this.removers()[left] ?? this.removers().at(-1) ?? this.root.querySelector(".kf-main-pane button"))?.focus();
    if (!this.waiting.size) this.early = null;
    clearTimeout(this.later);
    if (this.state.changed !== before.changed || this.state.turn !== before.turn) this.later = setTimeout(() => this.send("look"), 900);
  }

  /** What has the focus. @returns {any} */
  get active() { return /** @type {any} */ (this.root.getRootNode()).activeElement; }

  /** Whether the heading of the page is behind what stays in sight above it. */
  get hidden() {
    const [bar, head] = [".kf-top", ".kf-main-pane h3"].map((one) => this.root.querySelector(one)?.getBoundingClientRect());
    return Boolean(bar && head && head.top < bar.bottom);
  }

  /** The buttons that take an entry away: where one is gone, the next one is where the hand is. @returns {any[]} */
  removers() { return [...this.root.querySelectorAll(".kf-remove")]; }

  /** Bring the field of a place into sight and into focus. @param {string} at @param {boolean} [fresh] */
  focus(at, fresh = false) {
    const parts = at.split(".");
    if (parts[0] === "roles" && parts[2] === "indicators" && parts.length > 4 && !fresh) {
      this.opened.add(this.state.values.indicators.findIndex((/** @type {any} */ one) => one.id === parts[3]));
      this.draw();
    }
    for (let depth = parts.length; depth > 0; depth--) {
      const place = CSS.escape(parts.slice(0, depth).join("."));
      const found = this.root.querySelector(`[data-at="${place}"]`) ?? this.root.querySelector(`[data-entry="${place}"]`);
      if (!found) continue;
      for (let fold = found.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
      const box = /** @type {any} */ (found.matches("input,select,textarea") ? found : found.querySelector("input:not([type=checkbox]),textarea,select") ?? found.querySelector("summary,button"));
      box?.focus({ preventScroll: true });
      box?.scrollIntoView({ block: "center" });
      if (fresh) box?.select?.();
      if (fresh && this.early && box?.select) {
        box.value = this.early;
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
      return;
    }
  }

  /** What is wrong at a place. @param {(string|number)[]} path */
  problem(path) {
    const at = placed(path);
    for (const { severity, items } of this.state.findings) {
      if (severity !== "error") continue;
      const found = items.find((/** @type {any} */ one) => one.at === at && one.part === this.state.part);
      if (found) return `${found.text} ${found.fix}`;
    }
    return "";
  }

  /** @param {KeyboardEvent} event */
  keys(event) {
    const boxed = /** @type {HTMLElement} */ (event.target).matches("input[type=text],textarea");
    const meta = event.ctrlKey || event.metaKey;
    if (this.early !== null && !boxed && !meta && (event.key.length === 1 || event.key === "Enter")) {
      event.preventDefault();
      if (event.key !== "Enter") this.early += event.key;
    }
    if (event.key === "Escape" && this.dialog) this.show(null);
    if (event.key === "Tab" && this.dialog) {
      const all = /** @type {any[]} */ ([...this.root.querySelectorAll(".kf-dialog :is(input,textarea,select,button)")]);
      event.preventDefault();
      all.at((all.indexOf(this.active) + (event.shiftKey ? -1 : 1)) % all.length)?.focus();
    }
    if (meta && event.key.toLowerCase() === "s") { event.preventDefault(); this.ask(); }
    if (meta && !boxed && event.key.toLowerCase() === "z") { event.preventDefault(); this.send(event.shiftKey ? "redo" : "undo"); }
  }

  ask() {
    this.leave();
    if (this.state.decided) return this.send("save");
    this.show({ save: true });
  }

  /** Open a dialog and go into it, or close it and go back to where it was opened. @param {any} dialog */
  show(dialog) {
    if (dialog) this.opener = this.active;
    this.dialog = dialog;
    this.draw();
    /** @type {any} */ (dialog ? this.root.querySelector(".kf-dialog :is(input,textarea)") : this.opener)?.focus();
  }

  draw() {
    if (this.dead) return patch(/** @type {Element} */ (this.root.querySelector(".kf-notes")), this.notes().children);
    const tabindex = this.state.part.startsWith("preview") ? 0 : -1;
    const pane = h("div", { class: "kf-main-pane", tabindex }, this.page());
    const body = h("div", { class: "kf-body" }, this.nav(), pane, this.findings());
    patch(this.root, [h("div", { class: "kf-top", key: "top" }, this.bar(), this.notes()), body, this.boxes()].filter((one) => one !== null));
  }

  bar() {
    const { state } = this, done = !state.changed && !state.clashes.length;
    const button = (/** @type {string} */ act, /** @type {boolean} */ off) => h("button", { type: "button", "aria-disabled": off, key: act, onclick: () => off || this.send(act) }, this.t(act));
    const pick = (/** @type {string} */ act, /** @type {string} */ value, /** @type {string[][]} */ known) => h("label", { key: act }, h("small", null, this.t(act)),
      h("select", { value, onchange: (/** @type {any} */ { target }) => this.send(act, { to: target.value }) }, known.map(([one, label]) => h("option", { value: one, key: one }, label))));
    return h("div", { class: "kf-bar", role: "toolbar", "aria-label": this.t("parts"), key: "bar" },
      pick("client", state.client, state.clients), pick("language", this.lang, this.model.get("spoken").map((/** @type {any} */ { code, name }) => [code, name])),
      h("span", { class: "kf-state" }, this.t(state.changed ? "kept" : "is_saved")), button("undo", !state.undo), button("redo", !state.redo),
      h("button", { type: "button", class: "kf-main", "aria-disabled": done, onclick: () => done || this.ask() }, this.t("save")));
  }

  notes() {
    const { note, clashes, taken } = this.state;
    return h("div", { key: "notes", class: "kf-notes" },
      h("p", { role: "alert", class: this.dead ? "kf-note kf-bad" : "kf-hidden", key: "dead" }, this.dead && this.t("dead")),
      h("p", { role: "status", class: note.text ? `kf-note ${note.bad ? "kf-bad" : "kf-good"}` : "kf-hidden", key: "note" }, note.text),
      taken.length > 0 && h("div", { class: "kf-note kf-good", key: "taken", role: "status" }, this.t("taken_over"), h("ul", null, taken.map((/** @type {any} */ one) =>
        h("li", null, [one.where, one.theirs.join("; ") || this.t("taken_out")].filter(Boolean).join(": "))))),
      clashes.length > 0 && this.clash(clashes));
  }

  /** What was changed here and by somebody else, side by side; one is chosen of each. @param {any[]} clashes */
  clash(clashes) {
    const side = (/** @type {any} */ one, /** @type {number} */ n, /** @type {string} */ name) => h("td", null, h("label", null,
      h("input", { type: "radio", name: `kf-clash-${n}`, checked: this.sides[n] === (name === "ours"), onchange: () => { this.sides[n] = name === "ours"; this.draw(); } }),
      h("pre", null, one[name].join("\n") || this.t("taken_out"))));
    const heads = ["where", "ours", "theirs"].map((name) => h("th", { scope: "col", key: name }, this.t(name)));
    return h("div", { class: "kf-note kf-bad", key: "clash" }, h("b", null, this.t("clash")), h("table", null, h("thead", null, h("tr", null, heads)),
      h("tbody", null, clashes.map((one, n) => h("tr", null, h("th", { scope: "row" }, one.where), side(one, n, "ours"), side(one, n, "theirs"))))),
      h("button", { type: "button", disabled: clashes.some((_, n) => this.sides[n] === undefined), onclick: () => this.send("save", { sides: this.sides }) }, this.t("settle")));
  }

  nav() {
    const open = this.state.part,
      within = (/** @type {string} */ at, /** @type {string} */ part) => at === part || (part !== "roles" && !part.includes("/") && at.startsWith(`${part}/`)),
      bad = (/** @type {string} */ part) => this.state.findings.some((/** @type {any} */ group) => group.severity === "error"
        && group.items.some((/** @type {any} */ one) => within(one.part, part)));
    const link = (/** @type {string} */ part, /** @type {string} */ label, /** @type {any} */ more) => h("button",
      { type: "button", "aria-current": within(open, part) ? "page" : null, onclick: () => this.send("open", { part }) },
      h("span", null, label), more, bad(part) && h("i", { class: "kf-dot", title: this.t("errors") }));
    return h("nav", { "aria-label": this.t("parts") }, this.model.get("parts").map(([part, label]) => [link(part, label, null),
      part === "roles" && this.state.roles.map(([role, name], place) => {
        const { sum, right } = this.state.sums[role] ?? {}, off = !right && h("small", { class: "kf-off" }, sum);
        return h("div", { class: "kf-sub", key: place }, link(`roles/${role}`, name, off));
      })]));
  }

  page() {
    return [...this.inside(), this.onward()];
  }

  /** The way to the next page: the pages can be gone through one by one. */
  onward() {
    const pages = this.model.get("parts").flatMap(([part, label]) => [[part, label], ...(part === "roles" ? this.state.roles.map(([role, name]) => [`roles/${role}`, name]) : [])]);
    const open = this.state.cycles ? this.state.part.split("/")[0] : this.state.part, next = pages[pages.findIndex(([part]) => part === open) + 1];
    return next && h("p", { class: "kf-next", key: "next" }, h("button", { type: "button", onclick: () => this.send("open", { part: next[0] }) }, `${this.t("next_page", { name: next[1] })} →`));
  }

  inside() {
    const { part, fields: nodes, values } = this.state, [group, role] = part.split("/");
    const label = this.model.get("parts").find(([one]) => one === group)?.[1];
    if (group === "roles" && role) return [h("h3", { key: "title" }, this.state.roles.find(([one]) => one === role)?.[1] ?? role), ...roleView(this.app, role)];
    if (group === "roles") return [h("h3", { key: "title" }, label), ...this.roles()];
    if (part.startsWith("preview")) {
      return [h("h3", { key: "title" }, label), this.state.preview
        ? h("iframe", { key: part, class: "kf-paper", title: label, sandbox: "", srcdoc: this.state.preview }) : h("p", { key: "none" }, this.t("no_preview"))];
    }
    if (this.state.cycles) {
      const { cycles, clients } = this.state, client = clients.find(([one]) => one === this.state.client)?.[1];
      const pick = h("label", { key: "cycle", class: "kf-cycle" }, h("small", null, this.t("cycle")), " ",
        h("select", { value: role, onchange: (/** @type {any} */ { target }) => this.send("open", { part: `${group}/${target.value}` }) },
        cycles.map((/** @type {string[]} */ [one, name]) => h("option", { value: one, key: one }, name))));
      return [h("h3", { key: "title" }, label), h("p", { key: "lead" }, this.t(!role ? "month_none" : nodes.length ? `${group}_lead` : "elsewhere", { client })), role && pick,
        h("div", { class: "kf-grid", key: part }, fields(this.app, nodes, values, []))];
    }
    return [h("h3", { key: "title" }, label), h("div", { class: "kf-grid", key: part }, fields(this.app, nodes, values, []))];
  }

  get app() { return /** @type {any} */ (this); }

  roles() {
    return [h("p", { key: "lead" }, this.t("roles_lead")), this.state.roles.map(([role, name]) => h("div", { class: "kf-roles", key: role, role: "group", "aria-label": name },
      h("button", { type: "button", class: "kf-link", onclick: () => this.send("open", { part: `roles/${role}` }) }, name), sumOf(this.app, role),
      actions(this.app, ["roles", role], name))),
    h("p", { class: "kf-adds", key: "adds" }, h("button", { type: "button", class: "kf-main", onclick: () => this.send("add", { path: ["roles"] }) }, `+ ${this.t("add_role")}`),
      h("button", { type: "button", onclick: () => this.show({ kind: "roles", path: ["roles"], search: "" }) }, this.t("from_library")),
      h("button", { type: "button", onclick: () => this.show({ paste: ["roles"], classes: this.state.options.classes }) }, this.t("paste")))];
  }

  findings() {
    const levels = ["error", "warning", "caution", "hint"];
    const under = (/** @type {any} */ one) => one.caution && one.severity === "error" ? "caution" : one.severity;
    const count = (/** @type {string} */ level) => this.state.findings
      .filter((/** @type {any} */ one) => under(one) === level)
      .reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.n, 0);
    const known = levels.flatMap((level) => this.state.findings.filter((/** @type {any} */ one) => under(one) === level))
      .flatMap((/** @type {any} */ one) => one.items).filter((/** @type {any} */ one) => one.part);
    const next = () => {
      const one = known[(known.findIndex((/** @type {any} */ each) => each.text === this.seen) + 1) % known.length];
      this.seen = one.text;
      this.go(one);
    };
    const said = levels.map((one) => [one, count(one)]).filter(([, n]) => n);
    return h("aside", { "aria-label": this.t("findings"), key: "findings" }, h("details", { open: innerWidth > NARROW }, h("summary", null, h("h4", { "aria-live": "polite" }, this.t("findings"),
      said.length ? said.map(([one, n]) => h("b", { class: `kf-is-${one}`, key: one }, this.t(`count_${one}`, { n }))) : h("span", null, this.t("clean")))),
    known.length > 0 && h("button", { type: "button", class: "kf-small", key: "next", onclick: next }, `${this.t("next_finding")} →`),
    [...levels, "muted"].map((level) => {
      const own = this.state.findings.filter((/** @type {any} */ one) => under(one) === level);
      return own.length > 0 && h("section", { key: level, class: `kf-is-${level}` }, h("h5", null, this.t(`${level}s`)),
        level === "error" && this.state.unread && h("p", null, this.t("unread")), own.map((/** @type {any} */ group) => this.group(group)));
    })));
  }

  /** @param {any} group */
  group(group) {
    const line = (/** @type {any} */ one, /** @type {number} */ place) => h("li", { key: place }, one.part
      ? h("button", { type: "button", class: "kf-link", onclick: () => this.go(one) }, one.text) : h("span", null, one.text), h("small", null, one.fix), !one.part && h("small", null, one.place));
    const more = group.n > group.items.length && h("li", { key: "more" }, `… ${group.n}`);
    const accept = group.mutable && h("button", { type: "button", class: "kf-small", title: group.code, onclick: () => this.send("accept", { code: group.code }) }, this.t("accept"));
    if (group.n === 1) return h("div", { key: group.code }, h("ul", null, line(group.items[0], 0)), accept);
    return h("details", { key: group.code, open: group.severity === "error" && group.n <= FEW }, h("summary", null, h("span", { class: "kf-clamp" },
      group.items[0].text, " ", h("b", null, this.t("and_more", { n: group.n - 1 })))), h("ul", null, group.items.map(line), more), accept);
  }

  /** @param {{part: string, at: string}} goal */
  go(goal) {
    if (goal.part === this.state.part) return this.focus(goal.at);
    this.goal = goal;
    this.send("open", { part: goal.part });
  }

  boxes() {
    const { dialog } = this, close = () => this.show(null);
    if (!dialog) return null;
    const inside = dialog.save ? this.saving(close) : dialog.paste ? this.pasting(close) : this.taking(close);
    return h("div", { class: "kf-dialog", role: "dialog", "aria-modal": "true", "aria-label": this.t(dialog.save ? "save" : dialog.paste ? "paste" : "from_library"), key: "dialog" },
      h("div", null, inside, h("button", { type: "button", class: "kf-close", onclick: close }, this.t("close"))));
  }

  /** @param {() => void} close */
  saving(close) {
    const save = (/** @type {boolean} */ fresh) => {
      const [by, why] = [...this.root.querySelectorAll(".kf-dialog input")].map((/** @type {any} */ one) => one.value);
      if (fresh && !by.trim()) return /** @type {any} */ (this.root.querySelector(".kf-dialog input"))?.focus();
      this.send("save", { by: fresh ? by : "", why });
      close();
    };
    return [h("h4", null, this.t("save_how")), ["by", "why"].map((key) => h("label", { key }, this.t(key), h("input", { type: "text",
      onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && !event.isComposing) save(true); } }))),
      h("p", { class: "kf-adds" }, h("button", { type: "button", class: "kf-main", onclick: () => save(true) },
        this.t("new_version", { n: this.state.next })), h("button", { type: "button", onclick: () => save(false) },
        this.t("same_version", { n: this.state.version })))];
  }

  /** @param {() => void} close */
  pasting(close) {
    const { paste: path, columns, classes } = this.dialog, box = (/** @type {string} */ one) => /** @type {any} */ (this.root.querySelector(`.kf-dialog ${one}`));
    const take = (/** @type {boolean} */ instead) => {
      const kind = classes && box("select").value;
      this.send("paste", { path, text: box("textarea").value, instead, besides: kind ? { class: kind } : {} });
      close();
    };
    const how = columns ? this.t("paste_how", { columns: columns.join(", ") }) : this.t("paste_roles");
    return [h("h4", null, this.t("paste")), h("p", null, how), h("textarea", { rows: 8, "aria-label": this.t("paste") }),
      classes && h("label", null, `${this.t("paste_besides")} `, h("select", null, h("option", { value: "" }, this.t("paste_ask")),
        classes.map((/** @type {string[]} */ [one, name]) => h("option", { value: one, key: one }, name)))),
      h("p", { class: "kf-adds" }, h("button", { type: "button", class: "kf-main", onclick: () => take(false) }, this.t("paste_take")),
        h("button", { type: "button", onclick: () => take(true) }, this.t("paste_instead")))];
  }

  /** @param {() => void} close */
  taking(close) {
    const { kind, search, path } = this.dialog, sought = search.toLowerCase();
    const cards = this.model.get("cards")[kind].filter((/** @type {string[]} */ card) => card.join(" ").toLowerCase().includes(sought));
    return [h("h4", null, this.t("from_library")), h("label", null, this.t("search"), h("input", { type: "text", value: search,
      oninput: (/** @type {any} */ { target }) => { this.dialog.search = target.value; this.draw(); } })),
      h("ul", { class: "kf-cards" }, cards.map(([card, name, more]) => h("li", { key: card }, h("span", null, h("b", null, name), h("small", null, more)),
        h("button", { type: "button", "aria-label": `${this.t("take")}: ${name}`, onclick: () => { this.send("add", { path,
          given: { card, key: kind === "roles" ? card : "" } }); close(); } }, this.t("take")))))];
  }

  close() {
    for (const event of ["pagehide", "beforeunload"]) removeEventListener(event, this.leave);
    clearInterval(this.pulse);
    clearTimeout(this.later);
    this.keep();
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    for (const [name, listener] of this.heard) this.model.off(name, listener);
  }
}

export default {
  /** What `anywidget` calls in JupyterLab and Voilà. @param {{model: Model, el: HTMLElement}} given */
  render({ model, el }) {
    const root = document.createElement("div");
    root.className = "kf";
    root.lang = model.get("tag");
    el.append(root);
    const view = new FormView(model, root);
    return () => { view.close(); root.remove(); };
  },
};
