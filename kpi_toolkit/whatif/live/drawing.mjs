// @ts-check
/** Weights that might have been agreed instead: drawn with the same random numbers every time, on unrounded totals. */

import { weighing } from "./moves.mjs";
import { CENTI, FULL, MICRO } from "./numbers.mjs";

/** @import { Session } from "./session.mjs" */
/** @import { DoubtRules, Item, Outcome, State, Walk } from "./types.mjs" */

/**
 * @typedef {object} Drawn somebody whose total is drawn
 * @property {number} at
 * @property {number} role
 * @property {number[]} scores
 * @property {number[]} counts 1 for what counts
 * @property {boolean} held whether a veto holds the total
 * @property {number} official
 * @property {number} own the weighted score by itself
 *
 * @typedef {{quotas: number[], line: number|null, people: Drawn[]}} DrawnPool
 * @typedef {{weights: number[], geometric: boolean, walk: Walk|null, agreed: number[]}} DrawnRole
 * @typedef {DoubtRules & {pools: DrawnPool[], roles: DrawnRole[], ownShare: number, people: number}} Drawing
 * @typedef {(place: number) => Float64Array} Sampler
 */

/**
 * Whether a veto holds somebody's total, whatever the weights.
 * @param {Item[]} items @param {number[]} scores @param {string[]} states
 */
function isHeld(items, scores, states) {
  const scopes = items.flatMap(({ gate }, i) =>
    (gate && scores[i] <= 0 && ["scored", "gate"].includes(states[i]) ? [gate[0]] : []));
  return scopes.length > 0 && !scopes.includes("tier");
}

/**
 * The numbers that drawing needs, without names: it crosses to the Worker. Totals are unrounded; team, plus/minus row
 * and bounds stand beside the weighted score as they are, and whom a veto holds stays (`whatif/confidence.py`).
 * @param {Session} session @param {State} state @param {Outcome} found @returns {Drawing}
 */
export function drawingOf({ data }, state, found) {
  const { rules } = data, line = rules.pass_line === null ? null : rules.pass_line / CENTI;
  /** @param {number} at @returns {Drawn} */
  const person = (at) => {
    const { role } = data.people[at], { items, geometric } = data.roles[role];
    const counts = found.states[at].map((name) => (name === "scored" || name === "filled" ? 1 : 0));
    const scores = found.scores[at].map((micro) => micro / MICRO);
    const held = isHeld(items, found.scores[at], found.states[at]);
    const own = mean(scores, counts, state.weights[role], geometric);
    return { at, role, scores, counts, held, official: found.centi[at] / CENTI, own };
  };
  const pools = found.pools.filter((pool) => pool.tiered).map(({ quotas, members }) =>
    ({ quotas, line, people: members.filter((at) => found.tier[at] >= 0).map(person) }));
  const roles = data.roles.map((role, r) =>
    ({ weights: [...state.weights[r]], geometric: role.geometric, walk: role.walk, agreed: weighing(role) }));
  return { pools, roles, ownShare: 1 - rules.team_share / FULL, people: data.people.length, ...data.doubt };
}

/**
 * A weighted mean of what counts, in machine numbers.
 * @param {number[]} scores @param {number[]} counts @param {ArrayLike<number>} weights @param {boolean} geometric
 */
export function mean(scores, counts, weights, geometric) {
  let sum = 0, whole = 0;
  for (let i = 0; i < scores.length; i++) {
    if (!counts[i]) continue;
    whole += weights[i];
    sum += weights[i] * (geometric ? Math.log(Math.max(scores[i], 1e-12)) : scores[i]);
  }
  if (whole <= 0) return 0;
  return geometric ? Math.exp(sum / whole) : sum / whole;
}

/**
 * A stream of random numbers of its own for each seed and place (splitmix32): the same draw stays the same draw.
 * @param {number} seed @param {number} place
 */
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
 * Values at these places, brought to a sum of 1.
 * @param {Float64Array} into @param {number[]} values @param {number[]} places
 */
function normalised(into, values, places) {
  into.fill(0);
  const sum = values.reduce((all, value) => all + value, 0);
  values.forEach((value, at) => { into[places[at]] = value / sum; });
  return into;
}

/**
 * Weights of a role that might have been agreed instead, draw after draw, each summing to 1 (`whatif/weights.py`).
 * @param {Drawing} drawing @param {number} r @returns {Sampler}
 */
export function sampler(drawing, r) {
  const { weights, walk } = drawing.roles[r], mode = drawing.weights;
  if (mode === "statements" && walk) return walker(drawing, r, walk);
  const held = weights.flatMap((weight, i) => (weight > 0 ? [i] : []));
  const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const found = new Float64Array(weights.length), order = [...held].sort((a, b) => weights[b] - weights[a]);
  const value = (/** @type {number} */ place, /** @type {number} */ i) => {
    const random = stream(drawing.seed + r * 7919, place * 64 + i);
    if (mode !== "around") return -Math.log(random());
    return gamma(Math.max((weights[i] / whole) * drawing.concentration, 1e-12), random);
  };
  return (place) => {
    const values = held.map((i) => value(place, i));
    if (mode !== "ordinal") return normalised(found, values, held);
    const ties = stream(drawing.seed + 31, place), turns = order.map((i) => ({ i, turn: ties() }));
    turns.sort((a, b) => weights[b.i] - weights[a.i] || a.turn - b.turn);
    return normalised(found, values.sort((a, b) => b - a), turns.map(({ i }) => i));
  };
}

/**
 * How far a step may go either way until a bound is met.
 * @param {Walk} walk @param {number[]} here @param {number[]} way
 */
function reach({ rows, least }, here, way) {
  let low = -Infinity, high = Infinity;
  rows.forEach((row, at) => {
    let slope = 0, room = -least[at];
    for (let i = 0; i < here.length; i++) { slope += row[i] * way[i]; room += row[i] * here[i]; }
    if (slope > 1e-15) low = Math.max(low, -room / slope);
    else if (slope < -1e-15) high = Math.min(high, -room / slope);
  });
  return [Number.isFinite(low) ? Math.min(low, 0) : 0, Number.isFinite(high) ? Math.max(high, 0) : 0];
}

/**
 * Hit-and-run: straight steps in random directions among the weights that keep all statements.
 * @param {Drawing} drawing @param {number} r @param {Walk} walk @returns {Sampler}
 */
function walker(drawing, r, walk) {
  const { agreed, weights } = drawing.roles[r], random = stream(drawing.seed + r * 7919, 0);
  const found = new Float64Array(weights.length), here = [...walk.start];
  const step = () => {
    const way = here.map(() => 0);
    for (const direction of walk.free) {
      const along = normal(random);
      direction.forEach((part, i) => { way[i] += along * part; });
    }
    const [low, high] = reach(walk, here, way), far = low + random() * (high - low);
    way.forEach((part, i) => { here[i] += far * part; });
  };
  for (let i = 0; i < 200; i++) step();
  return () => {
    for (let i = 0; i < here.length; i++) step();
    return normalised(found, here.map((weight) => Math.max(weight, 0)), agreed);
  };
}

/**
 * Everybody's total in a pool under drawn weights.
 * @param {Drawing} drawing @param {DrawnPool} pool @param {Float64Array[]} weights
 */
function drawnTotals(drawing, pool, weights) {
  const totals = new Float64Array(pool.people.length);
  pool.people.forEach(({ held, official, own, scores, counts, role }, p) => {
    const moved = held ? 0 : mean(scores, counts, weights[role], drawing.roles[role].geometric) - own;
    totals[p] = held ? official : official + drawing.ownShare * moved;
  });
  return totals;
}

/**
 * Add to `counts` in which tier each of a pool lands.
 * @param {DrawnPool} pool @param {Float64Array} totals @param {Float64Array} counts
 */
function countTiers(pool, totals, counts) {
  const n = totals.length, [top, , bottom] = pool.quotas, ordered = Float64Array.from(totals).sort();
  const edge = top ? ordered[n - top] : Infinity;
  const above = bottom < n ? ordered[bottom] : Infinity, below = bottom ? above : -Infinity;
  let crowd = 0;
  for (let p = 0; p < n; p++) if (totals[p] >= edge - 1e-9) crowd += 1;
  for (let p = 0; p < n; p++) {
    // Too many people tied at the cut go to the middle tier.
    const first = crowd > 2 * top ? totals[p] > edge + 1e-9 : totals[p] >= edge - 1e-9;
    const last = !first && totals[p] < below - 1e-9 && (pool.line === null || totals[p] < pool.line);
    counts[pool.people[p].at * 3 + (last ? 2 : Number(!first))] += 1;
  }
}

/**
 * Count in which tier each person lands, draws `from` to `to`; `counts` is people x 3.
 * @param {Drawing} drawing @param {Sampler[]} samplers @param {number} from @param {number} to
 * @param {Float64Array} counts
 */
export function accept(drawing, samplers, from, to, counts) {
  for (let place = from; place < to; place++) {
    const weights = samplers.map((sample) => sample(place));
    for (const pool of drawing.pools) countTiers(pool, drawnTotals(drawing, pool, weights), counts);
  }
}

/** What drawing needs to begin: who draws for each role, and nobody counted yet. @param {Drawing} drawing */
export function prepared(drawing) {
  return { samplers: drawing.roles.map((_, r) => sampler(drawing, r)), counts: new Float64Array(drawing.people * 3) };
}

/** Each of these stands by itself and calls only the others: the Worker is given their texts. */
export const WORKING = [
  mean, stream, normal, gamma, normalised, sampler, reach, walker, drawnTotals, countTiers, accept, prepared,
];
