/**
 * The live what-if: scores, totals, official rounding, quotas, ties and tiers exactly as Python has them, and the view.
 *
 * One module, no dependency, used three times: as a widget in JupyterLab and Voilà (`export default`), inlined in the
 * delivered page, and under Node's tests. Official figures are whole numbers: scores in millionths, weights and points
 * in hundredths; sums stay below 2^53 and what could leave it is a BigInt. Doubt works on unrounded totals.
 *
 * @typedef {[bigint, bigint]} Exact a fraction, its denominator positive
 * @typedef {{weights: number[][], targets: number[][], caps: (number|null)[][], itemCap: number, shares: string[]}} State
 *   weights, targets (hundredths of a per cent of those agreed) and caps by role and indicator; shares as fractions
 * @typedef {{centi: Int32Array, rank: Int32Array, tier: Int8Array, before: Int8Array, overturned: number[], reason: string[],
 *   order: number[], pools: Pool[], scores: number[][], states: string[][]}} Outcome `centi` is -1 without a score, `tier` 0,
 *   1, 2 or -1 for none; `before` the tier before the meeting where its decision holds, `overturned` where it does not
 * @typedef {{id: string, n: number, quotas: number[], counts: number[], tiered: boolean, advisory: boolean,
 *   members: number[]}} Pool
 */

const MICRO = 1_000_000, CENTI = 100, FULL = 10_000;
export const TIERS = ["top", "middle", "bottom"];

// --- exact numbers --------------------------------------------------------------------------------------------------

/** @param {string} text @returns {Exact} */
export function fraction(text) {
  const [over, under = "1"] = text.split("/");
  return [BigInt(over), BigInt(under)];
}

/** Whole-number division towards minus infinity. @param {bigint} a @param {bigint} b positive */
function floorDiv(a, b) {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}

/** @param {Exact} value @param {bigint} scale @returns {bigint} value * scale, halves up */
function roundHalfUp([n, d], scale) {
  return floorDiv(2n * n * scale + d, 2n * d);
}

/** @param {Exact} a @param {Exact} b */
const less = ([a, b], [c, d]) => a * d < c * b;
/** @param {Exact} a @param {Exact} b */
const same = ([a, b], [c, d]) => a * d === c * b;
/** @param {Exact} a @param {Exact} b @returns {Exact} */
const times = ([a, b], [c, d]) => [a * c, b * d];
/** @param {Exact} a @param {Exact} b @returns {Exact} */
const plus = ([a, b], [c, d]) => [a * d + c * b, b * d];
/** @param {Exact} a @param {Exact} b not zero @returns {Exact} */
const over = ([a, b], [c, d]) => (c < 0n ? [-a * d, b * -c] : [a * d, b * c]);
/** @param {Exact} a @returns {Exact} */
const size = ([a, b]) => [a < 0n ? -a : a, b];
/** @param {Exact} a @returns {Exact} */
const minus = ([a, b]) => [-a, b];
const NONE = /** @type {Exact} */ ([0n, 1n]), HUNDRED = /** @type {Exact} */ ([100n, 1n]);

/**
 * Deal `total` as whole numbers that are as near as can be to `parts[i] / under` (largest remainder); equal remainders
 * are served in `turn`.
 * @param {bigint} total @param {bigint[]} parts @param {bigint} under @param {number[]} [turn] @returns {bigint[]}
 */
export function deal(total, parts, under, turn) {
  const whole = parts.map((part) => floorDiv(part, under));
  const left = parts.map((part, at) => part - whole[at] * under);
  const places = turn ? [...turn] : parts.map((_, at) => at);
  places.sort((a, b) => (left[a] < left[b] ? 1 : left[a] > left[b] ? -1 : 0));
  const extra = Number(total - whole.reduce((sum, part) => sum + part, 0n));
  for (const place of places.slice(0, extra)) whole[place] += 1n;
  return whole;
}

// --- curves ---------------------------------------------------------------------------------------------------------

/** What a curve looks at; null stands for "better than any number". @returns {Exact|null} */
function measure(by, actual, target, direction) {
  if (by === "actual") return actual;
  if (by === "attainment") {
    if (direction === "higher") return times(HUNDRED, over(actual, target));
    if (direction === "target") {
      return times(HUNDRED, plus([1n, 1n], minus(over(size(plus(actual, minus(target))), size(target)))));
    }
    if (actual[0] <= 0n) return target[0] === 0n ? HUNDRED : null;
    return times(HUNDRED, over(target, actual));
  }
  const gap = plus(actual, minus(target));
  const better = direction === "higher" ? gap : direction === "lower" ? minus(gap) : minus(size(gap));
  return by === "margin" ? better : times(HUNDRED, over(better, size(target)));
}

/** @param {Exact} value @param {any} curve @returns {Exact} */
function stepped(value, curve) {
  const steps = over(value, fraction(curve.step));
  if (curve.counted === "parts") return steps;
  const [n, d] = size(steps);
  const whole = curve.counted === "full" ? n / d : (n + d - 1n) / d;
  return [steps[0] < 0n ? -whole : whole, 1n];
}

/** The score in millionths, from 0 to the cap (what stands outside the weights may be below 0). */
export function scoreMicro(item, value, aim, view, cap, weight) {
  const curve = item.curve, limit = BigInt(cap) * 10_000n;
  let at = measure(curve.by, fraction(value), fraction(aim ?? "0"), curve.direction);
  if (at && curve.step) at = stepped(at, curve);
  if (at && curve.points && weight) at = times(at, [10_000n, BigInt(weight)]); // a point of the form, in per cent of it
  let column = 0;
  if (curve.columns.length > 1) {
    const seen = fraction(view);
    curve.columns.forEach(([start], place) => { if (!less(seen, fraction(start))) column = place; });
  }
  const pieces = curve.columns[column][1], last = pieces[pieces.length - 1];
  let score;
  if (at === null) {
    if (fraction(last[3])[0] > 0n) return Number(limit);
    score = fraction(last[2]);
  } else {
    let piece = pieces[0];
    for (const other of pieces.slice(1)) {
      if (other[0] === null) break;
      const start = fraction(other[0]);
      if (less(at, start) || (other[1] && same(at, start))) break;
      piece = other;
    }
    score = plus(fraction(piece[2]), times(fraction(piece[3]), at));
  }
  if (score[0] < 0n && !item.outside) score = NONE;
  const micro = roundHalfUp(score, BigInt(MICRO));
  return Number(micro < limit ? micro : limit);
}

const BITS = 192n, ONE = 1n << BITS;

/** ln((1 + z) / (1 - z)) for z in units of 2^-192. @param {bigint} z */
function twiceArtanh(z) {
  const square = (z * z) >> BITS;
  let sum = 0n;
  for (let term = z, k = 1n; term; term = (term * square) >> BITS, k += 2n) sum += term / k;
  return 2n * sum;
}
const LN2 = twiceArtanh(ONE / 3n), LOGS = new Map();

/** The natural logarithm of a whole number above 0, in units of 2^-192. @param {number} value */
function ln(value) {
  if (!LOGS.has(value)) {
    if (LOGS.size > 10_000) LOGS.clear();
    const power = BigInt(value.toString(2).length - 1), part = (BigInt(value) << BITS) >> power;
    LOGS.set(value, power * LN2 + twiceArtanh(((part - ONE) << BITS) / (part + ONE)));
  }
  return LOGS.get(value);
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
 * themselves, of the others some fifty digits decide every rounding (`method/scoring.py`).
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

/** @param {number} a @param {number} b */
function gcd(a, b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

// --- one cycle ------------------------------------------------------------------------------------------------------

/** A cycle's data, ready to be worked out under any state. */
export class Session {
  /** @param {any} data what `whatif/session.py` makes */
  constructor(data) {
    this.data = data;
    this.agreed = this._agreedState();
    this.scores = data.people.map((person) => person.lines.map((line) => line[0]));
    this.scoredFor = data.roles.map((role) => role.items.map(() => ""));
    data.roles.forEach((role, r) => role.items.forEach((_, i) => { this.scoredFor[r][i] = this._key(this.agreed, r, i); }));
    this.members = data.roles.map((_, r) => data.people.flatMap((person, at) => (person.role === r ? [at] : [])));
    this.teams = new Map();
    data.people.forEach((person, at) => {
      if (!this.teams.has(person.team)) this.teams.set(person.team, []);
      this.teams.get(person.team).push(at);
    });
    /** @type {Session|null} the cycle before, where its scores part equals: scored by the same design as this one */
    this.past = data.past?.length ? new Session({ ...data, past: [], people: data.past.map((one) => ({ pool: "", previous: null, exempt: false, decided: null, ...one })) }) : null;
    this.pools = new Map();
    data.people.forEach((person, at) => {
      if (!person.pool) return;
      if (!this.pools.has(person.pool)) this.pools.set(person.pool, []);
      this.pools.get(person.pool).push(at);
    });
  }

  /** @returns {State} */
  _agreedState() {
    const { roles, rules } = this.data;
    return {
      weights: roles.map((role) => role.items.map((item) => item.weight)),
      targets: roles.map((role) => role.items.map(() => FULL)),
      caps: roles.map((role) => role.items.map((item) => item.cap)),
      itemCap: rules.item_cap,
      shares: [...rules.shares],
    };
  }

  /** What an indicator's scores depend on beside the people's own numbers. */
  _key(state, r, i) {
    const { points } = this.data.roles[r].items[i].curve;
    return `${state.targets[r][i]}|${state.caps[r][i] ?? state.itemCap}|${points ? state.weights[r][i] : ""}`;
  }

  /** Score anew what a state has changed since the last time; most moves change no score at all. */
  _rescore(state) {
    const { roles, people } = this.data;
    roles.forEach((role, r) => role.items.forEach((item, i) => {
      const key = this._key(state, r, i);
      if (key === this.scoredFor[r][i]) return;
      this.scoredFor[r][i] = key;
      const share = /** @type {Exact} */ ([BigInt(state.targets[r][i]), BigInt(FULL)]);
      for (const at of this.members[r]) {
        const [, value, aim, view] = people[at].lines[i];
        if (value === null) continue;
        const moved = aim === null || !item.scaled || people[at].fixed?.includes(i) ? aim : times(fraction(aim), share).join("/");
        this.scores[at][i] = scoreMicro(item, value, moved, view, state.caps[r][i] ?? state.itemCap, state.weights[r][i]);
      }
    }));
  }

  /** State and score of each of a person's indicators (millionths). @returns {[string, number][]} */
  lines(state, at) {
    const { roles, rules, people } = this.data;
    const r = people[at].role;
    return roles[r].items.map((item, i) => {
      const weight = state.weights[r][i];
      const there = people[at].lines[i][1] !== null;
      const cap = state.caps[r][i] ?? state.itemCap;
      const standIn = !weight ? null
        : rules.missing === "neutral" ? Math.min(rules.neutral, cap) * 10_000 : rules.missing === "zero" ? 0 : null;
      const named = there ? (item.outside ? "added" : weight ? "scored" : "gate") : standIn === null ? "missing" : "filled";
      return [item.counted ? named : "not_counted", there ? this.scores[at][i] : standIn ?? 0];
    });
  }

  /**
   * A person's own score: its sum over one denominator, in millionths, the weight that counted, and what is added
   * outside the weights. `mean` is the geometric one, a fraction of whole numbers without a bound.
   */
  _own(state, at, lines) {
    const r = this.data.people[at].role, weights = state.weights[r];
    const counting = lines.map(([name]) => name === "scored" || name === "filled");
    let sum = 0, weight = 0;
    for (let i = 0; i < lines.length; i++) {
      if (!counting[i]) continue;
      sum += lines[i][1] * weights[i];
      weight += weights[i];
    }
    const added = lines.reduce((all, [name, micro]) => all + (name === "added" ? micro : 0), 0);
    if (!this.data.roles[r].geometric) return { sum, under: Math.max(weight, 1), weight, mean: null, counting, added };
    const taking = lines.flatMap((_, i) => (counting[i] && weights[i] ? [i] : []));
    const mean = geometricMean(taking.map((i) => lines[i][1]), taking.map((i) => weights[i]));
    return { sum: mean[0], under: mean[1], weight, mean, counting, added };
  }

  /** The score in hundredths, rounded half up once: own, the team's share, and what is added. */
  static total(own, shared) {
    if (!shared && own.mean === null) return quotient(own.sum + own.added * own.under, own.under * 10_000);
    const [n, d] = shared ? shared.exact : own.mean;
    return Number(roundHalfUp([n + BigInt(own.added) * d, d * 10_000n], 1n));
  }

  /** Official scores under a state in hundredths (-1 for none), and what they are made of. @param {State} state */
  _scored(state) {
    this._rescore(state);
    const { people, rules, roles } = this.data, n = people.length;
    const lines = people.map((_, at) => this.lines(state, at));
    const own = people.map((_, at) => this._own(state, at, lines[at]));
    const centi = new Int32Array(n).fill(-1), barred = new Uint8Array(n);
    const teamed = rules.team_share ? this._teamed(own) : null;
    const cap = rules.total_cap ?? state.itemCap;
    for (let at = 0; at < n; at++) {
      let limit = cap;
      roles[people[at].role].items.forEach((item, i) => {
        const [name, micro] = lines[at][i];
        if (!item.gate || micro > 0 || (name !== "scored" && name !== "gate")) return;
        if (item.gate[0] === "tier") barred[at] = 1;
        else limit = Math.min(limit, item.gate[1]);
      });
      if (!own[at].weight) continue;
      const held = Session.total(own[at], teamed?.[at]) + people[at].adjustment;
      centi[at] = Math.min(Math.max(held, 0), limit);
    }
    const thin = people.map((_, at) => this._thin(state, at, lines[at], own[at]));
    return { lines, own, teamed, centi, barred, thin };
  }

  /** Official scores, ranks and tiers under a state. @param {State} state @returns {Outcome} */
  evaluate(state) {
    const { lines, own, teamed, centi, barred, thin } = this._scored(state), { people } = this.data, n = people.length;
    const found = {
      centi, rank: new Int32Array(n), tier: new Int8Array(n).fill(-1), before: new Int8Array(n).fill(-1), overturned: [],
      reason: people.map((_, at) => this._unranked(at, centi, thin) || "no_team"), order: [],
      pools: [], scores: lines.map((line) => line.map(([, micro]) => micro)), states: lines.map((line) => line.map(([name]) => name)),
    };
    const parts = this._tieParts(state, lines, own, teamed);
    for (const [id, members] of this.pools) found.pools.push(this._place(id, members, state, found, parts, barred, thin));
    people.forEach(({ decided }, at) => { if (decided && found.reason[at] === "no_team") found.overturned.push(at); });
    found.order = people.map((_, at) => at).sort((a, b) =>
      (centi[a] < 0 ? 1 : 0) - (centi[b] < 0 ? 1 : 0) || centi[b] - centi[a] || found.rank[a] - found.rank[b] || a - b);
    return found;
  }

  /** Whether less of the form's weight was filled in than the rules ask for. */
  _thin(state, at, lines, own) {
    const { people, rules } = this.data, weights = state.weights[people[at].role];
    const absent = lines.reduce((sum, [name], i) => sum + (name === "missing" ? weights[i] : 0), 0);
    return own.weight > 0 && own.weight * FULL < rules.least_weight * (own.weight + absent);
  }

  /** Why a person takes no part in ranking; empty for whoever does. */
  _unranked(at, centi, thin) {
    return centi[at] < 0 ? "no_score" : this.data.people[at].exempt ? "exempt" : thin[at] ? "too-little-filled" : "";
  }

  /** With a share taken from the team: exact scores (millionths); null for whoever is in none. */
  _teamed(own) {
    const share = /** @type {Exact} */ ([BigInt(this.data.rules.team_share), BigInt(FULL)]);
    const rest = plus([1n, 1n], minus(share));
    const found = own.map(() => null);
    for (const [name, members] of this.teams) {
      if (!name) continue; // people without a team are not a team of their own
      const scored = members.filter((at) => own[at].weight);
      const sums = new Map(); // one sum for each denominator keeps the numbers short
      for (const at of scored) sums.set(own[at].under, (sums.get(own[at].under) ?? 0n) + BigInt(own[at].sum));
      let all = NONE;
      for (const [under, sum] of sums) all = plus(all, [sum, BigInt(under)]);
      for (const at of scored) {
        const mine = /** @type {Exact} */ ([BigInt(own[at].sum), BigInt(own[at].under)]);
        const team = over(all, [BigInt(scored.length), 1n]);
        found[at] = { exact: plus(times(rest, mine), times(share, team)), team, share };
      }
    }
    return found;
  }

  /** Printed hundredths of each line, and of the team last; they add up to the total. @returns {number[]} */
  dealt(state, at, lines, own, teamed) {
    const r = this.data.people[at].role;
    const shares = lines.map(([, micro], i) => (own.counting[i] ? BigInt(micro) * BigInt(state.weights[r][i]) : 0n));
    let under = BigInt(own.under);
    if (own.mean !== null) {
      const whole = shares.reduce((sum, share) => sum + share, 0n);
      shares.forEach((share, i) => { shares[i] = share * own.mean[0]; });
      under *= whole || 1n;
    }
    const { share: [s, t], team: [a, b] } = teamed?.[at] ?? { share: NONE, team: NONE };
    const bottom = under * t * b;
    const parts = shares.map((part, i) => part * (t - s) * b + (lines[i][0] === "added" ? BigInt(lines[i][1]) * bottom : 0n));
    return deal(BigInt(Session.total(own, teamed?.[at])), [...parts, a * s * under], bottom * 10_000n).map(Number);
  }

  /** Everybody's printed points, line by line, null where an indicator does not count. @returns {(number|null)[][]} */
  allPoints(state) {
    this._rescore(state);
    const lines = this.data.people.map((_, at) => this.lines(state, at)), own = lines.map((each, at) => this._own(state, at, each));
    const teamed = this.data.rules.team_share ? this._teamed(own) : null;
    return lines.map((each, at) => this._printed(state, at, each, own[at], teamed));
  }

  _printed(state, at, lines, own, teamed) {
    const dealt = this.dealt(state, at, lines, own, teamed);
    return lines.map(([name], i) => (own.counting[i] || name === "added" ? dealt[i] : null));
  }

  /** What parts equals, person by person: for each criterion whether it is known, and its value. */
  _tieParts(state, lines, own, teamed) {
    const { people, roles, rules } = this.data;
    const points = rules.tie_break.some((name) => name === "result" || name === "process")
      ? people.map((_, at) => this._printed(state, at, lines[at], own[at], teamed)) : [];
    const past = this.past?._scored(state).centi;
    return people.map((person, at) => rules.tie_break.flatMap((name) => {
      const items = roles[person.role].items;
      let value = null;
      if (name === "previous") value = !past ? person.previous : past[person.past ?? -1] >= 0 ? past[person.past] : null;
      else if (name === "result" || name === "process") {
        const printed = items.flatMap((item, i) => (item.side === name && points[at][i] !== null ? [points[at][i]] : []));
        value = printed.length ? printed.reduce((sum, one) => sum + one, 0) : null;
      } else {
        const i = items.findIndex((item) => item.id === name);
        if (i >= 0 && own[at].counting[i]) value = lines[at][i][1];
      }
      return [value === null ? 0 : 1, value ?? 0];
    }));
  }

  /** Ranks and tiers of a pool, into `found`. @returns {Pool} */
  _place(id, members, state, found, parts, barred, thin) {
    const { people, rules } = this.data;
    const keys = new Map();
    for (const at of members) if (!this._unranked(at, found.centi, thin)) keys.set(at, [found.centi[at], ...parts[at]]);
    const ordered = [...keys.values()].sort((a, b) => compareKeys(b, a)), n = ordered.length;
    const quotas = tierQuotas(n, state.shares, rules.rule, rules.before[id] ?? 0, ordered.map((key) => key[0]));
    const tiered = n >= rules.min_group, counts = [0, 0, 0];
    const cut = tiered ? new Cut(ordered, quotas, rules) : null;
    let place = 0;
    const ranks = new Map();
    for (const key of ordered) {
      place += 1;
      const name = key.join();
      if (!ranks.has(name)) ranks.set(name, place);
    }
    for (const at of members) {
      let [tier, reason] = !keys.has(at) ? [-1, found.reason[at]] : cut ? cut.place(keys.get(at), Boolean(barred[at])) : [-1, "small_pool"];
      if (keys.has(at)) found.rank[at] = ranks.get(keys.get(at).join());
      if (people[at].decided) {
        const [from, to, sank] = people[at].decided;
        if (TIERS[tier] !== from || (sank && rules.pass_line !== null && found.centi[at] >= rules.pass_line)) found.overturned.push(at);
        else if (from !== to) [found.before[at], tier, reason] = [tier, TIERS.indexOf(to), "calibrated"];
      }
      found.tier[at] = tier;
      found.reason[at] = reason;
      if (tier >= 0) counts[tier] += 1;
    }
    return { id, n, quotas, counts, tiered, advisory: tiered && n < rules.advisory_below, members };
  }
}

/** Round half up of a / b for safe whole numbers, b above 0. @param {number} a @param {number} b */
function quotient(a, b) {
  const left = ((a % b) + b) % b;
  return (a - left) / b + (2 * left >= b ? 1 : 0);
}

/** @param {number[]} a @param {number[]} b */
function compareKeys(a, b) {
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
class Cut {
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

// --- weights that move together -------------------------------------------------------------------------------------

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

/** Tier shares as whole hundredths; the middle takes what further decimals leave. @param {string[]} shares */
function inHundredths(shares) {
  const [top, , bottom] = shares.map((share) => Math.round(toNumber(fraction(share)) * CENTI));
  return [top, FULL - top - bottom, bottom];
}

/** Indicators left without the weight that a design asks for: a scenario may look at that, not keep or adopt it. */
export function weightless(session, state) {
  return session.data.roles.flatMap((role, r) => role.items.flatMap((item, i) =>
    (movable(item) && !item.may_weigh_nothing && !state.weights[r][i] ? [{ role: r, item: i, part: "weight" }] : [])));
}

/** The places whose weights are shared out together with `i`: the role's, or its block's. */
export function groupOf(role, i) {
  return role.items.flatMap((item, at) => (!item.outside && item.block === role.items[i].block ? [at] : []));
}

/** Whether an indicator has a weight of its own to move. */
export const movable = (item) => !item.outside && item.weight > 0;

/**
 * The state after one move. `from` are the weights that proportions are kept of (those when the slider was taken).
 * @param {Session} session @param {State} state
 * @param {{role: number, item?: number, part: "weight"|"target"|"cap"|"share"|"itemCap"|"tiers", to: any}} move
 * @param {Set<number>} [locked] @param {number[]} [from] @returns {State}
 */
export function moved(session, state, move, locked = new Set(), from = undefined) {
  const { role: r, item: i, part, to } = move;
  const swap = (rows, value) => rows.map((row, at) => (at === r ? row.map((old, place) => (place === i ? value : old)) : row));
  if (part === "target") return { ...state, targets: swap(state.targets, to) };
  if (part === "cap") return { ...state, caps: swap(state.caps, to) };
  if (part === "itemCap") return { ...state, itemCap: to };
  if (part === "tiers") return { ...state, shares: to.map((share) => reduced([BigInt(share), BigInt(CENTI)])) };
  const role = session.data.roles[r], start = from ?? state.weights[r], places = part === "share"
    ? role.items.flatMap((item, at) => (movable(item) ? [at] : []))
    : groupOf(role, i).filter((at) => at === i || movable(role.items[at]));
  const own = places.map((at) => start[at]);
  const shut = new Set(places.flatMap((at, place) => (locked.has(at) ? [place] : [])));
  const sides = new Set(places.flatMap((at, place) => (role.items[at].side === "process" ? [place] : [])));
  const found = part === "share" ? withShare(own, sides, to, shut) : linked(own, places.indexOf(i), to, shut);
  if (!found) return state;
  const weights = [...start];
  places.forEach((at, place) => { weights[at] = found[place]; });
  return { ...state, weights: state.weights.map((row, at) => (at === r ? weights : row)) };
}

/** What a control shows of a state, in hundredths: the value that a move of this kind sets. */
function valueOf(session, state, { role: r, item: i, part }) {
  if (part === "weight") return state.weights[r][i];
  if (part === "target") return state.targets[r][i];
  if (part === "itemCap") return state.itemCap;
  if (part === "cap") return state.caps[r][i] ?? state.itemCap;
  return session.data.roles[r].items.reduce((sum, item, at) => sum + (movable(item) && item.side === "process" ? state.weights[r][at] : 0), 0);
}

/** The weights that counted for a person. @param {string[]} states @param {number[]} weights */
function countedWeights(states, weights) {
  return weights.map((weight, i) => (states[i] === "scored" || states[i] === "filled" ? weight : 0));
}

/**
 * What each indicator did to a score, in hundredths: more weight on what lies below the own score pulls down. Dealt, so
 * that the effects sum to the change of the points (`_effects` in `whatif/scenarios.py`).
 * @param {(number|null)[]} before @param {(number|null)[]} after points @param {number[]} first @param {number[]} second weights
 */
export function effects(before, after, first, second) {
  const whole = (weights) => BigInt(weights.reduce((sum, weight) => sum + weight, 0) || 1), [one, two] = [whole(first), whole(second)];
  const own = BigInt(before.reduce((sum, value) => sum + (value ?? 0), 0));
  const parts = before.map((value, i) =>
    BigInt((after[i] ?? 0) - (value ?? 0)) * one * two - (BigInt(second[i]) * one - BigInt(first[i]) * two) * own);
  return deal(parts.reduce((sum, part) => sum + part, 0n) / (one * two), parts, one * two).map(Number);
}

/** The name of a control. */
const keyOf = ({ role, item, part }) => `${role}|${item}|${part}`;

/** @param {Exact} value */
function reduced([n, d]) {
  let [a, b] = [n < 0n ? -n : n, d];
  while (b) [a, b] = [b, a % b];
  return d / a === 1n ? String(n / a) : `${n / a}/${d / a}`;
}

/** Whether two states are the same. @param {State} a @param {State} b */
export const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** States one after another: undo and redo walk through them. */
export class History {
  /** @param {State} first */
  constructor(first) { this.states = [first]; this.at = 0; }
  get now() { return this.states[this.at]; }
  get canUndo() { return this.at > 0; }
  get canRedo() { return this.at < this.states.length - 1; }
  /** @param {State} state */
  push(state) {
    if (alike(state, this.now)) return;
    this.states = [...this.states.slice(0, this.at + 1), state];
    this.at += 1;
  }
  /** Change the newest state without a step of its own: one drag is one step. @param {State} state */
  amend(state) { this.states = [...this.states.slice(0, this.at), state]; }
  undo() { if (this.canUndo) this.at -= 1; return this.now; }
  redo() { if (this.canRedo) this.at += 1; return this.now; }
}

// --- scenarios ------------------------------------------------------------------------------------------------------

/** Whole hundredths as text: 3000 is 30, 1250 is 12.5. @param {number} value */
export function plain(value) {
  return String(value / CENTI);
}

/** What a state changes against the agreed one, as a scenario file declares it. @param {Session} session @param {State} state */
export function scenarioOf(session, state) {
  const { agreed, data } = session, found = {};
  const differing = (now, then, only = false) => {
    const parts = {};
    data.roles.forEach((role, r) => {
      const changed = role.items.some((_, i) => now[r][i] !== then[r][i]);
      const rows = role.items.flatMap((item, i) =>
        (now[r][i] !== then[r][i] || (changed && !only && movable(item))) && now[r][i] !== null ? [[item.id, now[r][i] / CENTI]] : []);
      if (changed && rows.length) parts[role.id] = Object.fromEntries(rows);
    });
    return Object.keys(parts).length ? parts : null;
  };
  const weights = differing(state.weights, agreed.weights);
  const targets = differing(state.targets, agreed.targets, true), caps = differing(state.caps, agreed.caps, true);
  if (state.itemCap !== agreed.itemCap) found.item_cap = state.itemCap / CENTI;
  if (state.shares.join() !== agreed.shares.join()) found.shares = state.shares.map((share) => toNumber(fraction(share)));
  if (weights) found.weights = weights;
  if (targets) found.targets = targets;
  if (caps) found.caps = caps;
  return found;
}

/** @param {Exact} value */
const toNumber = ([n, d]) => Number((n * 100n) / d) / CENTI;

/** The state that a scenario's changes make; what it names and the data do not have is left out. */
export function stateOf(session, scenario) {
  const { agreed, data } = session;
  const taken = (then, part) => then.map((row, r) => row.map((old, i) => {
    const value = scenario[part]?.[data.roles[r].id]?.[data.roles[r].items[i].id];
    return value === undefined ? old : Math.round(value * CENTI);
  }));
  return {
    weights: taken(agreed.weights, "weights"), targets: taken(agreed.targets, "targets"), caps: taken(agreed.caps, "caps"),
    itemCap: scenario.item_cap === undefined || scenario.item_cap === null ? agreed.itemCap : Math.round(scenario.item_cap * CENTI),
    shares: scenario.shares ? scenario.shares.map((share) => reduced([BigInt(Math.round(share * CENTI)), BigInt(CENTI)])) : [...agreed.shares],
  };
}

/**
 * A scenario as the text of its file: what `kpi whatif --import` reads. It is one value: what is shown, what it is called,
 * who asked and why, and how the weights were found.
 * @param {Session} session @param {{state: State, name: any, asked_by?: string, why?: string, elicited?: any[]}} scenario
 */
export function scenarioText(session, { state, name, asked_by = "", why = "", elicited = [] }) {
  const { data } = session, found = scenarioOf(session, state);
  const quoted = (text) => JSON.stringify(text.replace(/[\u0000-\u001f\u007f]/g, " ").trim());
  const called = name.zh === name.en ? quoted(name.zh) : `{ zh = ${quoted(name.zh)}, en = ${quoted(name.en)} }`;
  const lines = ["schema = 1", `name = ${called}`, `client = ${quoted(data.client)}`, `cycle = ${quoted(data.cycle)}`,
    `design_version = ${data.version}`, `design = ${quoted(data.design)}`];
  if (asked_by) lines.push(`asked_by = ${quoted(asked_by)}`);
  if (why) lines.push(`why = ${quoted(why)}`);
  if (found.item_cap !== undefined) lines.push(`item_cap = ${found.item_cap}`);
  if (found.shares) lines.push(`shares = [${found.shares.join(", ")}]`);
  for (const part of ["weights", "targets", "caps"]) {
    for (const [role, own] of Object.entries(found[part] ?? {})) {
      lines.push("", `[${part}.${role}]`, ...Object.entries(own).map(([item, value]) => `${item} = ${value}`));
    }
  }
  for (const { role, method, said, consistency } of elicited) {
    lines.push("", "[[elicited]]", `role = ${quoted(role)}`, `method = ${quoted(method)}`, `said = ${quoted(said)}`);
    if (consistency !== null && consistency !== undefined) lines.push(`consistency = ${consistency}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A kept scenario as Python hands it over, with the state it makes; it is a file already, so nothing of it can be lost. */
export function keptOf(session, { id, name, changes, asked_by = "", why = "", elicited = [] }) {
  return { key: id, name, asked_by, why, elicited, state: stateOf(session, changes), safe: true };
}

/** How a role's weights were found, as long as they are those that were found. */
export function stillElicited(session, { elicited, state }, now) {
  return elicited.filter(({ role }) => {
    const r = session.data.roles.findIndex((one) => one.id === role);
    return r >= 0 && state.weights[r].join() === now.weights[r].join();
  });
}

// --- doubt: drawn weights, with the same random numbers every time ---------------------------------------------------

/**
 * The numbers that drawing needs, without names: it crosses to the Worker. Totals are unrounded; team, plus/minus row
 * and bounds stand beside the weighted score as they are, and whom a veto holds stays (`whatif/confidence.py`).
 * @param {Session} session @param {State} state @param {Outcome} found
 */
export function drawingOf(session, state, found) {
  const { data } = session, ownShare = 1 - data.rules.team_share / FULL;
  const pools = found.pools.filter((pool) => pool.tiered).map((pool) => ({
    quotas: pool.quotas, line: data.rules.pass_line === null ? null : data.rules.pass_line / CENTI,
    people: pool.members.filter((at) => found.tier[at] >= 0).map((at) => {
      const r = data.people[at].role, items = data.roles[r].items, weights = state.weights[r];
      const counts = found.states[at].map((name) => (name === "scored" || name === "filled" ? 1 : 0));
      const scores = found.scores[at].map((micro) => micro / MICRO);
      const fallen = items.flatMap((item, i) => (item.gate && found.scores[at][i] <= 0
        && ["scored", "gate"].includes(found.states[at][i]) ? [item.gate[0]] : []));
      const held = fallen.length > 0 && !fallen.includes("tier");
      return { at, role: r, scores, counts, held, official: found.centi[at] / CENTI, own: mean(scores, counts, weights, data.roles[r].geometric) };
    }),
  }));
  const roles = data.roles.map((role, r) => ({
    weights: [...state.weights[r]], geometric: role.geometric, walk: role.walk,
    agreed: role.items.flatMap((item, i) => (movable(item) ? [i] : [])),
  }));
  return { pools, roles, ownShare, people: data.people.length, ...data.doubt };
}

/** A weighted mean of what counts, in machine numbers. */
function mean(scores, counts, weights, geometric) {
  let sum = 0, whole = 0;
  for (let i = 0; i < scores.length; i++) {
    if (!counts[i]) continue;
    whole += weights[i];
    sum += weights[i] * (geometric ? Math.log(Math.max(scores[i], 1e-12)) : scores[i]);
  }
  return whole > 0 ? (geometric ? Math.exp(sum / whole) : sum / whole) : 0;
}

/** A stream of random numbers of its own for each seed and place (splitmix32): the same draw stays the same draw. */
function stream(seed, place) {
  let state = (seed ^ Math.imul(place + 1, 0x9e3779b9)) | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return ((mixed >>> 0) + 0.5) / 4294967296;
  };
}

/** @param {() => number} random */
function normal(random) {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** A gamma variate (Marsaglia & Tsang 2000). @param {number} shape @param {() => number} random */
function gamma(shape, random) {
  const grown = shape < 1 ? shape + 1 : shape, d = grown - 1 / 3, c = 1 / Math.sqrt(9 * d);
  const boost = random(); // taken in any case, so that a shape crossing 1 changes nothing else
  for (;;) {
    const x = normal(random), v = (1 + c * x) ** 3;
    if (v <= 0 || Math.log(random()) >= 0.5 * x * x + d - d * v + d * Math.log(v)) continue;
    return d * v * (shape < 1 ? boost ** (1 / shape) : 1);
  }
}

/**
 * Weights of a role that might have been agreed instead, draw after draw, each summing to 1 (`whatif/weights.py`).
 * @param {any} drawing @param {number} r @returns {(place: number) => Float64Array}
 */
function sampler(drawing, r) {
  const { weights, walk } = drawing.roles[r], mode = drawing.weights;
  const weighing = weights.flatMap((weight, i) => (weight > 0 ? [i] : []));
  const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const found = new Float64Array(weights.length);
  const normalised = (values, places) => {
    found.fill(0);
    const sum = values.reduce((all, value) => all + value, 0);
    values.forEach((value, at) => { found[places[at]] = value / sum; });
    return found;
  };
  if (mode === "statements" && walk) return walker(drawing, r, normalised);
  const order = [...weighing].sort((a, b) => weights[b] - weights[a]);
  return (place) => {
    const values = weighing.map((i) => {
      const random = stream(drawing.seed + r * 7919, place * 64 + i);
      if (mode !== "around") return -Math.log(random());
      return gamma(Math.max((weights[i] / whole) * drawing.concentration, 1e-12), random);
    });
    if (mode !== "ordinal") return normalised(values, weighing);
    const ties = stream(drawing.seed + 31, place);
    const turn = order.map((i) => [i, ties()]).sort((a, b) => weights[b[0]] - weights[a[0]] || a[1] - b[1]).map(([i]) => i);
    return normalised(values.sort((a, b) => b - a), turn);
  };
}

/** Hit-and-run: straight steps in random directions among the weights that keep all statements. */
function walker(drawing, r, normalised) {
  const { rows, least, start, free } = drawing.roles[r].walk;
  const random = stream(drawing.seed + r * 7919, 0), places = drawing.roles[r].agreed;
  const here = [...start];
  const step = () => {
    const way = here.map(() => 0);
    for (const direction of free) {
      const along = normal(random);
      direction.forEach((part, i) => { way[i] += along * part; });
    }
    let low = -Infinity, high = Infinity;
    rows.forEach((row, at) => {
      let slope = 0, room = -least[at];
      for (let i = 0; i < here.length; i++) { slope += row[i] * way[i]; room += row[i] * here[i]; }
      if (slope > 1e-15) low = Math.max(low, -room / slope);
      else if (slope < -1e-15) high = Math.min(high, -room / slope);
    });
    low = Number.isFinite(low) ? Math.min(low, 0) : 0;
    high = Number.isFinite(high) ? Math.max(high, 0) : 0;
    const far = low + random() * (high - low);
    way.forEach((part, i) => { here[i] += far * part; });
  };
  for (let i = 0; i < 200; i++) step();
  return () => {
    for (let i = 0; i < here.length; i++) step();
    return normalised(here.map((weight) => Math.max(weight, 0)), places);
  };
}

/** Count in which tier each person lands, draws `from` to `to`; `counts` is people x 3. */
function accept(drawing, samplers, from, to, counts) {
  const totals = drawing.pools.map((pool) => new Float64Array(pool.people.length));
  for (let place = from; place < to; place++) {
    const weights = samplers.map((sample) => (sample ? sample(place) : null));
    drawing.pools.forEach((pool, which) => {
      const total = totals[which], n = pool.people.length, [top, , bottom] = pool.quotas;
      for (let p = 0; p < n; p++) {
        const person = pool.people[p];
        total[p] = person.held ? person.official
          : person.official + drawing.ownShare
            * (mean(person.scores, person.counts, weights[person.role], drawing.roles[person.role].geometric) - person.own);
      }
      const ordered = Float64Array.from(total).sort();
      const edge = top ? ordered[n - top] : Infinity, above = bottom ? (bottom < n ? ordered[bottom] : Infinity) : -Infinity;
      let crowd = 0;
      for (let p = 0; p < n; p++) if (total[p] >= edge - 1e-9) crowd += 1;
      const least = crowd > 2 * top ? edge + 1e-9 : edge - 1e-9; // too many equals go to the middle
      for (let p = 0; p < n; p++) {
        const first = crowd > 2 * top ? total[p] > least : total[p] >= least;
        const last = !first && total[p] < above - 1e-9 && (pool.line === null || total[p] < pool.line);
        counts[pool.people[p].at * 3 + (first ? 0 : last ? 2 : 1)] += 1;
      }
    });
  }
}

const PARTS = [mean, stream, normal, gamma, sampler, walker, accept];

/** What the Worker runs: the same functions, and a loop that always answers the newest question first. */
export function workerSource() {
  const loop = `
let newest = 0;
onmessage = ({ data: { ticket, drawing } }) => {
  newest = ticket;
  const samplers = drawing.roles.map((_, r) => sampler(drawing, r)), counts = new Float64Array(drawing.people * 3);
  let done = 0;
  const go = () => {
    if (ticket !== newest) return;
    const to = done ? Math.min(done + 2000, drawing.draws) : Math.min(1000, drawing.draws);
    accept(drawing, samplers, done, to, counts);
    done = to;
    if (done === Math.min(1000, drawing.draws) || done === drawing.draws) postMessage({ ticket, counts: counts.slice(), draws: done });
    if (done < drawing.draws) setTimeout(go, 0);
  };
  go();
};`;
  return PARTS.map((part) => part.toString()).join("\n") + loop;
}

/** Tier acceptability, coarse at once and fine soon after; in a Worker, or in slices here where it reports an error. */
export class Doubt {
  /** @param {(counts: Float64Array, draws: number) => void} told */
  constructor(told) { this.told = told; this.ticket = 0; this.worker = null; this.tried = false; this.last = null; }

  /** @param {any} drawing */
  ask(drawing) {
    this.ticket += 1;
    this.last = drawing;
    if (!this.tried) this._open();
    if (this.worker) this.worker.postMessage({ ticket: this.ticket, drawing });
    else this._slices(drawing, this.ticket);
  }

  _open() {
    this.tried = true;
    try {
      const url = URL.createObjectURL(new Blob([workerSource()], { type: "text/javascript" }));
      this.worker = new Worker(url);
      this.worker.onmessage = ({ data }) => { if (data.ticket === this.ticket) this.told(data.counts, data.draws); };
      this.worker.onerror = (event) => {
        event.preventDefault?.();
        this.worker = null;
        this._slices(this.last, this.ticket);
      };
    } catch {
      this.worker = null;
    }
  }

  _slices(drawing, ticket) {
    const samplers = drawing.roles.map((_, r) => sampler(drawing, r)), counts = new Float64Array(drawing.people * 3);
    let done = 0, told = 0;
    const go = () => {
      if (ticket !== this.ticket) return;
      for (const end = performance.now() + 6; done < drawing.draws && performance.now() < end;) {
        accept(drawing, samplers, done, Math.min(done + 20, drawing.draws), counts);
        done = Math.min(done + 20, drawing.draws);
      }
      if (done === drawing.draws || (!told && done >= 1000)) this.told(counts.slice(), (told = done));
      if (done < drawing.draws) setTimeout(go, 0);
    };
    setTimeout(go, 0);
  }

  close() { this.ticket += 1; this.worker?.terminate(); }
}

/** All draws at once: for tests. @param {any} drawing */
export function acceptability(drawing) {
  const samplers = drawing.roles.map((_, r) => sampler(drawing, r)), counts = new Float64Array(drawing.people * 3);
  accept(drawing, samplers, 0, drawing.draws, counts);
  return counts;
}

/** The weights drawn for a role: for tests. */
export function drawn(drawing, r, count) {
  const sample = sampler(drawing, r);
  return Array.from({ length: count }, (_, place) => [...sample(place)]);
}

// --- sparks: who crosses a cut as one weight moves -------------------------------------------------------------------

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
function* sparkSteps(session, state, now, r, i, locked = new Set(), step = 1) {
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

// --- the view --------------------------------------------------------------------------------------------------------

const ROW = 30, GAP = 20, HEAD = 34, ALL_DRAWN = 30;
const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (`onclick`) and children. */
function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Set text only where it differs: untouched nodes cost no layout. */
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const points = (centi) => (centi / CENTI).toFixed(2);
const FORM = ["name", "asked_by", "why"];
let mounted = 0;

/** One live session in an element. */
export class View {
  /**
   * @param {HTMLElement} root @param {any} data what `reports/whatif_page.py` makes
   * @param {{language?: string, embedded?: boolean, driven?: boolean, onchange?: (told: any) => void}} [options]
   *   embedded in another page; driven by forms around it, which choose the role and keep scenarios
   */
  constructor(root, data, options = {}) {
    this.root = root;
    this.data = data;
    this.options = options;
    this.session = new Session(data.session);
    this.people = data.session.people;
    this.history = new History(this.session.agreed);
    this.locked = data.session.roles.map(() => new Set());
    this.role = this.session.members.reduce((most, own, r, all) => (own.length > all[most].length ? r : most), 0);
    this.language = options.language ?? data.languages[0];
    this.kept = data.scenarios.map((one) => keptOf(this.session, one));
    this.compared = ""; // the key of the scenario that is the base; places in a list change, keys do not
    this.opened = null;
    this.asking = "";
    this.chosen = -1;
    this.gesture = "";
    this.from = null;
    this.typedShares = [];
    this.refused = null;
    this.shares = null;
    this.id = `kwi${(mounted += 1)}`;
    this.doubt = new Doubt((counts, draws) => { this.shares = { counts, draws }; this.paintShares(); });
    this.agreed = this.session.evaluate(this.session.agreed);
    this.trusted = this.people.every((person, at) => this._isAgreed(person.agreed, at));
    this.keys = (event) => this.onkey(event);
    root.addEventListener("keydown", this.keys);
    this.leaving = (event) => { if (this.unsaved) event.preventDefault(); };
    window.addEventListener("beforeunload", this.leaving);
    this.build();
  }

  /** Whether an official result is what Python has. */
  _isAgreed([centi, rank, tier, reason], at) {
    const found = this.agreed;
    return found.centi[at] === (centi ?? -1) && found.rank[at] === (rank ?? 0) && found.reason[at] === reason
      && (TIERS[found.tier[at]] ?? null) === tier;
  }

  /** Words of the language shown, with values filled in; `n` chooses between one and many. */
  t(key, values = {}) {
    let text = this.data.words[this.language][key];
    if (text === undefined) throw new Error(`no words for ${key}`);
    if (typeof text === "object") text = values.n === 1 && text.one ? text.one : text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  /** A text in two languages. */
  show(text) {
    return this.language === "zh" ? text.zh || text.en : text.en || text.zh;
  }

  /** Names in words: `a, b and c`, or the first so many `and 5 more`. @param {string[]} names @param {number} most */
  listed(names, most) {
    const shown = names.slice(0, most), rest = names.length - shown.length, last = rest || shown.length < 2 ? "" : this.t("and", { last: shown.pop() });
    return shown.join(this.t("comma")) + (rest ? this.t("and_more", { n: rest }) : last);
  }

  get state() { return this.history.now; }
  get against() { return this.kept.find((one) => one.key === this.compared) ?? null; }
  /** The state that everything is compared with. */
  get ground() { return this.against?.state ?? this.session.agreed; }
  /** Whether leaving would lose something: a scenario that nobody copied, or moves that nobody kept. */
  get unsaved() {
    return this.trusted && (this.kept.some((one) => !one.safe)
      || !(alike(this.state, this.session.agreed) || this.kept.some((one) => alike(one.state, this.state))));
  }
  get roleData() { return this.data.session.roles[this.role]; }
  letter(tier) { return tier < 0 ? "–" : this.t(`letter_${TIERS[tier]}`); }
  person(at) { const { name } = this.people[at]; return typeof name === "string" ? name : this.show(name); }

  // -- building: once for each language ------------------------------------------------------------------------------

  build() {
    const { data } = this;
    this.root.classList.add("kwi");
    for (const [name, colour] of Object.entries(data.brand)) this.root.style.setProperty(`--${name}`, colour);
    this.root.lang = this.language === "zh" ? "zh-CN" : this.language;
    if (!this.options.embedded) {
      document.documentElement.lang = this.root.lang;
      document.title = `${this.t("title")} · ${this.show(data.name)} · ${this.show(data.cycle)}`;
    }
    this.rows = new Map();
    this.notes = new Map();
    this.nodes = {};
    this.root.replaceChildren(this.head(), this.trusted ? this.body() : h("p", { class: "kwi-alarm", role: "alert" }, this.t("differs")));
    if (!this.trusted) return;
    this.observer?.disconnect();
    this.ordered = "";
    this.observer = new ResizeObserver(() => this.look());
    this.observer.observe(this.nodes.scroll);
    this.seen = { top: 0, tall: this.nodes.scroll.clientHeight || 720 };
    this.paint();
  }

  head() {
    const heading = this.options.embedded ? "h3" : "h1";
    const told = this.options.embedded && !this.options.driven;  // the report around it has said what this is, and of whom
    const names = told ? [] : [
      h("p", { class: "kwi-kind" }, this.t("title")), h(heading, {}, `${this.show(this.data.name)} · ${this.show(this.data.cycle)}`),
    ];
    const speak = this.data.languages.length > 1 ? this.data.languages.map((language) => h("button", {
      type: "button", lang: language, "aria-pressed": String(language === this.language), onclick: () => this.speak(language),
    }, language === "zh" ? "中文" : "English")) : [];
    return h("header", { class: "kwi-head" },
      h("div", {}, ...names),
      h("div", { class: "kwi-tools" }, ...speak,
        this.options.embedded ? null : h("button", { type: "button", onclick: () => window.print() }, this.t("print"))));
  }

  body() {
    const make = this.options.embedded ? "div" : "main";
    return h(make, { class: "kwi-body" }, this.controls(), this.result());
  }

  controls() {
    const { nodes } = this, roles = this.data.session.roles;
    const pick = nodes.pick = h("select", { id: `${this.id}-role`, onchange: (event) => this.turnTo(roles[event.target.value].id) },
      roles.flatMap((role, r) => (this.session.members[r].length ? [h("option", { value: r, selected: r === this.role }, `${this.show(role.name)} (${this.session.members[r].length})`)] : [])));
    const button = (name) => (nodes[name] = h("button", { type: "button", onclick: () => this[name]() }, this.t(name)));
    nodes.items = h("div", { class: "kwi-items" });
    const made = h("section", { class: "kwi-controls", "aria-labelledby": `${this.id}-weights` },
      h("h2", { id: `${this.id}-weights` }, this.t("weights")),
      pick.length > 1 && !this.options.driven ? h("p", { class: "kwi-pick" }, h("label", { for: `${this.id}-role` }, this.t("role")), pick) : null,
      nodes.items, h("p", { class: "kwi-steps" }, button("undo"), button("redo"), button("reset")),
      this.rules(), this.options.driven ? null : this.scenarios());
    this.fillItems();
    return made;
  }

  /** The controls of the role shown: a row for each indicator that weighs, and the share of work done. */
  fillItems() {
    const { nodes } = this, role = this.roleData;
    nodes.each = new Map();
    const rows = role.items.flatMap((item, i) => (movable(item) ? [this.itemRow(item, i)] : []));
    nodes.share = role.combined ? this.shareRow(role) : null;
    nodes.items.replaceChildren(...rows, ...(nodes.share ? [nodes.share.row] : []));
    this.sparkFor = null;
  }

  itemRow(item, i) {
    const name = this.show(item.name), id = `${this.id}-w${i}`;
    const move = { role: this.role, item: i, part: "weight" }, set = (event) => this.set(move, event.target);
    const most = groupOf(this.roleData, i).reduce((sum, at) => sum + this.session.agreed.weights[this.role][at], 0) / CENTI;
    const slider = h("input", { type: "range", id, min: 0, max: most, step: 1, oninput: set, onpointerdown: () => this.endGesture(), onblur: () => this.endGesture() });
    const box = h("input", { type: "number", min: 0, max: most, step: "any", "aria-label": this.t("weight_of", { indicator: name }), oninput: set, onblur: () => this.leave() });
    const lock = h("button", { type: "button", class: "kwi-lock", "aria-pressed": "false", onclick: () => this.lock(i) }, h("i"));
    const wave = h("span", { class: "kwi-spark", role: "img" }), hold = h("span", { class: "kwi-hold" }), was = h("span", { class: "kwi-was" });
    const more = h("details", { class: "kwi-more" }, h("summary", {}, this.t("more_of")),
      item.scaled ? this.numberRow(this.t("target"), { role: this.role, item: i, part: "target" }, 1, 1000, "%", name) : null,
      this.numberRow(this.t("cap"), { role: this.role, item: i, part: "cap" }, 1, 1000, "", name));
    const row = h("div", { class: "kwi-item" },
      h("div", { class: "kwi-line" }, lock, h("label", { for: id }, h("i", { style: `background:${this.data.colours[item.kind]}` }), name), was, box),
      h("div", { class: "kwi-line" }, slider), this.note(keyOf(move)), h("div", { class: "kwi-line kwi-small" }, wave, hold, more));
    this.nodes.each.set(i, { row, slider, box, lock, wave, hold, was, name });
    return row;
  }

  /** A labelled number box that moves something else than a weight. */
  numberRow(label, move, least, most, unit, of = "") {
    const box = h("input", { type: "number", min: least, max: most, step: "any", "aria-label": of ? `${label} · ${of}` : null, oninput: () => this.set(move, box, least * CENTI, most * CENTI), onblur: () => this.leave() });
    (this.nodes.numbers ??= []).push({ box, move });
    return h("label", { class: "kwi-number" }, h("span", {}, label), box, unit, this.note(keyOf(move)));
  }

  /** Where a control says why it is not where it was asked to go. */
  note(key) {
    const node = h("span", { class: "kwi-note", role: "status" });
    this.notes.set(key, node);
    return node;
  }

  shareRow(role) {
    const whole = role.items.reduce((all, item) => all + (movable(item) ? item.weight : 0), 0) / CENTI;
    const move = { role: this.role, part: "share" }, set = (event) => this.set(move, event.target, 0, whole * CENTI);
    const id = `${this.id}-share`, common = { min: 0, max: whole, oninput: set };
    const slider = h("input", { type: "range", id, step: 1, onpointerdown: () => this.endGesture(), onblur: () => this.endGesture(), ...common });
    const box = h("input", { type: "number", step: "any", "aria-label": this.t("share"), onblur: () => this.leave(), ...common });
    return { move, slider, box, row: h("div", { class: "kwi-item kwi-share" }, h("div", { class: "kwi-line" }, h("label", { for: id }, this.t("share")), box), h("div", { class: "kwi-line" }, slider), this.note(keyOf(move))) };
  }

  rules() {
    this.nodes.numbers = this.nodes.numbers ?? [];
    this.nodes.tiers = TIERS.map((tier, at) => h("input", { type: "number", min: 0, max: 100, step: "any", "aria-label": this.t("share_of", { tier: this.t(`tier_${tier}`) }), oninput: () => this.setShares(at), onblur: () => this.leave() }));
    return h("details", { class: "kwi-rules" }, h("summary", {}, this.t("rules")),
      h("p", { class: "kwi-tiers" }, TIERS.map((tier, at) => h("label", {}, `${this.t(`letter_${tier}`)} `, this.nodes.tiers[at], "%")), this.note("tiers")),
      this.numberRow(this.t("item_cap"), { role: -1, part: "itemCap" }, 1, 1000, ""));
  }

  scenarios() {
    const { nodes } = this, field = (name) => (nodes[name] = h("input", { type: "text", maxlength: 200, autocomplete: "off" }));
    const label = (name) => h("label", { class: "kwi-field" }, h("span", {}, this.t(name)), field(name));
    nodes.chips = h("ul", { class: "kwi-chips", "aria-label": this.t("kept") });
    nodes.text = h("textarea", { readonly: true, rows: 6, hidden: true, "aria-label": this.t("text") });
    nodes.told = h("span", { class: "kwi-hint", role: "status" });
    return h("details", { class: "kwi-scenarios", open: true }, h("summary", {}, this.t("scenarios")), nodes.chips,
      label("name"), label("asked_by"), label("why"),
      h("p", {}, h("button", { type: "button", class: "kwi-main", onclick: () => this.keep() }, this.t("keep")),
        h("button", { type: "button", onclick: () => this.copy() }, this.t("copy"))), nodes.told, nodes.text);
  }

  result() {
    const { nodes } = this;
    nodes.said = h("p", { class: "kwi-said" });
    nodes.first = h("p", { class: "kwi-first" });
    nodes.decided = h("p", { class: "kwi-decided" });
    nodes.live = h("p", { class: "kwi-hidden", "aria-live": "polite", role: "status" });
    nodes.compare = h("select", { id: `${this.id}-compare`, onchange: (event) => { this.compared = event.target.value; this.paint(); } });
    nodes.moves = h("div", { class: "kwi-scroll" });
    nodes.movesBox = h("details", { class: "kwi-moves" }, h("summary", {}, this.t("moves")), nodes.moves);
    nodes.list = h("ol", { class: "kwi-list", "aria-label": this.t("ranking") });
    nodes.scroll = h("div", { class: "kwi-ranking", tabindex: this.people.length > ALL_DRAWN ? 0 : null, role: this.people.length > ALL_DRAWN ? "region" : null, "aria-label": this.people.length > ALL_DRAWN ? this.t("ranking") : null, onscroll: () => this.look() }, nodes.list);
    if (this.people.length > ALL_DRAWN) nodes.scroll.classList.add("kwi-long");
    nodes.detail = h("section", { class: "kwi-detail", hidden: true, "aria-label": this.t("detail") });
    const kinds = [...new Set(this.data.session.roles.flatMap((role) => role.items.map((item) => item.kind)))];
    const legend = h("p", { class: "kwi-legend" }, Object.keys(this.data.colours).filter((kind) => kinds.includes(kind))
      .map((kind) => h("span", {}, h("i", { style: `background:${this.data.colours[kind]}` }), this.t(`class_${kind}`))), h("span", {}, h("b", { class: "kwi-near" }, this.t("letter_middle")), this.t("near", { points: plain(this.data.near), n: this.data.near / CENTI })));
    return h("section", { class: "kwi-result", "aria-labelledby": `${this.id}-ranking` },
      h("div", { class: "kwi-over" }, h("h2", { id: `${this.id}-ranking` }, this.t("ranking")),
        h("p", { class: "kwi-pick" }, h("label", { for: `${this.id}-compare` }, this.t("compare")), nodes.compare)),
      nodes.said, nodes.decided, nodes.first, nodes.live, nodes.movesBox, legend, this.columns(), nodes.scroll, nodes.detail);
  }

  columns() {
    const names = ["rank", "change", "person", "made_of", "score", "tier", "held"];
    return h("div", { class: "kwi-row kwi-columns", "aria-hidden": "true" }, names.map((name) => h("span", {}, this.t(name))));
  }

  // -- what the user does --------------------------------------------------------------------------------------------

  /** Take what a control asks for, as far as there is room; what is not taken is said beside it. */
  set(move, control, least = -Infinity, most = Infinity) {
    if (control.value === "") return;
    const asked = Math.round(Number(control.value) * CENTI), key = keyOf(move);
    if (key !== this.gesture) {
      this.endGesture();
      this.gesture = key;
      this.from = move.role >= 0 ? this.state.weights[move.role] : null;
    }
    const locked = move.role >= 0 ? this.locked[move.role] : new Set(), before = valueOf(this.session, this.state, move);
    const state = moved(this.session, this.state, { ...move, to: Math.min(Math.max(asked, least), most) }, locked, this.from ?? undefined);
    this.take(state, key, asked, valueOf(this.session, state, move), control, locked.size > 0 && alike(state, this.state) && asked !== before);
  }

  /** One share moves and the others give way; of two that were typed, both stay. */
  setShares(at) {
    const box = this.nodes.tiers[at], key = `tiers|${at}`, asked = Math.round(Number(box.value) * CENTI);
    if (box.value === "") return;
    if (key !== this.gesture) {
      this.endGesture();
      this.gesture = key;
      this.from = inHundredths(this.state.shares);
      this.typedShares = [at, ...this.typedShares.filter((other) => other !== at)];
    }
    const to = sharesWith(this.from, at, asked, this.typedShares[1] ?? null);
    this.take(moved(this.session, this.state, { role: -1, part: "tiers", to }), "tiers", asked, to[at], box);
  }

  /** Go to a state, in the step that is going on, and say where it is not what was asked. */
  take(state, note, asked, got, control, shut = false) {
    const why = shut ? "stays" : asked > got ? "at_most" : "at_least";
    this.refused = asked === got ? null : { note, text: this.t(why, { asked: plain(asked), now: plain(got) }) };
    if (!alike(state, this.state)) {
      if (this.amending) this.history.amend(state);
      else this.history.push(state);
      this.amending = true;
    }
    this.typing = control.type === "number" ? control : null;
    this.soon(); // also where nothing moved: a slider that was pulled too far comes back
  }

  endGesture() { this.gesture = ""; this.amending = false; this.typing = null; }

  /** A box shows again what holds. */
  leave() { this.endGesture(); this.paintControls(); }

  /** Go to another state at once. @param {() => void} how */
  leap(how) { this.endGesture(); this.refused = null; this.typedShares = []; how(); this.paint(); }

  lock(i) {
    const own = this.locked[this.role];
    if (!own.delete(i)) own.add(i);
    this.endGesture();
    this.sparkFor = null;
    this.paint();
  }

  undo() { this.leap(() => this.history.undo()); }
  redo() { this.leap(() => this.history.redo()); }

  /** Back to what was agreed: who asked for the scenario opened last, and why, goes with it. */
  reset() {
    if (this.opened && FORM.every((name) => this.nodes[name]?.value.trim() === this.told(this.opened)[name])) this.fill(null);
    this.leap(() => this.history.push(this.session.agreed));
  }

  /** @param {any} changes a scenario's changes, as Python writes them */
  open(changes) { this.leap(() => this.history.push(stateOf(this.session, changes))); }

  /** Take over the scenarios that there are now. */
  keepAll(scenarios) {
    this.kept = scenarios.map((one) => keptOf(this.session, one));
    if (!this.against) this.compared = "";
    this.paint();
  }

  /** Show the weights of another role. @param {string} id */
  turnTo(id) {
    const r = this.data.session.roles.findIndex((role) => role.id === id);
    if (r < 0 || r === this.role) return;
    this.role = r;
    if (this.nodes.pick) this.nodes.pick.value = String(r);
    this.fillItems();
    this.paint();
  }

  label(one) { return this.show(one.name); }

  /** What a scenario says about itself, as it stands in the form. */
  told(one) { return { name: this.label(one), asked_by: one.asked_by, why: one.why }; }

  /** Fill the form with what a scenario says about itself. */
  fill(one) {
    this.opened = one;
    this.asking = "";
    for (const name of FORM) if (this.nodes[name]) this.nodes[name].value = one ? this.told(one)[name] : "";
  }

  /** Show a kept scenario: its weights, its name, who asked and why are one thing. */
  recall(one) {
    this.fill(one);
    this.leap(() => this.history.push(one.state));
  }

  /** What is shown and said now, as one scenario. */
  asScenario() {
    const { opened, state, nodes } = this, [typed, asked_by, why] = FORM.map((name) => nodes[name].value.trim());
    const taken = new Set(this.kept.map((one) => this.label(one)));
    const free = Array.from({ length: taken.size + 1 }, (_, n) => this.t("scenario_n", { n: n + 1 })).find((name) => !taken.has(name));
    const text = typed || free, name = opened && this.label(opened) === text ? opened.name : { zh: text, en: text };
    return { name, asked_by, why, state, elicited: opened ? stillElicited(this.session, opened, state) : [], safe: false };
  }

  /** Keep what is shown and return it; null where something must be settled first, which is said. */
  keep() {
    const { nodes, data } = this, found = this.asScenario(), name = this.label(found), none = weightless(this.session, this.state);
    if (none.length) {
      const names = none.map(({ role, item }) => this.show(data.session.roles[role].items[item].name));
      say(nodes.told, this.t("not_kept", { indicators: this.listed(names, 12) }));
      return null;
    }
    const at = this.kept.findIndex((one) => this.label(one) === name), old = this.kept[at];
    const same = old && ["state", "asked_by", "why"].every((part) => alike(old[part], found[part]));
    const asking = JSON.stringify(found);
    if (old && !same && this.asking !== asking) {
      this.asking = asking;
      say(nodes.told, this.t("replaces", { name }));
      return null;
    }
    const made = same ? old : { ...found, key: old?.key ?? `kept${(mounted += 1)}` };
    if (old) this.kept[at] = made;
    else this.kept.push(made);
    this.fill(made);
    say(nodes.told, this.t("is_kept", { name }));
    this.paint();
    this.paintKept();
    return made;
  }

  async copy() {
    const { nodes } = this, made = this.keep();
    if (!made) return;
    nodes.text.hidden = false;
    nodes.text.value = scenarioText(this.session, made);
    nodes.text.focus();
    nodes.text.select();
    made.safe = true;
    let done = false;
    try { await navigator.clipboard.writeText(nodes.text.value); done = true; } catch { /* a page from a file may not: the text stands there, marked */ }
    say(nodes.told, this.t(done ? "is_copied" : "to_copy", { client: this.data.session.client, cycle: this.data.session.cycle }));
  }

  speak(language) {
    const typed = FORM.map((name) => this.nodes[name]?.value ?? "");
    this.language = language;
    this.build();
    FORM.forEach((name, at) => { if (this.nodes[name]) this.nodes[name].value = typed[at]; });
    this.root.querySelector(`.kwi-tools [lang="${language}"]`)?.focus();
  }

  /** Keys that notebooks would take for themselves stay here: arrows belong to sliders. */
  onkey(event) {
    const undoing = (event.ctrlKey || event.metaKey) && !event.altKey ? { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()] : null;
    if (undoing && event.target.type !== "text") {
      event.preventDefault();
      event.stopPropagation();
      this[undoing]();
    } else if (!event.ctrlKey && !event.metaKey) {
      if (event.key === "Escape" && this.chosen >= 0) this.choose(-1);
      event.stopPropagation();
    }
  }

  choose(at) {
    const before = this.chosen;
    this.chosen = at === this.chosen ? -1 : at;
    this.paintDetail();
    this.paintRows();
    if (this.chosen < 0) this.rows.get(before)?.open.focus();
  }

  // -- painting ------------------------------------------------------------------------------------------------------

  /** Paint with the next frame, however many events came before it. */
  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.paint(); });
  }

  paint() {
    const { session, state } = this;
    const base = this.ground;
    if (this.base !== base) [this.base, this.then] = [base, session.evaluate(base)];
    this.now = session.evaluate(state);
    this.nodes.list.classList.toggle("kwi-glide", !this.amending); // while a slider is dragged, rows jump: gliding costs frames
    this.crossed = this.people.flatMap((_, at) => (this.now.tier[at] !== this.then.tier[at] ? [at] : []));
    this.near = this.nearCuts();
    this.paintControls();
    this.paintSaid();
    this.layOut();
    this.paintRows();
    this.paintDetail();
    this.later();
    this.options.onchange?.({ changes: scenarioOf(session, state), official: [...this.now.centi], tiers: [...this.now.tier] });
  }

  /** What may come a moment after the picture: doubt, sparks, the moves' table, the live region. */
  later() {
    clearTimeout(this.pause);
    this.sparking = null;
    this.pause = setTimeout(() => {
      this.doubt.ask(drawingOf(this.session, this.state, this.now));
      say(this.nodes.live, [this.nodes.said, ...(this.now.overturned.length ? [this.nodes.decided] : [])].map((node) => node.textContent).join(" "));
      this.inOrder();
      this.paintMoves();
      this.paintKept();
      this.sparks();
    }, 90);
  }

  paintControls() {
    const { nodes, state } = this, own = state.weights[this.role];
    for (const [i, each] of nodes.each) {
      const value = plain(own[i]), locked = this.locked[this.role].has(i);
      if (each.slider.value !== value) each.slider.value = value;
      if (each.box !== this.typing && each.box.value !== value) each.box.value = value;
      each.slider.disabled = each.box.disabled = locked;
      each.slider.setAttribute("aria-valuetext", this.t("weight_now", { weight: value, agreed: plain(this.session.agreed.weights[this.role][i]) }));
      each.lock.setAttribute("aria-pressed", String(locked));
      each.lock.setAttribute("aria-label", this.t(locked ? "unlock" : "lock", { indicator: each.name }));
      each.lock.title = each.lock.getAttribute("aria-label");
      const agreed = this.session.agreed.weights[this.role][i];
      say(each.was, agreed === own[i] ? "" : this.t("was", { weight: plain(agreed) }));
    }
    if (nodes.share) {
      const sum = plain(valueOf(this.session, state, nodes.share.move));
      nodes.share.slider.value = sum;
      if (nodes.share.box !== this.typing) nodes.share.box.value = sum;
    }
    for (const { box, move } of nodes.numbers) if (box !== this.typing && box.isConnected) box.value = plain(valueOf(this.session, state, move));
    nodes.tiers.forEach((box, at) => { if (box !== this.typing) box.value = String(toNumber(fraction(state.shares[at]))); });
    const known = new Map(weightless(this.session, state).map((move) => [keyOf(move), this.t("weightless")]));
    this.roleData.items.forEach(({ own_targets: n }, i) => {
      if (n && state.targets[this.role][i] !== FULL) known.set(keyOf({ role: this.role, item: i, part: "target" }), this.t("own_targets", { n }));
    });
    for (const [key, note] of this.notes) say(note, [this.refused?.note === key ? this.refused.text : "", known.get(key) ?? ""].filter(Boolean).join(" "));
    nodes.undo.disabled = !this.history.canUndo;
    nodes.redo.disabled = !this.history.canRedo;
    nodes.reset.disabled = alike(state, this.session.agreed);
  }

  paintSaid() {
    const { crossed } = this, list = this.listed(crossed.map((at) => `${this.person(at)} ${this.letter(this.then.tier[at])}→${this.letter(this.now.tier[at])}`), 6);
    say(this.nodes.said, crossed.length ? this.t("crossed", { n: crossed.length, people: list })
      : alike(this.state, this.session.agreed) && !this.against ? this.t("as_agreed") : this.t("nobody"));
    this.paintDecided();
  }

  /** What the calibration meeting decided, and whose decision no longer starts from the tier that is worked out. */
  paintDecided() {
    const { now, people } = this, list = (those) => this.listed(those, 12);
    const kept = people.flatMap((_, at) => (now.before[at] < 0 ? [] : [this.t("decided_one", { person: this.person(at), tier: this.letter(now.tier[at]), before: this.letter(now.before[at]) })]));
    const over = now.overturned.map((at) => {
      const [from, to] = people[at].decided.map((tier) => this.letter(TIERS.indexOf(tier)));
      return this.t("overturned_one", { person: this.person(at), from, to, now: this.letter(now.tier[at]) });
    });
    say(this.nodes.decided, [kept.length ? this.t("decided", { people: list(kept) }) : "", over.length ? this.t("overturned", { people: list(over) }) : ""].filter(Boolean).join(" "));
    this.nodes.decided.classList.toggle("kwi-overturned", over.length > 0);
  }

  /** Whom so little parts from somebody on the other side of a cut that a meeting should talk about them. */
  nearCuts() {
    const near = new Set(), { centi, tier, pools, reason } = this.now;
    for (const pool of pools) {
      const own = pool.members.filter((at) => tier[at] >= 0 && reason[at] !== "gate" && reason[at] !== "calibrated");
      for (const at of own) if (own.some((other) => tier[other] !== tier[at] && Math.abs(centi[other] - centi[at]) <= this.data.near)) near.add(at);
    }
    return near;
  }

  /** Where each row, each cut and each pool's head stands. */
  layOut() {
    const { order, tier, before, pools } = this.now, entries = [];
    const alone = this.people.flatMap((person, at) => (person.pool ? [] : [at])); // scored, ranked within no pool
    let y = 0;
    for (const pool of alone.length ? [...pools, { id: "", members: alone, tiered: false }] : pools) {
      const members = new Set(pool.members);
      if (pools.length > 1 || !pool.tiered || pool.advisory) {
        entries.push({ kind: "head", key: `h${pool.id}`, y, pool });
        y += HEAD;
      }
      let last = -1;
      for (const at of order) {
        if (!members.has(at)) continue;
        const worked = before[at] >= 0 ? before[at] : tier[at]; // whoever a meeting moved stays where the score stands
        if (worked > last && worked >= 0) {
          if (last >= 0) { entries.push({ kind: "cut", key: `c${pool.id}${worked}`, y, above: last, below: worked }); y += GAP; }
          last = worked;
        }
        entries.push({ kind: "row", key: at, y, at });
        y += ROW;
      }
      y += pools.length > 1 ? 8 : 0;
    }
    this.entries = entries;
    this.nodes.list.style.height = `${y}px`;
    this.most = Math.max(FULL, ...this.now.centi);
  }

  paintRows() {
    const { list } = this.nodes, every = this.people.length <= ALL_DRAWN || this.printing, { top, tall } = this.seen;
    const shown = every ? this.entries : this.entries.filter(({ y }) => y >= top - 4 * ROW && y <= top + tall + 4 * ROW);
    const keep = new Set(shown.map((entry) => entry.key));
    for (const [key, row] of this.rows) if (!keep.has(key)) { row.node.remove(); this.rows.delete(key); }
    for (const entry of shown) {
      let row = this.rows.get(entry.key);
      if (!row) {
        row = entry.kind === "row" ? this.newRow(entry.at) : { node: h("li", { class: `kwi-${entry.kind}` }), y: -1 };
        this.rows.set(entry.key, row);
        list.append(row.node);
      }
      if (row.y !== entry.y) { row.node.style.transform = `translateY(${entry.y}px)`; row.y = entry.y; }
      if (entry.kind === "row") this.paintRow(row, entry.at);
      else say(row.node, entry.kind === "cut" ? this.t("cut", { above: this.letter(entry.above), below: this.letter(entry.below) }) : this.poolSaid(entry.pool));
    }
  }

  /** Look which rows can be seen: asked for only when that changes, a question about layout is dear. */
  look() {
    this.seen = { top: this.nodes.scroll.scrollTop, tall: this.nodes.scroll.clientHeight };
    this.paintRows();
  }

  /** Reading order follows the ranking. */
  inOrder() {
    const shown = this.entries.filter((entry) => this.rows.has(entry.key)), order = shown.map((entry) => entry.key).join();
    if (order === this.ordered || this.nodes.list.contains(document.activeElement)) return;
    this.ordered = order;
    this.nodes.list.append(...shown.map((entry) => this.rows.get(entry.key).node));
  }

  poolSaid(pool) {
    const name = this.data.pools[pool.id] ? this.show(this.data.pools[pool.id]) : pool.id || this.t("no_group");
    if (!pool.id) return name;
    const called = this.now.pools.length > 1 ? `${name}${this.t("colon")}` : "";
    if (!pool.tiered) return called + this.t("small_pool", { n: pool.n, least: this.data.session.rules.min_group });
    return called + this.t("quotas", { n: pool.n, top: pool.counts[0], middle: pool.counts[1], bottom: pool.counts[2] }) + (pool.advisory ? ` ${this.t("advisory")}` : "");
  }

  newRow(at) {
    const part = (name) => h("span", { class: `kwi-${name}` });
    const open = h("button", { type: "button", class: "kwi-name", onclick: () => this.choose(at) });
    const parts = { rank: part("rank"), change: part("change"), open, bar: part("bar"), score: part("score"), tier: part("tier"), held: part("held") };
    const fill = h("i"), tick = h("u"), badge = h("b"), was = h("s"), strip = h("i"), share = h("em");
    parts.bar.append(fill, tick);
    parts.tier.append(badge, was);
    parts.held.append(strip, share);
    parts.bar.setAttribute("aria-hidden", "true");
    const node = h("li", { class: "kwi-row", "aria-setsize": this.people.length }, Object.values(parts));
    return { node, y: -1, fill, tick, badge, was, strip, share, ...parts };
  }

  paintRow(row, at) {
    const { now, then } = this, tier = now.tier[at], person = this.people[at];
    const crossed = tier !== then.tier[at], by = (then.rank[at] || 0) - (now.rank[at] || 0);
    const said = [now.centi[at], now.rank[at], tier, now.before[at], then.tier[at], by, this.near.has(at), at === this.chosen, this.most].join();
    const bar = this.gradient(at);
    if (row.bar_ !== bar) row.fill.style.background = row.bar_ = bar;
    if (row.said === said && row.shares === this.shares) return;
    row.said = said;
    row.node.setAttribute("aria-posinset", String(now.order.indexOf(at) + 1)); // only the rows in sight are in the page
    say(row.rank, now.rank[at] ? String(now.rank[at]) : "–");
    say(row.change, by && now.rank[at] ? `${by > 0 ? "▲" : "▼"}${Math.abs(by)}` : "");
    row.change.setAttribute("aria-label", by ? this.t(by > 0 ? "up" : "down", { n: Math.abs(by) }) : "");
    say(row.open, this.person(at));
    row.open.title = [this.person(at), this.show(this.data.session.roles[person.role].name), person.team].filter(Boolean).join(" · ");
    row.open.setAttribute("aria-expanded", String(at === this.chosen));
    say(row.score, now.centi[at] < 0 ? "–" : points(now.centi[at]));
    row.tick.style.left = `${(100 * Math.max(now.centi[at], 0)) / this.most}%`;
    say(row.badge, this.letter(tier));
    row.badge.className = `kwi-badge kwi-${TIERS[tier] ?? "none"}${this.near.has(at) ? " kwi-near" : ""}`;
    row.badge.title = [tier < 0 ? "" : this.t(`tier_${TIERS[tier]}`), this.t(`reason_${now.reason[at]}`), this.near.has(at) ? this.t("near", { points: plain(this.data.near), n: this.data.near / CENTI }) : ""].filter(Boolean).join(" · ");
    say(row.was, crossed ? `${this.t("from")} ${this.letter(then.tier[at])}` : now.before[at] >= 0 ? this.t("decided_short", { before: this.letter(now.before[at]) }) : "");
    row.node.classList.toggle("kwi-crossed", crossed);
    row.node.classList.toggle("kwi-better", crossed && tier >= 0 && tier < then.tier[at]);
    row.node.classList.toggle("kwi-chosen", at === this.chosen);
    this.paintShare(row, at);
  }

  /** The bar of what a person earned, as one picture: a stripe for each indicator, by class, then the team's part. */
  gradient(at) {
    const { session, now, state } = this, r = this.people[at].role, items = this.data.session.roles[r].items;
    const kinds = Object.keys(this.data.colours), team = this.data.session.rules.team_share / FULL;
    const counts = (i) => now.states[at][i] === "scored" || now.states[at][i] === "filled";
    const whole = items.reduce((sum, _, i) => sum + (counts(i) ? state.weights[r][i] : 0), 0);
    if (!whole || now.centi[at] < 0) return "none";
    const scale = 100 / (this.most / CENTI), stops = [];
    let x = 0;
    const add = (width, colour) => {
      if (width < 0.05) return;
      stops.push(`${colour} ${x.toFixed(2)}% ${(x + width - 0.22).toFixed(2)}%`, `#fff ${(x + width - 0.22).toFixed(2)}% ${(x + width).toFixed(2)}%`);
      x += width;
    };
    items.map((item, i) => [kinds.indexOf(item.kind), i]).sort((a, b) => a[0] - b[0]).forEach(([, i]) => {
      if (counts(i)) add(((now.scores[at][i] / MICRO) * state.weights[r][i] / whole) * scale * (1 - team), this.data.colours[items[i].kind]);
    });
    if (team) add(Math.max(now.centi[at] / CENTI * scale - x, 0), "#b9c1c9");
    return stops.length ? `linear-gradient(90deg,${stops.join(",")},transparent 0)` : "none";
  }

  paintShares() { for (const [key, row] of this.rows) if (typeof key === "number") this.paintShare(row, key); }

  paintShare(row, at) {
    if (row.shares === this.shares && row.sharesTier === this.now.tier[at]) return;
    row.shares = this.shares;
    row.sharesTier = this.now.tier[at];
    const tier = this.now.tier[at];
    if (!this.shares || tier < 0 || this.now.before[at] >= 0) { say(row.share, ""); row.strip.style.background = "none"; return; }
    const [top, , bottom] = [0, 1, 2].map((which) => (100 * this.shares.counts[at * 3 + which]) / this.shares.draws);
    row.strip.style.background = `linear-gradient(90deg,var(--top) ${top}%,var(--middle) ${top}% ${100 - bottom}%,var(--bottom) ${100 - bottom}%)`;
    const own = (100 * this.shares.counts[at * 3 + tier]) / this.shares.draws;
    say(row.share, `${own.toFixed(0)}%`);
    row.held.title = this.t("held_by", { share: own.toFixed(0), tier: this.letter(tier), draws: this.shares.draws });
  }

  // -- what comes a moment later -------------------------------------------------------------------------------------

  /** Everybody whose tier, rank or score differs, whoever crossed a cut first; `by` is the indicator that did most. */
  changes() {
    const { now, then, session, ground: base } = this;
    const changed = this.people.flatMap((_, at) => (now.tier[at] !== then.tier[at] || now.centi[at] !== then.centi[at] || now.rank[at] !== then.rank[at] ? [at] : []));
    changed.sort((a, b) => Number(now.tier[b] !== then.tier[b]) - Number(now.tier[a] !== then.tier[a])
      || Math.abs(then.rank[b] - now.rank[b]) - Math.abs(then.rank[a] - now.rank[a]) || a - b);
    if (!changed.length) return [];
    const before = session.allPoints(base), after = session.allPoints(this.state);
    return changed.map((at) => {
      const [first, second] = [[then, base], [now, this.state]].map(([found, state]) => countedWeights(found.states[at], state.weights[this.people[at].role]));
      const by = effects(before[at], after[at], first, second);
      const which = by.reduce((best, value, i) => (Math.abs(value) > Math.abs(by[best]) ? i : best), 0);
      return { at, which, by: by[which] };
    });
  }

  paintMoves() {
    const { now, then } = this, found = this.changes(), shown = this.printing ? found : found.slice(0, 40);
    this.nodes.movesBox.hidden = !found.length;
    say(this.nodes.movesBox.firstChild, this.t("moves_n", { n: found.length }));
    const arrow = (before, after) => (before === after ? after : `${before} → ${after}`);
    const score = (centi) => (centi < 0 ? "–" : points(centi));
    const rows = shown.map(({ at, which, by }) => h("tr", { class: now.tier[at] !== then.tier[at] ? "kwi-crossed" : null },
      h("th", { scope: "row" }, this.person(at)), h("td", {}, arrow(this.letter(then.tier[at]), this.letter(now.tier[at]))),
      h("td", {}, arrow(String(then.rank[at] || "–"), String(now.rank[at] || "–"))), h("td", {}, arrow(score(then.centi[at]), score(now.centi[at]))),
      h("td", {}, !by ? "–" : `${this.show(this.data.session.roles[this.people[at].role].items[which].name)} ${by > 0 ? "+" : "−"}${points(Math.abs(by))}`)));
    this.nodes.moves.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, ["person", "tier", "rank", "score", "mostly"].map((name) => h("th", { scope: "col" }, this.t(name))))), h("tbody", {}, rows)));
  }

  paintKept() {
    const { nodes } = this, option = (value, text) => h("option", { value, selected: value === this.compared }, text);
    if (document.activeElement !== nodes.compare) nodes.compare.replaceChildren(option("", this.t("agreed")), ...this.kept.map((one) => option(one.key, this.label(one))));
    if (!nodes.chips) return;
    const pressed = (one) => String(alike(one.state, this.state));
    if (nodes.chips.contains(document.activeElement)) this.kept.forEach((one, at) => nodes.chips.children[at]?.firstChild.setAttribute("aria-pressed", pressed(one)));
    else nodes.chips.replaceChildren(...this.kept.map((one) => h("li", {}, h("button", { type: "button", "aria-pressed": pressed(one), onclick: (event) => { this.recall(one); event.target.focus(); } }, this.label(one)))));
  }

  paintDetail() {
    const { nodes, now, then, session } = this, at = this.chosen;
    nodes.detail.hidden = at < 0;
    if (at < 0) return;
    const r = this.people[at].role, base = this.ground;
    const [before, after] = [base, this.state].map((state) => session.allPoints(state)[at]), cell = (value) => h("td", {}, value);
    const rows = this.data.session.roles[r].items.map((item, i) => h("tr", {}, h("th", { scope: "row" }, this.show(item.name)),
      cell(now.states[at][i] === "missing" || now.states[at][i] === "not_counted" ? "–" : (now.scores[at][i] / MICRO).toFixed(2)),
      cell(plain(this.state.weights[r][i])), cell(after[i] === null ? "–" : points(after[i])),
      cell(after[i] === null || before[i] === null || after[i] === before[i] ? "" : `${after[i] > before[i] ? "+" : "−"}${points(Math.abs(after[i] - before[i]))}`)));
    const focused = nodes.detail.contains(document.activeElement);
    const close = h("button", { type: "button", onclick: () => this.choose(-1) }, this.t("close"));
    nodes.detail.replaceChildren(h("p", { class: "kwi-over" }, h("b", {}, [this.person(at), this.show(this.data.session.roles[r].name), this.people[at].team].filter(Boolean).join(" · ")),
      h("span", {}, `${now.centi[at] < 0 ? "–" : points(now.centi[at])} · ${this.letter(now.tier[at])} · ${this.t(`reason_${now.reason[at]}`)}${then.centi[at] !== now.centi[at] && then.centi[at] >= 0 ? ` (${this.t("from")} ${points(then.centi[at])})` : ""}`), close),
      h("div", { class: "kwi-scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["indicator", "score", "weight", "points", "change"].map((name) => h("th", { scope: "col" }, this.t(name))))), h("tbody", {}, rows))));
    if (focused) close.focus();
  }

  /** Sparks of the role shown, a few milliseconds at a time; whatever moves stops them. */
  sparks() {
    const key = JSON.stringify([this.role, this.state, [...this.locked[this.role]]]);
    if (key === this.sparkFor) return;
    const step = this.people.length > 150 ? 5 : this.people.length > 60 ? 2 : 1, found = [], steps = this.eachSpark(step, found);
    this.sparking = steps;
    const go = () => {
      if (this.sparking !== steps) return;
      for (const end = performance.now() + 7; performance.now() < end;) if (steps.next().done) { this.sparkFor = key; this.firstFlip(found); return; }
      setTimeout(go, 0);
    };
    go();
  }

  * eachSpark(step, found) {
    for (const [i, each] of this.nodes.each) {
      const one = yield* sparkSteps(this.session, this.state, this.now, this.role, i, this.locked[this.role], step);
      this.session._rescore(this.state);
      found.push({ i, ...one });
      this.paintSpark(each, one, this.state.weights[this.role][i] / CENTI, step);
    }
  }

  paintSpark(each, { changes, low, high }, here, step) {
    const most = Math.max((changes.length - 1) * step, 1), peak = Math.max(2, ...changes), wide = 120, tall = 22;
    const x = (value) => (wide * value) / most, y = (value) => tall - 2 - ((tall - 5) * value) / peak;
    const shape = (tag, attributes) => { const made = document.createElementNS(SVG, tag); for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value)); return made; };
    const svg = shape("svg", { viewBox: `0 0 ${wide} ${tall}`, width: wide, height: tall, "aria-hidden": "true" });
    svg.append(shape("rect", { x: x(low), y: 0, width: Math.max(x(high) - x(low), 1.5), height: tall, class: "kwi-band" }),
      shape("polyline", { points: changes.map((count, at) => `${x(at * step).toFixed(1)},${y(count).toFixed(1)}`).join(" ") }),
      shape("line", { x1: x(here), x2: x(here), y1: 0, y2: tall }));
    each.wave.replaceChildren(svg);
    const said = low === 0 && high === most ? this.t("holds_all")
      : low === high ? this.t("holds_one", { n: step }) : this.t("holds", { low: plain(low * CENTI), high: plain(high * CENTI) });
    each.wave.setAttribute("aria-label", `${this.t("spark", { indicator: each.name, most: Math.max(...changes) })} ${said}`);
    say(each.hold, said);
  }

  /** Say which weight would be the first to put somebody on the other side of a cut. */
  firstFlip(found) {
    const all = found.filter((one) => one.next).map((one) => ({ ...one, far: Math.abs(one.next.to - this.state.weights[this.role][one.i] / CENTI) }));
    const first = all.reduce((best, one) => (!best || one.far < best.far ? one : best), null);
    say(this.nodes.first, first ? this.t("first", {
      indicator: this.nodes.each.get(first.i).name, to: plain(first.next.to * CENTI), now: plain(this.state.weights[this.role][first.i]),
      n: first.next.people.length, people: this.listed(first.next.people.map((at) => this.person(at)), 4),
    }) : this.t("no_first"));
  }

  /** Everything on paper: all rows, all moves. */
  onprint(on) {
    this.printing = on;
    this.paintMoves();
    this.nodes.movesBox.open = on || this.nodes.movesBox.open;
    this.paintRows();
  }

  close() {
    this.doubt.close();
    this.observer?.disconnect();
    clearTimeout(this.pause);
    cancelAnimationFrame(this.waiting);
    this.root.removeEventListener("keydown", this.keys);
    window.removeEventListener("beforeunload", this.leaving);
    this.sparking = null;
  }
}

/** What `anywidget` calls in JupyterLab and Voilà: Python hears of every change, the newest first. */
export default {
  render({ model, el }) {
    const root = document.createElement("div");
    let view = null, waiting = 0, telling = null;
    const tell = () => {
      waiting = 0;
      model.set("told", telling);
      model.save_changes();
    };
    const onchange = (told) => { telling = told; waiting ||= setTimeout(tell, 60); };
    const open = () => {
      const data = model.get("data"), named = ({ session }) => `${session.client} ${session.cycle} ${session.design}`;
      if (view && named(view.data) === named(data)) view.keepAll(data.scenarios);
      else {
        view?.close();
        view = new View(root, data, { language: model.get("language"), embedded: true, driven: true, onchange });
      }
    };
    const heard = {
      data: open, language: () => view.speak(model.get("language")), role: () => view.turnTo(model.get("role")),
      ask: () => { if (model.get("ask").changes) view.open(model.get("ask").changes); },
    };
    el.append(root);
    open();
    heard.role();
    heard.ask();
    for (const [name, listener] of Object.entries(heard)) model.on(`change:${name}`, listener);
    return () => {
      for (const [name, listener] of Object.entries(heard)) model.off(`change:${name}`, listener);
      clearTimeout(waiting);
      view.close();
      root.remove();
    };
  },
};

if (typeof document !== "undefined") {
  const block = document.getElementById("kpi-what-if-data"), root = document.getElementById("kpi-what-if");
  if (block && root) {
    const view = new View(root, JSON.parse(block.textContent), { language: root.dataset.language, embedded: root.dataset.embedded === "yes" });
    window.addEventListener("beforeprint", () => view.onprint(true));
    window.addEventListener("afterprint", () => view.onprint(false));
    root.dataset.ready = "yes";
  }
}
