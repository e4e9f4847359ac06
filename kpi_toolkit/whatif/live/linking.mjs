/** Weights that move together: one is set, the others give way, and the sum stays (`whatif/linking.py`). */

import { CENTI, FULL, deal } from "./numbers.mjs";

/** Weights with place `at` set to `to`, as far as the unlocked others of its group can give or take. */
export function linked(weights, at, to, locked = new Set()) {
  const others = weights.flatMap((_, place) => (place !== at && !locked.has(place) ? [place] : []));
  const room = weights[at] + others.reduce((sum, place) => sum + weights[place], 0);
  const bounded = Math.min(Math.max(to, 0), room);
  if (!others.length || bounded === weights[at]) return [...weights];
  const found = sharedOut(weights, others, room - bounded);
  found[at] = bounded;
  return found;
}

/** Weights with `total` dealt among some places in proportion, in whole points where it is whole points. */
function sharedOut(weights, places, total) {
  const unit = total % CENTI ? 1 : CENTI, units = total / unit;
  let shares = places.map((place) => weights[place]);
  if (!shares.some(Boolean)) shares = places.map(() => 1);
  const all = shares.reduce((sum, share) => sum + share, 0);
  const dealt = deal(BigInt(units), shares.map((share) => BigInt(units) * BigInt(share)), BigInt(all));
  const found = [...weights];
  places.forEach((place, i) => { found[place] = Number(dealt[i]) * unit; });
  return found;
}

/** Weights with one side's places summing to `to` and the others' to the rest; null where locks leave no way. */
export function withShare(weights, side, to, locked = new Set()) {
  let found = [...weights];
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [inside, total] of [[true, to], [false, all - to]]) {
    const places = weights.flatMap((_, place) => (side.has(place) === inside ? [place] : []));
    const free = places.filter((place) => !locked.has(place));
    const left = total - places.filter((place) => locked.has(place)).reduce((sum, place) => sum + weights[place], 0);
    const now = free.reduce((sum, place) => sum + weights[place], 0);
    if (left < 0 || (!free.length && left)) return null;
    if (left !== now) found = sharedOut(found, free, left);
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
