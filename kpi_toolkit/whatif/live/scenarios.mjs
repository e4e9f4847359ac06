/** A scenario: what differs from the agreed state, as data and as the text of a file. */

import { movable } from "./moves.mjs";
import { CENTI, fraction, reduced, toNumber } from "./numbers.mjs";

/** What a state changes against the agreed one, as a scenario file declares it. @param {Session} session @param {State} state */
export function scenarioOf(session, state) {
  const { agreed, data } = session, found = {};
  const differing = (now, then, only = false) => {
    const parts = {};
    data.roles.forEach((role, r) => {
      const changed = role.items.some((_, i) => now[r][i] !== then[r][i]);
      const rows = role.items.flatMap((item, i) =>
        (now[r][i] !== then[r][i] || (changed && !only && movable(item))) && now[r][i] !== null ? [[item.id, now[r][i] / CENTI]] : []);
      if (changed && rows.length) parts[role.id] = Object.fromEntries(rows);
    });
    return Object.keys(parts).length ? parts : null;
  };
  const weights = differing(state.weights, agreed.weights);
  const targets = differing(state.targets, agreed.targets, true), caps = differing(state.caps, agreed.caps, true);
  if (state.itemCap !== agreed.itemCap) found.item_cap = state.itemCap / CENTI;
  if (state.shares.join() !== agreed.shares.join()) found.shares = state.shares.map((share) => toNumber(fraction(share)));
  if (weights) found.weights = weights;
  if (targets) found.targets = targets;
  if (caps) found.caps = caps;
  return found;
}

/** The state that a scenario's changes make; what it names and the data do not have is left out. */
export function stateOf(session, scenario) {
  const { agreed, data } = session;
  const taken = (then, part) => then.map((row, r) => row.map((old, i) => {
    const value = scenario[part]?.[data.roles[r].id]?.[data.roles[r].items[i].id];
    return value === undefined ? old : Math.round(value * CENTI);
  }));
  return {
    weights: taken(agreed.weights, "weights"), targets: taken(agreed.targets, "targets"), caps: taken(agreed.caps, "caps"),
    itemCap: scenario.item_cap === undefined || scenario.item_cap === null ? agreed.itemCap : Math.round(scenario.item_cap * CENTI),
    shares: scenario.shares ? scenario.shares.map((share) => reduced([BigInt(Math.round(share * CENTI)), BigInt(CENTI)])) : [...agreed.shares],
  };
}

/**
 * A scenario as the text of its file: what `kpi whatif --import` reads. It is one value: what is shown, what it is called,
 * who asked and why, and how the weights were found.
 * @param {Session} session @param {{state: State, name: any, asked_by?: string, why?: string, elicited?: any[]}} scenario
 */
export function scenarioText(session, { state, name, asked_by = "", why = "", elicited = [] }) {
  const { data } = session, found = scenarioOf(session, state);
  const quoted = (text) => JSON.stringify(text.replace(/[\u0000-\u001f\u007f]/g, " ").trim());
  const called = name.zh === name.en ? quoted(name.zh) : `{ zh = ${quoted(name.zh)}, en = ${quoted(name.en)} }`;
  const lines = ["schema = 1", `name = ${called}`, `client = ${quoted(data.client)}`, `cycle = ${quoted(data.cycle)}`,
    `design_version = ${data.version}`, `design = ${quoted(data.design)}`];
  if (asked_by) lines.push(`asked_by = ${quoted(asked_by)}`);
  if (why) lines.push(`why = ${quoted(why)}`);
  if (found.item_cap !== undefined) lines.push(`item_cap = ${found.item_cap}`);
  if (found.shares) lines.push(`shares = [${found.shares.join(", ")}]`);
  for (const part of ["weights", "targets", "caps"]) {
    for (const [role, own] of Object.entries(found[part] ?? {})) {
      lines.push("", `[${part}.${role}]`, ...Object.entries(own).map(([item, value]) => `${item} = ${value}`));
    }
  }
  for (const { role, method, said, consistency } of elicited) {
    lines.push("", "[[elicited]]", `role = ${quoted(role)}`, `method = ${quoted(method)}`, `said = ${quoted(said)}`);
    if (consistency !== null && consistency !== undefined) lines.push(`consistency = ${consistency}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A kept scenario as Python hands it over, with the state it makes; it is a file already, so nothing of it can be lost. */
export function keptOf(session, { id, name, changes, asked_by = "", why = "", elicited = [] }) {
  return { key: id, name, asked_by, why, elicited, state: stateOf(session, changes), safe: true };
}

/** How a role's weights were found, as long as they are those that were found. */
export function stillElicited(session, { elicited, state }, now) {
  return elicited.filter(({ role }) => {
    const r = session.data.roles.findIndex((one) => one.id === role);
    return r >= 0 && state.weights[r].join() === now.weights[r].join();
  });
}
