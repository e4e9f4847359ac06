/** Who crosses a cut as one weight moves through all its whole points. */

import { groupOf, movable, moved } from "./moves.mjs";
import { CENTI } from "./numbers.mjs";

/**
 * How many people are in another tier than now at each whole-point weight of an indicator, and between which weights
 * nobody is: the official result, as the slider would give it.
 * @returns {{changes: number[], low: number, high: number, next: {to: number, people: number[]}|null}}
 */
export function spark(...given) {
  const steps = sparkSteps(...given);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same, one weight at a time, so that it can stop for whatever the user does. */
export function* sparkSteps(session, state, now, r, i, locked = new Set(), step = 1) {
  const role = session.data.roles[r], from = state.weights[r];
  const room = groupOf(role, i).filter((at) => at === i || (movable(role.items[at]) && !locked.has(at)))
    .reduce((sum, at) => sum + from[at], 0);
  const most = Math.floor(room / CENTI), here = from[i] / CENTI, changes = [];
  let low = 0, high = most, next = null;
  for (let points = 0; points <= most; points += step) {
    const found = session.evaluate(moved(session, state, { role: r, item: i, part: "weight", to: points * CENTI }, locked));
    const people = found.tier.reduce((all, tier, p) => (tier !== now.tier[p] ? [...all, p] : all), []);
    changes.push(people.length);
    if (people.length) {
      if (points < here) low = points + step;
      if (points > here && points <= high) high = points - step;
      if (!next || Math.abs(points - here) < Math.abs(next.to - here)) next = { to: points, people };
    }
    yield;
  }
  return { changes, low: Math.min(low, here), high: Math.max(high, here), next };
}
