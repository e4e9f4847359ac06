// @ts-check
/** A role: its own fields, and its indicators one line each; the rest of an indicator on opening. */

import { h } from "./dom.mjs";
import { actions, control, field, fields, idField, nameOf, pasted, placed, saidIn, typing } from "./fields.mjs";

/** @typedef {import("./fields.mjs").App} App */
/** @typedef {import("./dom.mjs").Drawn} Drawn */

/** What of an indicator stands in its line. */
const LINE = ["name", "unit", "class", "block", "weight", "target", "direction", "curve", "serves_goal", "source"];

/** What the columns of pasted lines are where no heading says it. */
const USUAL = ["name", "unit", "weight", "target", "direction", "curve", "standard", "source"];

/** @param {App} app @param {string} role @returns {Drawn[]} */
export function roleView(app, role) {
  const { fields: nodes, values } = app.state, path = ["roles", role];
  const table = nodes.find((node) => node.key === "indicators"), own = nodes.filter((node) => node.key !== "indicators");
  const items = values.indicators ?? [], blocked = app.state.options.blocks.length > 0;
  const columns = USUAL.map((key) => table.item.fields.find((one) => one.key === key).label);
  const paste = () => app.show({ paste: [...path, "indicators"], columns, classes: app.state.options.classes });
  return [
    h("div", { class: "kf-grid", key: "own" }, fields(app, own.slice(0, 3).map((one) => ({ ...one, fold: false })), values, path), idField(app, role, path)),
    h("h4", { key: "head" }, table.label, sumOf(app, role), h("label", { class: "kf-linked" },
      h("input", { type: "checkbox", checked: app.linked, onchange: ({ target }) => { app.linked = target.checked; app.typed.clear(); app.draw(); } }), app.t("linked"))),
    h("div", { class: `kf-table ${blocked ? "kf-blocked" : ""}`, key: "table", onpaste: (event) => pasted(app, event, [...path, "indicators"]) },
      h("div", { class: "kf-line kf-heads", "aria-hidden": "true" },
      LINE.filter((key) => blocked || key !== "block").map((key) => h("span", { class: `kf-c-${key}`, key }, table.item.fields.find((one) => one.key === key).label)),
      h("span", { class: "kf-c-acts" })),
    items.map((item, place) => line(app, table.item.fields, item, [...path, "indicators", item.id], role, place))),
    h("p", { class: "kf-adds", key: "adds" },
      h("button", { type: "button", class: "kf-main", onclick: () => app.send("add", { path: [...path, "indicators"] }) }, `+ ${app.t("add_indicator")}`),
      h("button", { type: "button", onclick: () => app.show({ kind: "indicators", path: [...path, "indicators"], search: "" }) }, app.t("from_library")),
      h("button", { type: "button", onclick: paste }, app.t("paste"))),
    h("div", { class: "kf-grid", key: "rest" }, fields(app, own.slice(3), values, path)),
  ];
}

/** What the weights come to, always in sight. @param {App} app @param {string} role */
export function sumOf(app, role) {
  const { sum, right, blocks } = app.state.sums[role] ?? { sum: "0", right: false, blocks: [] };
  return h("span", { class: `kf-sum ${right ? "" : "kf-off"}`, role: "status" }, app.t("sum", { sum }), blocks.map((/** @type {string} */ one) => ` · ${one}`),
    !right && h("button", { type: "button", class: "kf-small", onclick: () => app.send("balance", { role, locked: [...app.locked] }) }, app.t("balance")));
}

function line(app, nodes, item, path, role, place) {
  const at = placed(path), name = nameOf(app, item, item.id), open = app.opened.has(place);
  const node = (/** @type {string} */ key) => nodes.find((one) => one.key === key);
  const cell = (/** @type {string} */ key, /** @type {any} */ how = {}) => h("span", { class: `kf-c-${key}`, key },
    h("small", { "aria-hidden": "true" }, node(key).label), control(app, node(key), item[key], [...path, key], `${node(key).label}: ${name}`, how));
  const lock = h("input", { type: "checkbox", class: "kf-lock", checked: app.locked.has(item.id), title: app.t("lock"), "aria-label": `${app.t("lock")}: ${name}`,
    onchange: ({ target }) => { if (target.checked) app.locked.add(item.id); else app.locked.delete(item.id); app.draw(); } });
  const weight = cell("weight", app.linked ? { act: "weigh", more: () => giving(app, item.id) } : {});
  weight.children.push(lock);
  if (app.linked) weight.children.push(slider(app, item, [...path, "weight"], `${node("weight").label}: ${name}`));
  return h("div", { class: `kf-item ${open ? "kf-opened" : ""}`, key: place, role: "group", "aria-label": name, "data-entry": at }, h("div", { class: "kf-line" },
    oneLanguage(app, node("name"), item.name, [...path, "name"], name), oneLanguage(app, node("unit"), item.unit ?? null, [...path, "unit"], name),
    cell("class"), app.state.options.blocks.length > 0 && cell("block"), weight, cell("target"), cell("direction"),
    curveCell(app, item, path, name, node("curve").label), cell("serves_goal"),
    oneLanguage(app, node("source"), item.source ?? null, [...path, "source"], name),
    h("span", { class: "kf-c-acts", key: "acts" },
      h("button", { type: "button", class: "kf-small", "aria-expanded": `${open}`, title: app.t("open"),
        "aria-label": `${app.t("open")}: ${name}`, onclick: () => turn(app, place) }, open ? "▾" : "▸"),
      h("button", { type: "button", class: "kf-small kf-remove", title: app.t("remove"), "aria-label": `${app.t("remove")}: ${name}`, onclick: () => app.send("remove", { path }) }, "✕"))),
  open && details(app, nodes, item, path, role, name));
}

/** Which weights stay where one is typed: those locked, and those typed before, until the whole form has been typed. */
function giving(app, id) {
  app.typed.delete(id);
  if (app.state.values.indicators.every((one) => one.id === id || app.typed.has(one.id) || app.locked.has(one.id))) app.typed.clear();
  const locked = [...app.locked, ...app.typed];
  app.typed.add(id);
  return { locked };
}

function slider(app, item, path, label) {
  const drag = (/** @type {any} */ box) => app.soon("weigh", { path, said: box.value, touch: `${placed(path)} drag ${app.touch}`, locked: [...app.locked], held: [...app.typed] });
  return h("input", { type: "range", min: 0, max: 100, step: 1, value: `${item.weight ?? 0}`, "aria-label": label,
    oninput: ({ target }) => { target.dirty = true; drag(target); }, onchange: ({ target }) => { target.dirty = false; drag(target); app.touch += 1; } });
}

function turn(app, place) {
  if (app.opened.has(place)) app.opened.delete(place); else app.opened.add(place);
  app.draw();
}

/** In a line stands what the form's language says; other languages are in the details. */
function oneLanguage(app, node, value, path, name) {
  const now = value ?? { ...node.default, plain: true }, { spoken } = app, [{ code: own }] = spoken;
  const kept = now.plain ? {} : Object.fromEntries(spoken.map(({ code }) => [code, now[code] ?? ""]));
  const read = (/** @type {any} */ box) => ({ ...kept, [own]: box.value });
  const wrong = app.problem(path);
  return h("span", { class: `kf-c-${node.key}`, key: node.key }, h("small", { "aria-hidden": "true" }, node.label),
    h("input", { type: "text", "data-at": placed(path), "aria-label": `${node.label}: ${name}`,
    title: wrong || null, "aria-invalid": wrong ? "true" : null,
    value: value ? saidIn(app, now) : "", placeholder: value ? "" : now[own] ?? "", ...typing(app, path, read) }));
}

function details(app, nodes, item, path, role, name) {
  const others = app.state.roles.filter(([one]) => one !== role), spoken = new Set([app.lang, ...app.state.languages]);
  const rest = nodes.filter((node) => node.key !== "id" && (!LINE.includes(node.key) || (node.kind === "text" && (spoken.size > 1 || !(item[node.key]?.plain ?? true)))));
  return h("div", { class: "kf-details" }, h("div", { class: "kf-grid" }, curveDetails(app, nodes.find((one) => one.key === "curve"), item, path, name),
    fields(app, rest, item, path), idField(app, item.id, path),
    others.length > 0 && h("div", { class: "kf-field", key: "carry" }, h("label", { for: `kf-carry-${item.id}` }, app.t("carry")),
      h("select", { id: `kf-carry-${item.id}`, value: "", onchange: ({ target }) => app.send("carry", { path, role: target.value }) },
        h("option", { value: "" }, app.t("unset")), others.map(([one, label]) => h("option", { value: one, key: one }, label)))),
    h("div", { class: "kf-field", key: "acts" }, actions(app, path, name))));
}

/** Whether a curve is the one that holds where nothing is said. @param {any} now */
const isUsual = (now) => now === "ratio" || (now && !now.use && now.kind === "ratio" && Object.keys(now).length === 1);

const PICTURE = "0 0 120 44";

function curveCell(app, item, path, name, label) {
  const drawn = app.state.pictures[item.id];
  return h("span", { class: "kf-c-curve", key: "curve" }, h("small", { "aria-hidden": "true" }, label), curveSelect(app, item, path, name),
    drawn?.path && h("svg", { viewBox: PICTURE, class: "kf-picture", "aria-hidden": "true" }, h("path", { d: drawn.path })),
    drawn?.says && h("small", { class: "kf-numbers", title: drawn.says }, drawn.says));
}

function curveSelect(app, item, path, name) {
  const known = app.state.options.curves, now = item.curve, called = typeof now === "string" ? now : now?.use ?? now?.kind;
  const plain = app.state.kinds.map(([kind, label]) => [kind, app.t("own_numbers", { kind: label })]);
  const all = [...known, ...plain], strange = called && !all.some(([one]) => one === called) ? [[called, called]] : [];
  return h("select", { "data-at": placed([...path, "curve"]), "aria-label": app.t("curve_of", { name }), value: !called || called === known[0][0] || isUsual(now) ? "" : called,
    onchange: ({ target }) => app.send("set", { path: [...path, "curve", "use"], said: target.value || null }) },
    h("option", { value: "" }, known[0][1]), [...known.slice(1), ...plain, ...strange].map(([one, label]) => h("option", { value: one, key: one }, label)));
}

/** The numbers of a curve, all that its kind has; changed ones are written beside its name. */
function curveDetails(app, node, item, path, name) {
  const drawn = app.state.pictures[item.id];
  if (!drawn) return null;
  const { curve } = drawn, called = app.state.options.curves.find(([one]) => one === curve.named);
  const nodes = node.kinds[curve.kind], own = [...path, "curve"];
  const pairs = (/** @type {any} */ one) => {
    const cells = one.item.fields.map(({ key }) => key), held = Array.isArray(curve[one.key]) ? curve[one.key] : [];
    const text = held.map((entry) => cells.map((key) => entry[key]).filter(Boolean).join(" → ")).join("; ");
    const read = (/** @type {any} */ box) => pairsOf(box.value, cells.length).map((ends) => Object.fromEntries(cells.map((key, place) => [key, ends[place] ?? ""])));
    const wrong = held.flatMap((_, place) => cells.map((key) => app.problem([...own, one.key, place, key]))).find(Boolean);
    return h("div", { class: "kf-field kf-wide", key: one.key }, h("label", { for: `kf-${item.id}-${one.key}` }, `${one.label} (${one.item.fields.map(({ label }) => label).join(" → ")})`),
      h("input", { type: "text", id: `kf-${item.id}-${one.key}`, value: text, "aria-invalid": wrong ? "true" : null, ...typing(app, [...own, one.key], read) }),
    wrong && h("small", { class: "kf-wrong" }, wrong));
  };
  return h("fieldset", { class: "kf-wide", key: "curve" }, h("legend", null, app.t("curve_of", { name })),
    called && h("small", null, called[2]), drawn.says && h("p", null, drawn.says), h("div", { class: "kf-with" }, drawn.path &&
      h("svg", { viewBox: PICTURE, class: "kf-picture kf-large", "aria-hidden": "true" }, h("path", { d: drawn.path })),
      h("div", { class: "kf-grid" }, nodes.map((one) => (one.kind === "list" ? pairs(one) : field(app, { ...one, fold: false }, inOneLine(curve[one.key]), [...own, one.key]))))));
}

/**
 * The pairs of a line: "80 → 60; 100 → 100", with signs of either language. Commas stand between pairs, or between the
 * two numbers of one; a third number stays with the second, so that it is found and not lost.
 * @param {string} line @param {number} size @returns {string[][]}
 */
export function pairsOf(line, size) {
  const cut = (/** @type {string} */ text, /** @type {RegExp} */ at) => text.split(at).map((part) => part.trim()).filter(Boolean);
  const inside = (/** @type {string} */ part) => cut(part, /→|->|[:：\s]+/);
  const parts = cut(line, /[;；\n]/), others = cut(line, /[,，、]/);
  const pairs = parts.length === 1 && others.every((part) => inside(part).length === size) ? others : parts;
  return pairs.map((part) => (inside(part).length > 1 ? inside(part) : cut(part, /[,，、]/)))
    .map((ends) => (ends.length > size ? [...ends.slice(0, size - 1), ends.slice(size - 1).join(" ")] : ends));
}

/** Numbers of a curve as they are typed. @param {any} value */
const inOneLine = (value) => (!Array.isArray(value) ? value : value.map((one) => (Array.isArray(one) ? one.join(" ") : one)).join(Array.isArray(value[0]) ? "; " : ", "));

