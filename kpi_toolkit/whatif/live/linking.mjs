// @ts-check
/** Weights that move together: one is set, the others give way, and the sum stays (`whatif/linking.py`). */

import { CENTI, FULL, deal, total } from "./numbers.mjs";

/**
 * Weights with place `at` set to `to`, as far as the unlocked others of its group can give or take. Those that were
 * typed stay as long as the others can; what the others cannot, they do.
 * @param {number[]} weights @param {number} at @param {number} to
 * @param {Set<number>} [locked] @param {Set<number>} [typed]
 */
export function linked(weights, at, to, locked = new Set(), typed = new Set()) {
  return given(given(weights, at, to, new Set([...locked, ...typed])), at, to, locked);
}

/** @param {number[]} weights @param {number} at @param {number} to @param {Set<number>} locked */
function given(weights, at, to, locked) {
  const others = weights.flatMap((_, place) => (place !== at && !locked.has(place) ? [place] : []));
  const room = weights[at] + total(others.map((place) => weights[place]));
  const bounded = Math.min(Math.max(to, 0), room);
  if (!others.length || bounded === weights[at]) return [...weights];
  const found = sharedOut(weights, others, room - bounded);
  found[at] = bounded;
  return found;
}

/**
 * Weights with `sum` dealt among some places in proportion, in whole points where it is whole points.
 * @param {number[]} weights @param {number[]} places @param {number} sum
 */
function sharedOut(weights, places, sum) {
  const unit = sum % CENTI ? 1 : CENTI, units = sum / unit;
  let shares = places.map((place) => weights[place]);
  if (!shares.some(Boolean)) shares = places.map(() => 1);
  const dealt = deal(BigInt(units), shares.map((share) => BigInt(units) * BigInt(share)), BigInt(total(shares)));
  const found = [...weights];
  places.forEach((place, i) => { found[place] = Number(dealt[i]) * unit; });
  return found;
}

/**
 * Weights with one side's places summing to `to` and the others' to the rest; null where locks leave no way.
 * @param {number[]} weights @param {Set<number>} side @param {number} to @param {Set<number>} [locked]
 */
export function withShare(weights, side, to, locked = new Set()) {
  let found = [...weights];
  const all = total(weights);
  for (const [inside, sum] of /** @type {[boolean, number][]} */ ([[true, to], [false, all - to]])) {
    const places = weights.flatMap((_, place) => (side.has(place) === inside ? [place] : []));
    const free = places.filter((place) => !locked.has(place));
    const left = sum - total(places.filter((place) => locked.has(place)).map((place) => weights[place]));
    if (left < 0 || (!free.length && left)) return null;
    if (left !== total(free.map((place) => weights[place]))) found = sharedOut(found, free, left);
  }
  return found;
}

/**
 * Tier shares with one set to `to`, the others giving way as weights do; `held` stays while the rest has room.
 * @param {number[]} shares whole hundredths that sum to 100 @param {number} at @param {number} to
 * @param {number|null} [held] the share typed before this one; without one, the other end stays when an end moves
 */
export function sharesWith(shares, at, to, held = null) {
  const kept = held ?? (at === 1 ? null : 2 - at);
  return linked(shares, at, to, new Set(kept !== null && to <= FULL - shares[kept] ? [kept] : []));
}
