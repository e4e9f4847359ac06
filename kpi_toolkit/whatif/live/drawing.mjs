// @ts-check
/** Weights that might have been agreed instead: drawn with the same random numbers every time. */

import { scoreMicro } from "./curves.mjs";
import { weighing } from "./moves.mjs";
import { CENTI, FULL, MICRO, fraction, times } from "./numbers.mjs";
import {
  countDraw, keysOf, mean, placeDraw, scoreAt, scoreDraw, sidePoints, widest,
} from "./placing.mjs";
import { tierQuotas } from "./tiers.mjs";

/** @import { Drawn, Placing, Stepped, Tie } from "./placing.mjs" */
/** @import { Session } from "./session.mjs" */
/** @import { DoubtRules, Exact, Outcome, State, Walk } from "./types.mjs" */

/**
 * @typedef {{weights: number[], geometric: boolean, sides: number[], walk: Walk|null, agreed: number[]}} DrawnRole
 * @typedef {Placing & DoubtRules & {roles: DrawnRole[]}} Drawing
 * @typedef {(place: number) => Float64Array} Sampler
 */

const SIDES = ["process", "result"];
/** A cap that holds nobody, and a weight at which a point of the form is next to nothing; both in hundredths. */
const FREE = 1e9;

/**
 * How a score follows its own weight where steps are points of the form, or null. At the whole weight a step takes
 * least: what meets a bound there meets it under any weight.
 * @param {Session} session @param {State} state @param {number} at @param {number} i @returns {Stepped|null}
 */
function steppedOf({ data }, state, at, i) {
  const { role, lines, fixed } = data.people[at], item = data.roles[role].items[i], [, value, aim, view] = lines[i];
  if (!item.curve.points || value === null || !state.weights[role][i]) return null;
  const share = /** @type {Exact} */ ([BigInt(state.targets[role][i]), BigInt(FULL)]);
  const stays = aim === null || !item.scaled || fixed?.includes(i);
  const target = stays ? aim : times(fraction(aim), share).join("/");
  const score = (/** @type {number} */ weight) => scoreMicro(item, value, target, view, FREE, weight) / MICRO;
  const start = score(FULL * FREE), whole = score(FULL), far = score(1);
  const cap = (state.caps[role][i] ?? state.itemCap) / CENTI;
  return { start, slope: whole - start, low: Math.min(start, far), high: Math.min(Math.max(start, far), cap) };
}

/**
 * What breaks ties, person by person: a side's points are drawn, everything else stays as it is.
 * @param {Session} session @param {State} state @returns {Tie[]}
 */
function tiesOf(session, state) {
  const { rules, people } = session.data, chains = rules.tie_break.length ? session.tieParts(state) : [];
  return rules.tie_break.map((name, k) => (SIDES.includes(name)
    ? { side: SIDES.indexOf(name) }
    : { values: people.map((_, at) => (chains[at][2 * k] ? chains[at][2 * k + 1] : -Infinity)) }));
}

/**
 * The numbers that drawing needs, without names: it crosses to the Worker.
 * @param {Session} session @param {State} state @param {Outcome} found @returns {Drawing}
 */
export function drawingOf(session, state, found) {
  const { data } = session, { rules } = data, scored = session.scored(state);
  /** @param {number} at @returns {Drawn} */
  const person = (at) => {
    const { role, adjustment, exempt } = data.people[at], { items } = data.roles[role], states = found.states[at];
    const stepped = items.map((_, i) => (states[i] === "scored" ? steppedOf(session, state, at, i) : null));
    const added = SIDES.map((side) => items.reduce((sum, item, i) =>
      sum + (states[i] === "added" && item.side === side ? found.scores[at][i] / MICRO : 0), 0));
    return {
      role, scores: found.scores[at].map((micro) => micro / MICRO), exempt, plus: adjustment,
      counts: states.map((name) => Number(name === "scored" || name === "filled")),
      absent: states.map((name) => Number(name === "missing")), stepped: stepped.some(Boolean) ? stepped : null,
      added: added[0] + added[1], addedBySide: added, limit: scored.limit[at], barred: Boolean(scored.barred[at]),
    };
  };
  const gap = rules.rule === "boundary_gap", rule = gap ? "largest_remainder" : rules.rule;
  const seatsFor = (/** @type {string} */ id, /** @type {number} */ n) => {
    const [top, , bottom] = tierQuotas(n, state.shares, rule, rules.before[id] ?? 0, []);
    return [top, bottom];
  };
  const pools = [...session.pools].map(([id, members]) => {
    const now = members.filter((at) => !scored.unranked[at]).length;
    const sizes = rules.least_weight ? members.map((_, k) => k + 1) : [now];
    const large = sizes.filter((n) => n && n >= rules.min_group);
    return { members, seats: Object.fromEntries(large.map((n) => [n, seatsFor(id, n)])) };
  });
  const roles = data.roles.map((role, r) => ({
    weights: [...state.weights[r]], geometric: role.geometric, walk: role.walk, agreed: weighing(role),
    sides: role.items.map(({ side }) => SIDES.indexOf(side)),
  }));
  return {
    people: data.people.map((_, at) => person(at)), pools, roles, gap, tie: rules.tie, line: rules.pass_line,
    teams: [...session.teams].flatMap(([name, members]) => (name ? [members] : [])), ties: tiesOf(session, state),
    teamShare: rules.team_share / FULL, least: rules.least_weight / FULL, ...data.doubt,
  };
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
    const ties = stream(drawing.seed + r * 7919 + 31, place), turns = order.map((i) => ({ i, turn: ties() }));
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
 * Count in which tier each person lands, draws `from` to `to`; `counts` is people x 3.
 * @param {Drawing} drawing @param {Sampler[]} samplers @param {number} from @param {number} to
 * @param {Float64Array} counts
 */
export function accept(drawing, samplers, from, to, counts) {
  const n = drawing.people.length, [own, whole, centi] = [0, 1, 2].map(() => new Float64Array(n));
  const into = { own, whole, centi, ranked: new Array(n).fill(false) };
  for (let place = from; place < to; place++) {
    countDraw(drawing, samplers.map((sample) => sample(place)), into, counts);
  }
}

/** What drawing needs to begin: who draws for each role, and nobody counted yet. @param {Drawing} drawing */
export function prepared(drawing) {
  const samplers = drawing.roles.map((_, r) => sampler(drawing, r));
  return { samplers, counts: new Float64Array(drawing.people.length * 3) };
}

/** Each of these stands by itself and calls only the others: the Worker is given their texts. */
export const WORKING = [
  scoreAt, mean, scoreDraw, sidePoints, keysOf, widest, placeDraw, countDraw,
  stream, normal, gamma, normalised, sampler, reach, walker, accept, prepared,
];
