// @ts-check
/** How each kind of field is drawn, and what is sent when something was typed into it. */

import { h } from "./dom.mjs";

/** @typedef {import("./dom.mjs").Drawn} Drawn */
/** @typedef {(string|number)[]} Path */
/**
 * @typedef {{kind: string, key: string, label: string, help?: string, fold?: boolean, needed?: boolean, options?: string, free?: boolean,
 *   keys?: string, lined?: boolean, plain?: string, default?: any, choices?: string[][], item?: any, fields?: any[], kinds?: any, ids?: boolean}} Field
 */
/**
 * @typedef {{lines?: boolean, act?: string, more?: () => object}} How what is sent, and what goes with it
 * @typedef {{state: any, lang: string, spoken: {code: string, called: string}[], touch: number, opened: Set<string>, locked: Set<string>, dialog: any,
 *   linked: boolean, typed: Set<string>, soon: (act: string, given: object) => void,
 *   t: (key: string, values?: Record<string, any>) => string, send: (act: string, given?: object) => void,
 *   draw: () => void, show: (dialog: any) => void, problem: (path: Path) => string}} App
 */

const IDLE = 1200;
/** A choice of more bytes than this is wider than a column. */
const LONG = 24;
/** Two sheets, one behind the other: not every font has a sign for it. */
const COPY = h("svg", { viewBox: "0 0 16 16", class: "kf-sign", "aria-hidden": "true" }, h("path", { d: "M5 5h8v8H5zM3 11V3h8" }));

/** A path as findings say it. @param {Path} path */
export const placed = (path) => path.map((step) => (typeof step === "number" ? `[${step + 1}]` : step)).join(".");

/** An id for a label to point at. @param {Path} path */
const idOf = (path) => `kf-${placed(path).replace(/[^\w]/g, "-")}`;

/**
 * What a box does: it tells what was typed when it is left, on Enter, and after a pause.
 * @param {App} app @param {Path} path @param {(box: any) => any} read @param {How} [how]
 */
export function typing(app, path, read, { lines = false, act = "set", more = () => ({}) } = {}) {
  const tell = (/** @type {any} */ box, idle = false) => {
    clearTimeout(box.waiting);
    const said = read(box), text = JSON.stringify(said);
    box.dirty = false;
    if (text === box.told && !(box.idle && !idle)) return;
    Object.assign(box, { told: text, idle });
    app.send(act, { path, said, idle, touch: `${placed(path)} ${app.touch}`, ...more() });
  };
  return {
    onfocus: (/** @type {any} */ { target }) => { Object.assign(target, { told: JSON.stringify(read(target)), idle: false }); },
    oninput: (/** @type {any} */ { target }) => {
      clearTimeout(target.waiting);
      target.dirty = true;
      target.waiting = setTimeout(() => tell(target, true), IDLE);
    },
    onchange: (/** @type {any} */ { target }) => tell(target),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" || event.isComposing || (lines && event.shiftKey)) return;
      event.preventDefault();
      tell(event.target);
    },
  };
}

/**
 * @param {App} app @param {Field} node @param {any} value @param {Path} path @param {string} [named] a name for readers
 * @param {How} [how] @returns {Drawn}
 */
export function control(app, node, value, path, named, how = {}) {
  const label = named ? { "aria-label": named } : { id: idOf(path) };
  const wrong = app.problem(path), said = wrong ? { "aria-invalid": "true", title: wrong } : {};
  const shared = { ...label, ...said, "data-at": placed(path) };
  if (node.kind === "text") return words(app, value, path, named ?? node.label, shared);
  if (node.kind === "bool") {
    return h("input", { ...shared, type: "checkbox", checked: Boolean(value ?? node.default === "true"),
      onchange: ({ target }) => app.send("set", { path, said: target.checked }) });
  }
  if (node.kind === "choice" || (node.options && !node.free && node.kind === "string")) return select(app, node, value, path, shared);
  if (node.kind === "date") return day(app, value, path, shared);
  const number = node.kind === "number";
  const colour = /^#[0-9a-f]{6}$/i.test(value ?? node.default ?? "") && h("i", { class: "kf-colour", style: `background:${value ?? node.default}` });
  const known = node.options && app.state.options[node.options];
  const inWords = (/** @type {string} */ text, /** @type {number} */ from) => (node.kind !== "strings" || !known ? text
    : text.split(/[,，、;；]/).map((one) => one.trim()).map((one) => known.find((/** @type {string[]} */ pair) => pair[from] === one)?.[1 - from] ?? one).join(", "));
  const list = node.free ? `${idOf(path)}-known` : null;
  const box = h("input", { ...shared, type: "text", list, value: inWords(value ?? "", 0), placeholder: shownDefault(node), autocomplete: "off",
    class: number ? "kf-number" : "", inputmode: number ? "decimal" : null, ...typing(app, path, (one) => inWords(one.value, 1), how) });
  if (node.free) return h("span", null, box, h("datalist", { id: list }, known.map((/** @type {string[]} */ [one]) => h("option", { value: one, key: one }))));
  return colour ? h("span", { class: "kf-with" }, box, colour) : box;
}

/** @param {Field} node */
const shownDefault = (node) => (node.default === undefined || typeof node.default === "object" ? "" : `${node.default}`);

/** A day, typed as it is written anywhere, or picked. @param {App} app @param {any} value @param {Path} path @param {object} shared */
function day(app, value, path, shared) {
  const pick = ({ target: { previousSibling: box } }) => { box.value = value ?? ""; box.showPicker(); };
  return h("span", { class: "kf-with kf-day" },
    h("input", { ...shared, type: "text", value: value ?? "", placeholder: app.t("day_as"), autocomplete: "off", ...typing(app, path, (box) => box.value) }),
    h("input", { type: "date", class: "kf-hidden", tabindex: -1, "aria-hidden": "true", onchange: ({ target }) => app.send("set", { path, said: target.value }) }),
    h("button", { type: "button", class: "kf-small", "aria-label": app.t("pick_day"), title: app.t("pick_day"), onclick: pick }, "▾"));
}

/** Words in the client's languages side by side, and in one more that has words of its own; the same in both stands once. */
function words(app, value, path, label, shared) {
  const now = value ?? { plain: true }, { spoken, state: { languages } } = app, [{ code: own }] = spoken;
  const boxes = (/** @type {any} */ box) => [...box.closest(".kf-words").querySelectorAll("textarea")];
  const read = (/** @type {any} */ box) => Object.fromEntries(boxes(box).map((one) => [one.lang, one.value]));
  const id = shared.id ?? "";
  const shown = spoken.filter(({ code }) => code === own || languages.includes(code) || !now.plain);
  return h("span", { class: "kf-words", "data-at": shared["data-at"] }, shown.map(({ code: lang, called }) => h("textarea", {
    ...shared, id: lang === own && id ? id : null, "data-at": null, lang, rows: 1, key: lang,
    "aria-label": lang === own && id ? null : `${label} (${called})`,
    placeholder: lang === own ? "" : (now.plain && now[own]) || called,
    value: now.plain && lang !== own ? "" : now[lang] ?? "", ...typing(app, path, read, { lines: true }),
  })));
}

/** @param {App} app @param {Field} node @param {any} value @param {Path} path @param {object} shared */
function select(app, node, value, path, shared) {
  const all = node.options ? app.state.options[node.options] : node.choices ?? [];
  const known = node.options === "cascade" ? all.filter(([one]) => one !== path[1]) : all;  // nothing stands above itself
  const default_ = known.find(([one]) => one === node.default)?.[1];
  const strange = value && !known.some(([one]) => one === value) ? [[value, value]] : [];
  const blank = value && (node.needed || value === node.default) ? [] : [["", default_ ?? app.t("unset")]];
  const shown = value === node.default ? known : known.filter(([one]) => one !== node.default);
  const title = shared.title ?? known.find(([one]) => one === (value ?? node.default))?.[1];
  const set = ({ target }) => app.send("set", { path, said: target.value });
  return h("select", { ...shared, title, value: value ?? "", onchange: set },
    [...blank, ...strange, ...shown].map(([one, label]) => h("option", { value: one, key: one }, label || one)));
}

/** A field with its label. @param {App} app @param {Field} node @param {any} value @param {Path} path @returns {Drawn} */
export function field(app, node, value, path) {
  const wide = ["text", "texts", "matrix"].includes(node.kind) ? "kf-wide" : "";
  if (node.kind === "object") return group(node, h("div", { class: "kf-grid" }, fields(app, node.fields ?? [], value ?? {}, path)));
  if (node.kind === "list") return list(app, node, value ?? [], path);
  if (node.kind === "map") return map(app, node, value ?? [], path);
  if (node.kind === "texts") return texts(app, node, value ?? [], path);
  if (node.kind === "curve") return h("div", { class: "kf-field kf-wide" });
  if (node.kind === "choices" || (node.kind === "strings" && node.options === "roles")) return choices(app, node, value, path);
  const wrong = app.problem(path), tick = node.kind === "bool";
  const label = h("label", { for: idOf(path) }, node.label), box = control(app, node, value, path);
  const long = box.tag === "select" && box.children.some((/** @type {any} */ one) => new TextEncoder().encode(one.children[0] ?? "").length > LONG);
  return h("div", { class: `kf-field ${wide} ${tick ? "kf-tick" : ""} ${long ? "kf-long" : ""}`, key: node.key }, tick ? [box, label] : [label, box],
    wrong ? h("small", { class: "kf-wrong" }, wrong) : node.help && h("small", null, node.help));
}

/** Fields one after the other; what is for the rarer case is folded away. */
export function fields(app, nodes, values, path) {
  const draw = (/** @type {Field[]} */ some) => some.map((node) => field(app, node, values[node.key], [...path, node.key]));
  const rare = nodes.filter((node) => node.fold), at = `more ${placed(path)}`;
  const filled = rare.some((node) => app.problem([...path, node.key]));
  return [...draw(nodes.filter((node) => !node.fold)),
    rare.length > 0 && h("details", { class: "kf-more kf-wide", key: at, open: filled }, h("summary", null, app.t("more")), h("div", { class: "kf-grid" }, draw(rare)))];
}

function group(node, ...inside) {
  return h("fieldset", { class: "kf-wide", key: node.key }, h("legend", null, node.label), node.help && h("small", null, node.help), inside);
}

function choices(app, node, value, path) {
  const known = node.choices ?? app.state.options[node.options], now = value ?? node.default ?? "", chosen = Array.isArray(now) ? now : now.split(", ").filter(Boolean);
  const ticked = (/** @type {any} */ box) => {  // what was ticked and not answered yet counts too
    const boxes = [...box.closest("fieldset").querySelectorAll("input")];
    box.dirty = true;
    return known.map(([each]) => each).filter((_, place) => boxes[place].checked);
  };
  const ticks = known.map(([one, label], place) => h("span", { key: one }, h("input", { type: "checkbox", id: `${idOf(path)}-${place}`, checked: chosen.includes(one),
    onchange: ({ target }) => { const said = ticked(target); app.send("set", { path, said: node.kind === "strings" ? said.join(", ") : said }); } }),
  h("label", { for: `${idOf(path)}-${place}` }, label)));
  return h("fieldset", { class: "kf-wide kf-choices", key: node.key, "data-at": placed(path) }, h("legend", null, node.label), ticks, node.help && h("small", null, node.help));
}

/** What can be done with an entry. @param {App} app @param {Path} path @param {string} name @param {{copy?: boolean, move?: boolean}} [may] */
export function actions(app, path, name, { copy = true, move = true } = {}) {
  const button = (/** @type {string} */ act, /** @type {any} */ sign, /** @type {any} */ given) =>
    h("button", { type: "button", class: `kf-small kf-${act}`, key: act, title: app.t(act), "aria-label": `${app.t(act)}: ${name}`, onclick: () => app.send(given.act, { path, ...given }) }, sign);
  return h("span", { class: "kf-actions" },
    move && button("up", "↑", { act: "move", by: -1 }), move && button("down", "↓", { act: "move", by: 1 }),
    copy && button("copy", COPY, { act: "copy" }), button("remove", "✕", { act: "remove" }));
}

/** Words in the form's language, else in another. @param {App} app @param {any} said */
export const saidIn = ({ spoken }, said) => spoken.map(({ code }) => said?.[code]).find(Boolean) ?? "";

/** What an entry is called. */
export const nameOf = (app, value, otherwise) => {
  const said = value?.name ?? value?.title ?? value?.what;
  const text = said && typeof said === "object" ? saidIn(app, said) : said;
  return text || otherwise;
};

/** What was chosen in the first field of an entry that asks for a choice: a role, a person, a finding. */
function chosenIn(app, nodes, value) {
  const [of] = nodes.filter((one) => value?.[one.key] && (one.options || one.choices) && ["string", "choice"].includes(one.kind));
  return of && (of.choices ?? app.state.options[of.options]).find(([one]) => one === value[of.key])?.[1];
}

/** What a box of a line looks like, which says how wide it is. @param {Field} one */
const looks = (one) => (one.options && !one.free ? "choice" : one.kind);

function list(app, node, values, path) {
  const boxed = (/** @type {Field} */ one) => ["number", "string", "choice", "date", "bool"].includes(one.kind);
  const short = node.lined || node.item.kind !== "object" || (node.item.fields.length <= 3 && node.item.fields.every(boxed));
  const entries = values.map((value, place) => {
    const own = [...path, value?.id ?? place], at = placed(own);
    const name = nameOf(app, value, chosenIn(app, node.item.fields ?? [], value) ?? `${place + 1}`);
    if (short) {
      const rest = node.lined ? node.item.fields.filter((one) => one.fold && one.key !== "id") : [];
      return h("div", { class: "kf-row", key: place, role: "group", "aria-label": `${node.label} ${place + 1}`, "data-entry": at },
        node.item.fields.filter((one) => !node.lined || !one.fold).map((one) => h("span", { key: one.key, class: `kf-as-${looks(one)}` },
          h("small", { "aria-hidden": "true" }, one.label),
          control(app, one, value?.[one.key], [...own, one.key], `${one.label} ${place + 1}`))),
        actions(app, own, name, { copy: false }),
        node.lined && h("details", { class: "kf-more kf-wide", key: "more" }, h("summary", { "aria-label": `${app.t("more")}: ${name}` }, app.t("more")),
          h("div", { class: "kf-grid" }, fields(app, rest.map((one) => ({ ...one, fold: false })), value, own), idField(app, value.id, own))));
    }
    const open = app.state.made === at || app.opened.has(at);
    return h("details", { class: "kf-entry", key: place, open, "data-entry": at }, h("summary", null, h("b", null, name)),
      h("div", { class: "kf-grid" }, fields(app, node.item.fields, value ?? {}, own)), actions(app, own, name));
  });
  const table = node.item.kind === "object" && node.item.fields.length > 2, columns = table && node.item.fields.filter((one) => !one.fold).map((one) => one.label);
  const lacking = node.key === "posts" && app.state.roles.some(([role]) => !values.some((one) => one.role === role));
  return group(node, h("div", { key: "entries", onpaste: table && ((event) => pasted(app, event, path)) },
    entries.length ? entries : h("p", { class: "kf-none" }, app.t("none_yet"))),
  h("p", { class: "kf-adds" }, h("button", { type: "button", onclick: () => app.send("add", { path }) }, `+ ${app.t("add")}`),
    lacking && h("button", { type: "button", onclick: () => app.send("posts") }, `+ ${app.t("all_posts")}`),
    table && h("button", { type: "button", onclick: () => app.show({ paste: path, columns }) }, app.t("paste"))));
}

/** Lines of a spreadsheet go into entries; one word is pasted as anywhere. @param {App} app @param {any} event @param {Path} path */
export function pasted(app, event, path) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const [at, column] = (event.target.closest("[data-at]")?.dataset.at ?? "").split(".").slice(path.length);
  event.target.blur();
  app.send("paste", { path, text, at: at ?? "", column: column ?? "name" });
}

function map(app, node, pairs, path) {
  const known = node.keys ? app.state.options[node.keys] : null;
  const entries = pairs.map(([key, value], place) => {
    const own = [...path, key], name = known?.find(([one]) => one === key)?.[1] ?? nameOf(app, value, key);
    const inside = node.item.kind === "object"
      ? h("div", { class: "kf-grid" }, fields(app, node.item.fields, value ?? {}, own), idField(app, key, own))
      : h("div", { class: "kf-field kf-wide" }, h("label", { for: idOf(own) }, name), control(app, { ...node.item, label: name }, value, own));
    return h("div", { class: "kf-entry kf-plain", key: place, role: "group", "aria-label": name, "data-entry": placed(own) }, inside, actions(app, own, name, { copy: false, move: false }));
  });
  const left = known?.filter(([one]) => !pairs.some(([key]) => key === one));
  const add = left
    ? left.map(([one, label]) => h("button", { type: "button", key: one, onclick: () => app.send("add", { path, given: { key: one } }) }, `+ ${label}`))
    : node.ids ? h("button", { type: "button", onclick: () => app.send("add", { path }) }, `+ ${app.t("add")}`) : adder(app, node, path);
  return group(node, entries, h("p", { class: "kf-adds" }, add));
}

/** A box for the key of an entry that has no name of its own. */
function adder(app, node, path) {
  const add = (/** @type {any} */ box) => { if (box.value.trim()) app.send("add", { path, given: { key: box.value.trim() } }); box.value = ""; };
  return [h("input", { type: "text", "aria-label": node.label, placeholder: app.t("new"), onchange: ({ target }) => add(target) }),
    h("button", { type: "button", onclick: ({ target }) => add(target.previousSibling) }, `+ ${app.t("add")}`)];
}

/** The id of an entry: whatever names it follows. @param {App} app @param {string} key @param {Path} path */
export function idField(app, key, path) {
  return h("div", { class: "kf-field", key: "kf-id" }, h("label", { for: `${idOf(path)}-id` }, app.t("id")),
    h("input", { type: "text", id: `${idOf(path)}-id`, value: key, onchange: ({ target }) => app.send("rename", { path, to: target.value }) }));
}

function texts(app, node, values, path) {
  return group(node, values.map((value, place) => h("div", { class: "kf-row", key: place },
    control(app, { kind: "text", key: "", label: node.label }, value, [...path, place], `${node.label} ${place + 1}`), actions(app, [...path, place], `${node.label} ${place + 1}`, { copy: false }))),
  h("button", { type: "button", onclick: () => app.send("add", { path }) }, `+ ${app.t("add")}`));
}
