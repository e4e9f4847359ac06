// @ts-check
/** What each indicator did to a score, in points that sum to the change (`_effects` in `whatif/scenarios.py`). */

import { deal, total } from "./numbers.mjs";

/** The weights that counted for a person. @param {string[]} states @param {number[]} weights */
export function countedWeights(states, weights) {
  return weights.map((weight, i) => (states[i] === "scored" || states[i] === "filled" ? weight : 0));
}

/**
 * What each indicator did, in hundredths: more weight on what lies below the own score pulls down. Dealt, so that the
 * effects sum to the change of the points.
 * @param {(number|null)[]} before @param {(number|null)[]} after points
 * @param {number[]} first @param {number[]} second weights
 */
export function effects(before, after, first, second) {
  const one = BigInt(total(first) || 1), two = BigInt(total(second) || 1);
  const own = BigInt(total(before.map((value) => value ?? 0)));
  const parts = before.map((value, i) =>
    BigInt((after[i] ?? 0) - (value ?? 0)) * one * two - (BigInt(second[i]) * one - BigInt(first[i]) * two) * own);
  return deal(parts.reduce((sum, part) => sum + part, 0n) / (one * two), parts, one * two).map(Number);
}
