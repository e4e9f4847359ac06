/** What a control sets: the state after one move, and what a control shows of a state. */

import { linked, withShare } from "./linking.mjs";
import { CENTI, FULL, fraction, reduced, toNumber } from "./numbers.mjs";

/** Tier shares as whole hundredths; the middle takes what further decimals leave. @param {string[]} shares */
export function inHundredths(shares) {
  const [top, , bottom] = shares.map((share) => Math.round(toNumber(fraction(share)) * CENTI));
  return [top, FULL - top - bottom, bottom];
}

/** Indicators left without the weight that a design asks for: a scenario may look at that, not keep or adopt it. */
export function weightless(session, state) {
  return session.data.roles.flatMap((role, r) => role.items.flatMap((item, i) =>
    (movable(item) && !item.may_weigh_nothing && !state.weights[r][i] ? [{ role: r, item: i, part: "weight" }] : [])));
}

/** The places whose weights are shared out together with `i`: the role's, or its block's. */
export function groupOf(role, i) {
  return role.items.flatMap((item, at) => (!item.outside && item.block === role.items[i].block ? [at] : []));
}

/** Whether an indicator has a weight of its own to move. */
export const movable = (item) => !item.outside && item.weight > 0;

/**
 * The state after one move. `from` are the weights that proportions are kept of (those when the slider was taken).
 * @param {Session} session @param {State} state
 * @param {{role: number, item?: number, part: "weight"|"target"|"cap"|"share"|"itemCap"|"tiers", to: any}} move
 * @param {Set<number>} [locked] @param {number[]} [from] @returns {State}
 */
export function moved(session, state, move, locked = new Set(), from = undefined) {
  const { role: r, item: i, part, to } = move;
  const swap = (rows, value) => rows.map((row, at) => (at === r ? row.map((old, place) => (place === i ? value : old)) : row));
  if (part === "target") return { ...state, targets: swap(state.targets, to) };
  if (part === "cap") return { ...state, caps: swap(state.caps, to) };
  if (part === "itemCap") return { ...state, itemCap: to };
  if (part === "tiers") return { ...state, shares: to.map((share) => reduced([BigInt(share), BigInt(CENTI)])) };
  const role = session.data.roles[r], start = from ?? state.weights[r], places = part === "share"
    ? role.items.flatMap((item, at) => (movable(item) ? [at] : []))
    : groupOf(role, i).filter((at) => at === i || movable(role.items[at]));
  const own = places.map((at) => start[at]);
  const shut = new Set(places.flatMap((at, place) => (locked.has(at) ? [place] : [])));
  const sides = new Set(places.flatMap((at, place) => (role.items[at].side === "process" ? [place] : [])));
  const found = part === "share" ? withShare(own, sides, to, shut) : linked(own, places.indexOf(i), to, shut);
  if (!found) return state;
  const weights = [...start];
  places.forEach((at, place) => { weights[at] = found[place]; });
  return { ...state, weights: state.weights.map((row, at) => (at === r ? weights : row)) };
}

/** What a control shows of a state, in hundredths: the value that a move of this kind sets. */
export function valueOf(session, state, { role: r, item: i, part }) {
  if (part === "weight") return state.weights[r][i];
  if (part === "target") return state.targets[r][i];
  if (part === "itemCap") return state.itemCap;
  if (part === "cap") return state.caps[r][i] ?? state.itemCap;
  return session.data.roles[r].items.reduce((sum, item, at) => sum + (movable(item) && item.side === "process" ? state.weights[r][at] : 0), 0);
}

/** The name of a control. */
export const keyOf = ({ role, item, part }) => `${role}|${item}|${part}`;
