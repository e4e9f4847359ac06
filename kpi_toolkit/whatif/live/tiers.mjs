// @ts-check
/**
 * How many people each tier has room for, and on which side of a cut each is (`method/quotas.py`, `method/tiers.py`).
 */

import { deal, floorDiv, fraction } from "./numbers.mjs";
import { compareKeys, widest } from "./placing.mjs";

/** @import { Exact, Rules, State } from "./types.mjs" */
/** @typedef {Pick<State, "shares">} Shares */

export const TIERS = ["top", "middle", "bottom"];

/**
 * Seats by largest remainder; equal remainders go to the middle, then to the top.
 * @param {number} n @param {Exact[]} parts
 */
function byRemainder(n, parts) {
  const scale = parts.reduce((all, [, d]) => all * d, 1n);
  const each = parts.map(([a, d]) => BigInt(n) * a * (scale / d));
  return deal(BigInt(n), each, 100n * scale, [1, 0, 2]).map(Number);
}

/**
 * Seats where the two ends are given and the middle is the rest.
 * @param {number} n @param {number} top @param {number} bottom
 */
function withEnds(n, top, bottom) {
  const most = Math.min(n, Math.max(0, top)), least = Math.min(n - most, Math.max(0, bottom));
  return [most, n - most - least, least];
}

/** The shares of tiers in a pool: all pools have the same today. @param {Shares} state @param {string} _pool */
export const sharesOf = ({ shares }, _pool) => shares;

/**
 * How many of n people of a pool each tier has room for, exactly, by the rule that was agreed or another one. Without
 * scores, cuts that move to gaps stand where the largest remainder has them.
 * @param {Pick<Rules, "rule"|"before">} rules @param {Shares} state @param {string} pool
 * @param {number} n @param {string} rule @param {number[]} scores best first
 */
export function seatsOf(rules, state, pool, n, rule = rules.rule, scores = []) {
  const parts = sharesOf(state, pool).map(fraction), before = rules.before[pool] ?? 0; // people of earlier cycles
  if (rule === "largest_remainder") return byRemainder(n, parts);
  if (rule === "boundary_gap") {
    const [most, , least] = byRemainder(n, parts), [top, bottom] = widest(scores, [most, least]);
    return [top, n - top - bottom, bottom];
  }
  if (rule === "carry_over") {
    const owed = byRemainder(before + n, parts), had = byRemainder(before, parts);
    return withEnds(n, owed[0] - had[0], owed[2] - had[2]);
  }
  const down = (/** @type {Exact} */ [a, d], add = 0n) =>
    Number(floorDiv(2n * BigInt(n) * a + add * 100n * d, 200n * d));
  if (rule === "cap_minimum") {
    const [a, d] = parts[0], most = Number(-floorDiv(-BigInt(n) * a, 100n * d));
    return withEnds(n, most, Math.max(down(parts[2]), parts[2][0] ? 1 : 0));
  }
  const half = rule === "half_up" ? 1n : 0n;
  return withEnds(n, down(parts[0], half), down(parts[2], half));
}

/**
 * The tier of equals who share the places `first` to `last` of a pool (`tier_of` in `method/tiers.py`).
 * @param {number} first @param {number} last @param {number[]} seats @param {string} tie
 * @param {boolean} reached the pass line @param {boolean} barred from the top by a veto
 */
export function tierOf(first, last, [top, middle, bottom], tie, reached, barred) {
  const overTop = first <= top && top < last, overBottom = first <= top + middle && top + middle < last;
  const tooMany = overTop ? overBottom || last > 2 * top : bottom + top + middle - first >= 2 * bottom;
  if (overTop ? !tooMany && tie === "better" : last <= top) return barred ? 1 : 0;
  const below = overBottom && !overTop ? !tooMany && tie === "worse" : first > top + middle;
  return below && !reached ? 2 : 1;
}

/** The two cuts of a pool, and on which side of them each person is. A key is a score and what breaks ties. */
export class Cut {
  /** @param {number[][]} ordered keys, best first @param {number[]} quotas @param {Rules} rules */
  constructor(ordered, [top, , bottom], rules) {
    const n = ordered.length, first = top ? ordered[top - 1] : null, last = bottom ? ordered[n - bottom] : null;
    const equal = (/** @type {number[]|null|undefined} */ a, /** @type {number[]|null} */ b) =>
      Boolean(a && b && !compareKeys(a, b));
    this.rules = rules;
    this.lastTop = first;
    this.firstBottom = last;
    this.topTied = equal(ordered[top], first);
    this.tooMany = equal(first, last) || equal(ordered[2 * top], first);
    this.bottomTied = equal(ordered[n - bottom - 1], last);
    this.tooManyBelow = equal(ordered[n - 2 * bottom - 1], last);
    this.split = new Set([top, n - bottom].filter((at) => at > 0 && at < n)
      .filter((at) => ordered[at - 1][0] === ordered[at][0] && compareKeys(ordered[at - 1], ordered[at]) !== 0)
      .map((at) => ordered[at][0]));
  }

  /**
   * Tier and reason.
   * @param {number[]} key @param {boolean} barred kept out of the top by a veto @returns {[number, string]}
   */
  place(key, barred) {
    let [tier, reason] = this._side(key);
    if (reason === "rank" && this.split.has(key[0])) reason = "tie_break";
    return tier === 0 && barred ? [1, "gate"] : [tier, reason];
  }

  /** @param {number[]} key @returns {[number, string]} */
  _side(key) {
    const [top, bottom] = [this.lastTop, this.firstBottom].map((edge) => (edge ? compareKeys(key, edge) : NaN));
    if (top >= 0) return this._top(this.topTied && top === 0);
    return bottom <= 0 ? this._bottom(key, this.bottomTied && bottom === 0) : [1, "rank"];
  }

  /** @param {boolean} tied @returns {[number, string]} */
  _top(tied) {
    if (!tied) return [0, "rank"];
    if (this.tooMany) return [1, "tie_too_many"];
    return this.rules.tie === "better" ? [0, "tie_shared"] : [1, "tie_lowered"];
  }

  /** @param {number[]} key @param {boolean} tied @returns {[number, string]} */
  _bottom(key, tied) {
    if (tied && this.rules.tie !== "worse") return [1, "tie_shared"];
    if (tied && this.tooManyBelow) return [1, "tie_too_many"];
    const line = this.rules.pass_line;
    return line !== null && key[0] >= line ? [1, "pass_line"] : [2, tied ? "tie_lowered" : "rank"];
  }
}
