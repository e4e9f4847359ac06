// @ts-check
/** What a person's lines come to: the own score, the team's share, what is added, and points that sum to the total. */

import { geometricMean } from "./means.mjs";
import { FULL, NONE, deal, fraction, minus, over, plus, quotient, roundHalfUp, times } from "./numbers.mjs";

/** @import { Data, Exact, Role } from "./types.mjs" */

/**
 * @typedef {[string, number]} Counted state and score (millionths) of a person's indicator
 * @typedef {object} Own a person's own score: its sum over one denominator, in millionths
 * @property {number} sum
 * @property {number} under
 * @property {number} weight the weight that counted
 * @property {Exact|null} mean the geometric one instead, a fraction of whole numbers without a bound
 * @property {boolean[]} counting
 * @property {number} added what is added outside the weights
 *
 * @typedef {{exact: Exact, team: Exact, share: Exact}} Shared a score with a share taken from the team
 */

/** @param {Role} role @param {number[]} weights @param {Counted[]} lines @returns {Own} */
export function ownOf(role, weights, lines) {
  const counting = lines.map(([name]) => name === "scored" || name === "filled");
  let sum = 0, weight = 0, added = 0;
  lines.forEach(([name, micro], i) => {
    if (name === "added") added += micro;
    if (!counting[i]) return;
    sum += micro * weights[i];
    weight += weights[i];
  });
  if (!role.geometric) return { sum, under: Math.max(weight, 1), weight, mean: null, counting, added };
  const taking = lines.flatMap((_, i) => (counting[i] && weights[i] ? [i] : []));
  const mean = geometricMean(taking.map((i) => lines[i][1]), taking.map((i) => weights[i]));
  return { sum, under: 1, weight, mean, counting, added };
}

/** @param {Own} own @returns {Exact} */
const exactly = ({ mean, sum, under }) => mean ?? [BigInt(sum), BigInt(under)];

/**
 * The score in hundredths, rounded half up once: own, the team's share, and what is added.
 * @param {Own} own @param {Shared|null} [shared]
 */
export function rounded(own, shared) {
  if (!shared && own.mean === null) return quotient(own.sum + own.added * own.under, own.under * 10_000);
  const [n, d] = shared ? shared.exact : exactly(own);
  return Number(roundHalfUp([n + BigInt(own.added) * d, d * 10_000n], 1n));
}

/** The mean of several own scores. @param {Own[]} owns @returns {Exact} */
function meanOf(owns) {
  /** @type {Map<bigint, bigint>} one sum for each denominator keeps the numbers short */
  const sums = new Map();
  for (const own of owns) {
    const [n, d] = exactly(own);
    sums.set(d, (sums.get(d) ?? 0n) + n);
  }
  const all = [...sums].reduce((/** @type {Exact} */ sum, [d, n]) => plus(sum, [n, d]), NONE);
  return over(all, [BigInt(owns.length), 1n]);
}

/**
 * With a share taken from the team: exact scores (millionths); null for people in no team.
 * @param {Data} data @param {Map<string, number[]>} teams @param {Own[]} owns
 */
export function teamed({ rules }, teams, owns) {
  /** @type {(Shared|null)[]} */
  const found = owns.map(() => null);
  if (!rules.team_share) return found;
  const share = fraction(`${rules.team_share}/${FULL}`), rest = plus([1n, 1n], minus(share));
  for (const [name, members] of teams) {
    const scored = name ? members.filter((at) => owns[at].weight) : []; // without a name people are no team
    if (!scored.length) continue;
    const team = meanOf(scored.map((at) => owns[at]));
    for (const at of scored) {
      found[at] = { exact: plus(times(rest, exactly(owns[at])), times(share, team)), team, share };
    }
  }
  return found;
}

/**
 * What each line brings to a person's score, and what the team does, over one denominator: in hundredths.
 * @param {number[]} weights @param {Counted[]} lines @param {Own} own @param {Shared|null} shared
 */
function partsOf(weights, lines, own, shared) {
  let shares = lines.map(([, micro], i) => (own.counting[i] ? BigInt(micro) * BigInt(weights[i]) : 0n));
  let under = BigInt(own.under);
  if (own.mean !== null) {
    const [n, d] = own.mean, whole = shares.reduce((sum, share) => sum + share, 0n);
    shares = shares.map((share) => share * n);
    under = d * (whole || 1n);
  }
  const { share: [s, t], team: [a, b] } = shared ?? { share: NONE, team: NONE };
  const bottom = under * t * b;
  const added = lines.map(([name, micro]) => (name === "added" ? BigInt(micro) * bottom : 0n));
  const parts = shares.map((share, i) => share * (t - s) * b + added[i]);
  return { parts, team: a * s * under, bottom: bottom * 10_000n };
}

/**
 * What the lines that are wanted bring together, in hundredths, rounded half up once; null where none of them counts.
 * Printed points are dealt line by line: their sum may say the other way round who earned more.
 * @param {number[]} weights @param {Counted[]} lines @param {Own} own @param {Shared|null} shared
 * @param {boolean[]} wanted
 */
export function earned(weights, lines, own, shared, wanted) {
  const { parts, bottom } = partsOf(weights, lines, own, shared);
  const here = parts.filter((_, i) => wanted[i] && (own.counting[i] || lines[i][0] === "added"));
  return here.length ? Number(roundHalfUp([here.reduce((sum, part) => sum + part, 0n), bottom], 1n)) : null;
}

/**
 * A person's printed points, line by line; null where an indicator does not count. With the team's they add up to the
 * total.
 * @param {number[]} weights @param {Counted[]} lines @param {Own} own @param {Shared|null} shared
 */
export function printed(weights, lines, own, shared) {
  const { parts, team, bottom } = partsOf(weights, lines, own, shared);
  const dealt = deal(BigInt(rounded(own, shared)), [...parts, team], bottom).map(Number);
  return lines.map(([name], i) => (own.counting[i] || name === "added" ? dealt[i] : null));
}
