// @ts-check
/** Exact numbers: fractions of whole numbers, one way to round, and parts dealt so that they sum. */

/** @import { Exact, Written } from "./types.mjs" */

export const MICRO = 1_000_000;
export const CENTI = 100;
/** A hundred, in hundredths. */
export const FULL = 10_000;
export const NONE = /** @type {Exact} */ ([0n, 1n]);
export const HUNDRED = /** @type {Exact} */ ([100n, 1n]);

/** @param {Written} text @returns {Exact} */
export function fraction(text) {
  const [over, under = "1"] = text.split("/");
  return [BigInt(over), BigInt(under)];
}

/** Whole-number division towards minus infinity. @param {bigint} a @param {bigint} b positive */
export function floorDiv(a, b) {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}

/** A value times a scale, halves up. @param {Exact} value @param {bigint} scale */
export const roundHalfUp = ([n, d], scale) => floorDiv(2n * n * scale + d, 2n * d);

/** Round half up of a / b for safe whole numbers. @param {number} a @param {number} b above 0 */
export function quotient(a, b) {
  const left = ((a % b) + b) % b;
  return (a - left) / b + (2 * left >= b ? 1 : 0);
}

/** @param {Exact} a @param {Exact} b */
export const less = ([a, b], [c, d]) => a * d < c * b;

/** @param {Exact} a @param {Exact} b */
export const same = ([a, b], [c, d]) => a * d === c * b;

/** @param {Exact} a @param {Exact} b @returns {Exact} */
export const times = ([a, b], [c, d]) => [a * c, b * d];

/** @param {Exact} a @param {Exact} b @returns {Exact} */
export const plus = ([a, b], [c, d]) => [a * d + c * b, b * d];

/** @param {Exact} a @param {Exact} b not zero @returns {Exact} */
export const over = ([a, b], [c, d]) => (c < 0n ? [-a * d, b * -c] : [a * d, b * c]);

/** @param {Exact} a @returns {Exact} */
export const size = ([a, b]) => [a < 0n ? -a : a, b];

/** @param {Exact} a @returns {Exact} */
export const minus = ([a, b]) => [-a, b];

/** @param {number[]} values */
export const total = (values) => values.reduce((sum, value) => sum + value, 0);

/** The greatest common divisor. @type {<T extends number|bigint>(a: T, b: T) => T} */
export const gcd = (/** @type {any} */ a, /** @type {any} */ b) => (b ? gcd(b, a % b) : a);

/** A fraction as text, in its lowest terms. @param {Exact} value @returns {Written} */
export function reduced([n, d]) {
  const by = gcd(n < 0n ? -n : n, d);
  return d === by ? String(n / by) : `${n / by}/${d / by}`;
}

/** A fraction as a number of two decimals. @param {Exact} value */
export const toNumber = ([n, d]) => Number((n * 100n) / d) / CENTI;

/** Whole hundredths as text: 3000 is 30, 1250 is 12.5. @param {number} value */
export const plain = (value) => String(value / CENTI);

/** Whole hundredths with both decimals: 3000 is 30.00. @param {number} centi */
export const twoDecimals = (centi) => (centi / CENTI).toFixed(2);

/**
 * Deal `sum` as whole numbers that are as near as can be to `parts[i] / under` (largest remainder); equal remainders
 * are served in `turn`.
 * @param {bigint} sum @param {bigint[]} parts @param {bigint} under @param {number[]} [turn]
 */
export function deal(sum, parts, under, turn) {
  const whole = parts.map((part) => floorDiv(part, under));
  const left = parts.map((part, at) => part - whole[at] * under);
  const places = turn ? [...turn] : parts.map((_, at) => at);
  places.sort((a, b) => Number(left[b] > left[a]) - Number(left[a] > left[b]));
  const extra = Number(sum - whole.reduce((all, part) => all + part, 0n));
  for (const place of places.slice(0, extra)) whole[place] += 1n;
  return whole;
}

/**
 * A number as people write it, in hundredths, null for what is none: `40`, `12.5`, `1,000`, `40%`, full-width digits.
 * @param {string} text
 */
export function readNumber(text) {
  const typed = text.normalize("NFKC").replace("。", ".").replace("−", "-").trim().replace(/\s*%$/, "");
  if (!/^[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d{0,2})?$|^[-+]?\.\d{1,2}$/.test(typed)) return null;
  return Math.round(Number(typed.replace(/,/g, "")) * CENTI);
}
