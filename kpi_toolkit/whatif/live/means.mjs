// @ts-check
/** The weighted geometric mean, right to fifty digits (`method/scoring.py`). */

import { NONE, gcd, roundHalfUp } from "./numbers.mjs";

/** @import { Exact } from "./types.mjs" */

const BITS = 192n;
const ONE = 1n << BITS;

/** ln((1 + z) / (1 - z)) for z in units of 2^-192. @param {bigint} z */
function twiceArtanh(z) {
  const square = (z * z) >> BITS;
  let sum = 0n;
  for (let term = z, k = 1n; term; term = (term * square) >> BITS, k += 2n) sum += term / k;
  return 2n * sum;
}

const LN2 = twiceArtanh(ONE / 3n);
/** @type {Map<number, bigint>} */
const LOGS = new Map();

/** The natural logarithm of a whole number above 0, in units of 2^-192. @param {number} value */
function ln(value) {
  const known = LOGS.get(value);
  if (known !== undefined) return known;
  if (LOGS.size > 10_000) LOGS.clear();
  const power = BigInt(value.toString(2).length - 1), part = (BigInt(value) << BITS) >> power;
  const found = power * LN2 + twiceArtanh(((part - ONE) << BITS) / (part + ONE));
  LOGS.set(value, found);
  return found;
}

/** e to the power of x, at least 0, both in units of 2^-192. @param {bigint} x */
function exp(x) {
  const power = x / LN2, rest = x - power * LN2;
  let sum = 0n;
  for (let term = ONE, k = 1n; term; term = ((term * rest) >> BITS) / k, k += 1n) sum += term;
  return sum << power;
}

/**
 * The weighted geometric mean in millionths, unrounded. A root of a whole number is whole or irrational: whole ones are
 * themselves, of the others some fifty digits decide every rounding.
 * @param {number[]} scores @param {number[]} weights all positive @returns {Exact}
 */
export function geometricMean(scores, weights) {
  if (!scores.length || scores.some((score) => score <= 0)) return NONE;
  if (scores.every((score) => score === scores[0])) return [BigInt(scores[0]), 1n];
  const common = weights.reduce(gcd, weights[0]), powers = weights.map((weight) => BigInt(weight / common));
  const root = powers.reduce((sum, power) => sum + power, 0n);
  const mean = exp(scores.reduce((sum, score, at) => sum + powers[at] * ln(score), 0n) / root);
  const near = roundHalfUp([mean, ONE], 1n), off = mean - near * ONE;
  const whole = (off < 0n ? -off : off) < ONE >> 100n
    && near ** root === scores.reduce((all, score, at) => all * BigInt(score) ** powers[at], 1n);
  return whole ? [near, 1n] : [mean, ONE];
}
