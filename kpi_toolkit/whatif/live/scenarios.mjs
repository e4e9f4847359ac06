// @ts-check
/** A scenario: what differs from the agreed state, as data and as the text of a file. */

import { movable } from "./moves.mjs";
import { CENTI, fraction, reduced, toNumber } from "./numbers.mjs";

/** @import { Session } from "./session.mjs" */
/** @import { ByItem, Changes, Elicited, Kept, Role, Scenario, State, Told } from "./types.mjs" */

/** @typedef {"weights"|"targets"|"caps"} Part */
const CHANGEABLE = /** @type {const} */ (["weights", "targets", "caps"]);

/**
 * What differs of a role, by indicator. Weights are told all together, as they only hold together.
 * @param {Role} role @param {Part} part @param {(number|null)[]} now @param {(number|null)[]} then
 */
function differing(role, part, now, then) {
  const all = part === "weights" && role.items.some((_, i) => now[i] !== then[i]);
  return Object.fromEntries(role.items.flatMap((item, i) => {
    const value = now[i], told = value !== then[i] || (all && movable(item));
    return told && value !== null ? [[item.id, value / CENTI]] : [];
  }));
}

/**
 * What a state changes against the agreed one, as a scenario file declares it.
 * @param {Session} session @param {State} state
 */
export function scenarioOf({ agreed, data }, state) {
  /** @type {Changes} */
  const found = {};
  if (state.itemCap !== agreed.itemCap) found.item_cap = state.itemCap / CENTI;
  const shares = state.shares.map((share) => toNumber(fraction(share)));
  if (state.shares.join() !== agreed.shares.join()) found.shares = shares;
  for (const part of CHANGEABLE) {
    const roles = data.roles.map((role, r) => [role.id, differing(role, part, state[part][r], agreed[part][r])]);
    const changed = roles.filter(([, own]) => Object.keys(own).length);
    if (changed.length) found[part] = /** @type {ByItem} */ (Object.fromEntries(changed));
  }
  return found;
}

/**
 * The state that a scenario's changes make; what it names and the data do not have is left out.
 * @param {Session} session @param {Changes} changes @returns {State}
 */
export function stateOf({ agreed, data }, changes) {
  /** @type {<T>(then: T[][], part: Part) => (T|number)[][]} */
  const taken = (then, part) => then.map((row, r) => row.map((old, i) => {
    const value = changes[part]?.[data.roles[r].id]?.[data.roles[r].items[i].id];
    return value === undefined ? old : Math.round(value * CENTI);
  }));
  const shares = changes.shares?.map((share) => reduced([BigInt(Math.round(share * CENTI)), BigInt(CENTI)]));
  return {
    weights: taken(agreed.weights, "weights"), targets: taken(agreed.targets, "targets"),
    caps: taken(agreed.caps, "caps"), shares: shares ?? [...agreed.shares],
    itemCap: Math.round((changes.item_cap ?? agreed.itemCap / CENTI) * CENTI),
  };
}

/** A text in quotes, on one line. @param {string} text */
const quoted = (text) => JSON.stringify(text.replace(/[\u0000-\u001f\u007f]/g, " ").trim());

/** @param {Session} session @param {Scenario} scenario */
function headLines({ data }, { name, asked_by, why }) {
  const said = Object.entries(name), [[, first]] = said;
  const apart = said.map(([language, text]) => `${language} = ${quoted(text)}`).join(", ");
  const called = said.every(([, text]) => text === first) ? quoted(first) : `{ ${apart} }`;
  return [
    "schema = 1", `name = ${called}`, `client = ${quoted(data.client)}`, `cycle = ${quoted(data.cycle)}`,
    `design_version = ${data.version}`, `design = ${quoted(data.design)}`,
    ...(asked_by ? [`asked_by = ${quoted(asked_by)}`] : []), ...(why ? [`why = ${quoted(why)}`] : []),
  ];
}

/** @param {Changes} changes */
function changedLines(changes) {
  const parts = CHANGEABLE.flatMap((part) => Object.entries(changes[part] ?? {}).flatMap(([role, own]) =>
    ["", `[${part}.${role}]`, ...Object.entries(own).map(([item, value]) => `${item} = ${value}`)]));
  return [
    ...(changes.item_cap === undefined ? [] : [`item_cap = ${changes.item_cap}`]),
    ...(changes.shares ? [`shares = [${changes.shares.join(", ")}]`] : []), ...parts,
  ];
}

/** @param {Elicited} record */
function elicitedLines({ role, method, said, consistency = null }) {
  const lines = ["", "[[elicited]]", `role = ${quoted(role)}`, `method = ${quoted(method)}`, `said = ${quoted(said)}`];
  return consistency === null ? lines : [...lines, `consistency = ${consistency}`];
}

/**
 * A scenario as the text of its file: what `kpi whatif --import` reads. It is one value: what is shown, what it is
 * called, who asked and why, and how the weights were found.
 * @param {Session} session @param {Scenario} scenario
 */
export function scenarioText(session, scenario) {
  const changed = changedLines(scenarioOf(session, scenario.state)), records = scenario.elicited ?? [];
  return `${[...headLines(session, scenario), ...changed, ...records.flatMap(elicitedLines)].join("\n")}\n`;
}

/**
 * A kept scenario as Python hands it over, with the state it makes; it is a file already, so nothing of it can be lost.
 * @param {Session} session @param {Told} told @returns {Kept}
 */
export function keptOf(session, { id, name, changes, asked_by = "", why = "", elicited = [] }) {
  return { key: id, name, asked_by, why, elicited, state: stateOf(session, changes), safe: true };
}

/**
 * How a role's weights were found, as long as they are those that were found.
 * @param {Session} session @param {Kept} kept @param {State} now
 */
export function stillElicited({ data }, { elicited, state }, now) {
  return elicited.filter(({ role }) => {
    const r = data.roles.findIndex((one) => one.id === role);
    return r >= 0 && state.weights[r].join() === now.weights[r].join();
  });
}
