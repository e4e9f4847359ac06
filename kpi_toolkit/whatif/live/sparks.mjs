// @ts-check
/**
 * Who crosses a cut as one weight moves through all its whole points: the official result, as the slider would give it.
 */

import { groupOf, movable, moved } from "./moves.mjs";
import { CENTI, total } from "./numbers.mjs";

/** @import { Session } from "./session.mjs" */
/** @import { Outcome, State } from "./types.mjs" */

/**
 * @typedef {object} Spark
 * @property {number[]} changes how many are in another tier than now, at each step
 * @property {number} low between this whole point
 * @property {number} high and this one nobody is
 * @property {{to: number, people: number[]}|null} next the nearest point at which somebody is, and who
 */

/**
 * One weight's spark, a step at a time, so that it can stop for whatever the user does.
 * @param {Session} session @param {State} state @param {Outcome} now @param {number} r @param {number} i
 * @param {Set<number>} [locked] @param {Set<number>} [typed] @param {number} [step] points
 * @returns {Generator<void, Spark>}
 */
export function* sparkSteps(session, state, now, r, i, locked = new Set(), typed = new Set(), step = 1) {
  const role = session.data.roles[r], from = state.weights[r];
  const others = groupOf(role, i).filter((at) => at !== i && movable(role.items[at]));
  const free = others.filter((at) => !locked.has(at)), here = from[i] / CENTI;
  if (others.length && !free.length) return { changes: [0], low: here, high: here, next: null }; // it cannot move
  const most = Math.floor(total([i, ...free].map((at) => from[at])) / CENTI);
  /** @type {Spark} */
  const found = { changes: [], low: 0, high: most, next: null };
  for (let to = 0; to <= most; to += step) {
    const move = { role: r, item: i, part: /** @type {const} */ ("weight"), to: to * CENTI };
    const { tier } = session.evaluate(moved(session, state, move, locked, from, typed));
    const people = session.data.people.flatMap((_, at) => (tier[at] !== now.tier[at] ? [at] : []));
    found.changes.push(people.length);
    if (people.length) {
      if (to < here) found.low = to + step;
      if (to > here && to <= found.high) found.high = to - step;
      if (!found.next || Math.abs(to - here) < Math.abs(found.next.to - here)) found.next = { to, people };
    }
    yield;
  }
  return { ...found, low: Math.min(found.low, here), high: Math.max(found.high, here) };
}
