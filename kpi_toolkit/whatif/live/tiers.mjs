/** How many people each tier has room for, and who is on which side of a cut (`method/quotas.py`, `method/tiers.py`). */

import { deal, floorDiv, fraction } from "./numbers.mjs";

export const TIERS = ["top", "middle", "bottom"];

/** @param {number[]} a @param {number[]} b */
export function compareKeys(a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** How many of n people each tier has room for, exactly. @param {string[]} shares of 100 @returns {number[]} */
export function tierQuotas(n, shares, rule, before, scores) {
  const parts = shares.map(fraction);
  const remainder = (count) => {
    const scale = parts.reduce((all, [, d]) => all * d, 1n);
    const each = parts.map(([a, d]) => BigInt(count) * a * (scale / d));
    return deal(BigInt(count), each, 100n * scale, [1, 0, 2]).map(Number);
  };
  const held = (top, bottom) => {
    const most = Math.min(n, Math.max(0, top)), least = Math.min(n - most, Math.max(0, bottom));
    return [most, n - most - least, least];
  };
  if (rule === "largest_remainder") return remainder(n);
  if (rule === "carry_over") {
    const owed = remainder(before + n), had = remainder(before);
    return held(owed[0] - had[0], owed[2] - had[2]);
  }
  if (rule === "boundary_gap") return widestGaps(remainder(n), scores);
  const down = ([a, d], add) => Number(floorDiv(2n * BigInt(n) * a + add * 100n * d, 200n * d));
  if (rule === "cap_minimum") {
    const [a, d] = parts[0];
    return held(Number(-floorDiv(-BigInt(n) * a, 100n * d)), Math.max(down(parts[2], 0n), parts[2][0] ? 1 : 0));
  }
  const half = rule === "half_up" ? 1n : 0n;
  return held(down(parts[0], half), down(parts[2], half));
}

/** Each cut moved by at most one person to where neighbouring scores part most. */
function widestGaps(quotas, values) {
  const n = values.length;
  const widest = (cut, low, high) => {
    const near = [cut, cut - 1, cut + 1].filter((place) => low < place && place < high);
    if (!near.length) return cut;
    return near.reduce((best, place) => (values[place - 1] - values[place] > values[best - 1] - values[best] ? place : best));
  };
  // A cut is between two tiers that hold somebody; without a middle the other two meet in one cut.
  const held = (count) => count > 0 && count < n;
  const top = held(quotas[0]) ? widest(quotas[0], 0, n) : quotas[0];
  if (!quotas[1]) return [top, 0, n - top];
  const below = held(quotas[2]) ? widest(n - quotas[2], top, n) : n - quotas[2];
  return [top, below - top, n - below];
}

/** The two cuts of a pool, and on which side of them each person is (`method/tiers.py`). */
export class Cut {
  /** @param {number[][]} ordered keys, best first */
  constructor(ordered, quotas, rules) {
    const n = ordered.length, [top, , bottom] = quotas;
    this.rules = rules;
    this.lastTop = top ? ordered[top - 1] : null;
    this.firstBottom = bottom ? ordered[n - bottom] : null;
    const lastMiddle = bottom && n > bottom ? ordered[n - bottom - 1] : null;
    const crowd = this.lastTop ? ordered.filter((key) => compareKeys(key, this.lastTop) >= 0).length : 0;
    const alike = (a, b) => Boolean(a && b && compareKeys(a, b) === 0);
    this.tooMany = alike(this.lastTop, this.firstBottom) || crowd > 2 * top;
    this.topTied = crowd > top;
    this.bottomTied = alike(lastMiddle, this.firstBottom) || (!lastMiddle && !this.firstBottom);
    const below = this.firstBottom ? ordered.filter((key) => compareKeys(key, this.firstBottom) <= 0).length : 0;
    this.tooManyBelow = below > 2 * bottom;
    this.split = new Set([top, n - bottom].filter((at) => at > 0 && at < n)
      .filter((at) => ordered[at - 1][0] === ordered[at][0] && compareKeys(ordered[at - 1], ordered[at]) !== 0)
      .map((at) => ordered[at][0]));
  }

  /** @param {number[]} key @param {boolean} barred kept out of the top by a veto @returns {[number, string]} */
  place(key, barred) {
    let [tier, reason] = [1, "rank"];
    if (this.lastTop && compareKeys(key, this.lastTop) >= 0) [tier, reason] = this._top(key);
    else if (this.firstBottom && compareKeys(key, this.firstBottom) <= 0) [tier, reason] = this._bottom(key);
    if (reason === "rank" && this.split.has(key[0])) reason = "tie_break";
    return tier === 0 && barred ? [1, "gate"] : [tier, reason];
  }

  /** @returns {[number, string]} */
  _top(key) {
    if (compareKeys(key, this.lastTop) !== 0 || !this.topTied) return [0, "rank"];
    if (this.tooMany) return [1, "tie_too_many"];
    return this.rules.tie === "better" ? [0, "tie_shared"] : [1, "tie_lowered"];
  }

  /** @returns {[number, string]} */
  _bottom(key) {
    const tied = compareKeys(key, this.firstBottom) === 0 && this.bottomTied;
    if (tied && this.rules.tie !== "worse") return [1, "tie_shared"];
    if (tied && this.tooManyBelow) return [1, "tie_too_many"];
    const line = this.rules.pass_line;
    return line !== null && key[0] >= line ? [1, "pass_line"] : [2, tied ? "tie_lowered" : "rank"];
  }
}
