// @ts-check
/** What a control sets: the state after one move, and what a control shows of a state. */

import { linked, withShare } from "./linking.mjs";
import { CENTI, FULL, fraction, reduced, toNumber, total } from "./numbers.mjs";

/** @import { Session } from "./session.mjs" */
/** @import { Item, Move, Role, State, Written } from "./types.mjs" */

/** Values with one of them set. @template T @param {T[]} values @param {number} at @param {T} value */
export const put = (values, at, value) => values.map((old, place) => (place === at ? value : old));

/** Whether an indicator has a weight of its own to move. @param {Item} item */
export const movable = (item) => !item.outside && item.weight > 0;

/** The name of a control. @param {Move} move */
export const keyOf = ({ role, item, part }) => `${role}|${item}|${part}`;

/**
 * The places whose weights are shared out together with `i`: the role's, or its block's.
 * @param {Role} role @param {number} i
 */
export function groupOf(role, i) {
  return role.items.flatMap((item, at) => (!item.outside && item.block === role.items[i].block ? [at] : []));
}

/** Places of indicators that weigh, all or (`side`) those of one side. @param {Role} role @param {string} [side] */
export function weighing(role, side) {
  return role.items.flatMap((item, at) => (movable(item) && (!side || item.side === side) ? [at] : []));
}

/** The weights that move together with a control's. @param {Role} role @param {Move} move */
function together(role, { item: i, part }) {
  if (part === "share" || i === undefined) return weighing(role);
  return groupOf(role, i).filter((at) => at === i || movable(role.items[at]));
}

/**
 * A role's weights after one move, or null where locks leave no way.
 * @param {Role} role @param {number[]} start @param {Move & {to: number}} move
 * @param {Set<number>} locked @param {Set<number>} typed
 */
function movedWeights(role, start, move, locked, typed) {
  const places = together(role, move), own = places.map((at) => start[at]);
  const within = (/** @type {(at: number) => boolean} */ holds) =>
    new Set(places.flatMap((at, place) => (holds(at) ? [place] : [])));
  const shut = within((at) => locked.has(at)), held = within((at) => typed.has(at));
  const side = within((at) => role.items[at].side === "process");
  const found = move.part === "share"
    ? withShare(own, side, move.to, new Set([...shut, ...held])) ?? withShare(own, side, move.to, shut)
    : linked(own, places.indexOf(/** @type {number} */ (move.item)), move.to, shut, held);
  if (!found) return null;
  const weights = [...start];
  places.forEach((at, place) => { weights[at] = found[place]; });
  return weights;
}

/**
 * The state after one move. `from` are the weights that proportions are kept of (those when the slider was taken);
 * those `typed` stay as long as others can give way.
 * @param {Session} session @param {State} state @param {Move & {to: number}} move
 * @param {Set<number>} [locked] @param {number[]} [from] @param {Set<number>} [typed] @returns {State}
 */
export function moved(session, state, move, locked = new Set(), from = undefined, typed = new Set()) {
  const { role: r, item: i, part, to } = move;
  if (part === "target") return { ...state, targets: put(state.targets, r, put(state.targets[r], i ?? 0, to)) };
  if (part === "cap") return { ...state, caps: put(state.caps, r, put(state.caps[r], i ?? 0, to)) };
  if (part === "itemCap") return { ...state, itemCap: to };
  const weights = movedWeights(session.data.roles[r], from ?? state.weights[r], move, locked, typed);
  return weights ? { ...state, weights: put(state.weights, r, weights) } : state;
}

/** The state with other tier shares. @param {State} state @param {number[]} shares in hundredths @returns {State} */
export function withTiers(state, shares) {
  return { ...state, shares: shares.map((share) => reduced([BigInt(share), BigInt(CENTI)])) };
}

/** Tier shares as whole hundredths; the middle takes what further decimals leave. @param {Written[]} shares */
export function inHundredths(shares) {
  const [top, , bottom] = shares.map((share) => Math.round(toNumber(fraction(share)) * CENTI));
  return [top, FULL - top - bottom, bottom];
}

/** What a control shows of a state, in hundredths. @param {Session} session @param {State} state @param {Move} move */
export function valueOf(session, state, { role: r, item: i = 0, part }) {
  if (part === "weight") return state.weights[r][i];
  if (part === "target") return state.targets[r][i];
  if (part === "itemCap") return state.itemCap;
  if (part === "cap") return state.caps[r][i] ?? state.itemCap;
  return total(weighing(session.data.roles[r], "process").map((at) => state.weights[r][at]));
}

/**
 * Indicators left without the weight that a design asks for: a scenario may look at that, not keep or adopt it.
 * @param {Session} session @param {State} state
 */
export function weightless(session, state) {
  return session.data.roles.flatMap((role, r) => weighing(role)
    .filter((i) => !role.items[i].may_weigh_nothing && !state.weights[r][i])
    .map((i) => ({ role: r, item: i, part: /** @type {const} */ ("weight") })));
}
