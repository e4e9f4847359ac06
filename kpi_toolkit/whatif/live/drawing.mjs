// @ts-check
/** Weights that might have been agreed instead: drawn with the same random numbers every time. */

import { weighing } from "./moves.mjs";
import { CENTI, FULL, MICRO, total } from "./numbers.mjs";
import {
  compareKeys, countDraw, keysOf, mean, placeDraw, scoreAt, scoreDraw, sidePoints, widest,
} from "./placing.mjs";
import { seatsOf } from "./tiers.mjs";

/** @import { Drawn, Placing, Stepped, Tie } from "./placing.mjs" */
/** @import { Session } from "./session.mjs" */
/** @import { DoubtRules, Outcome, State, Walk } from "./types.mjs" */

/**
 * @typedef {{weights: number[], geometric: boolean, sides: number[], walk: Walk|null, agreed: number[]}} DrawnRole
 * @typedef {{width: number, pull: number, free: number}} Error how far a true own score may lie from the score: one SD,
 *   what the mean of the role pulls, and how many people the spread is known from
 * @typedef {"quota"|"missing"} Hinge
 * @typedef {Omit<Placing, "roles"> & {roles: DrawnRole[]}} Held a cycle as it is scored, with the weights shown
 * @typedef {Held & DoubtRules & {errors: Error[]|null, others: [Hinge, Placing][]}} Drawing
 * @typedef {(place: number) => Float64Array} Sampler
 * @typedef {object} Counted
 * @property {Float64Array} counts people x 3: in which tier each landed under drawn weights
 * @property {Float64Array} chances the same of true scores that were drawn
 * @property {number} truths of how many
 * @property {string[]} hinges what other rule would move each: `quota`, `missing` or nothing
 */

const SIDES = ["process", "result"];
const TO_GAPS = "boundary_gap";
const RULES = ["largest_remainder", "half_up", "at_most", "cap_minimum", "carry_over", TO_GAPS];
const POLICIES = ["leave_out", "neutral", "zero"];
/** Roles of fewer people take the spread within all roles together. */
const FEW = 5;
/** A cap that holds nobody, and a weight at which a point of the form is next to nothing; both in hundredths. */
const FREE = 1e9;

/**
 * How a score follows its own weight where steps are points of the form, or null. At the whole weight a step takes
 * least: what meets a bound there meets it under any weight.
 * @param {Session} session @param {State} state @param {number} at @param {number} i @returns {Stepped|null}
 */
function steppedOf(session, state, at, i) {
  const { role } = session.data.people[at], { curve } = session.data.roles[role].items[i];
  if (!curve.points || !state.weights[role][i]) return null;
  const score = (/** @type {number} */ weight) => (session.scoreOf(state, at, i, FREE, weight) ?? 0) / MICRO;
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
  const people = data.people.map((_, at) => person(at));
  const blanks = found.states.some((states) => states.some((name) => name === "missing" || name === "filled"));
  const every = [...session.pools];
  const pools = (/** @type {string} */ rule, /** @type {boolean} */ whole) => every.map(([id, members]) => {
    const now = members.filter((at) => !scored.unranked[at]).length;
    const sizes = (whole ? members.map((_, k) => k + 1) : [now]).filter((n) => n && n >= rules.min_group);
    const seats = sizes.map((n) => {
      const [top, , bottom] = seatsOf(rules, state, id, n, rule); // cuts that move to gaps begin at the remainder's
      return [n, [top, bottom]];
    });
    return { members, seats: Object.fromEntries(seats) };
  });
  const roles = data.roles.map((role, r) => ({
    weights: [...state.weights[r]], geometric: role.geometric, walk: role.walk, agreed: weighing(role),
    sides: role.items.map(({ side }) => SIDES.indexOf(side)),
  }));
  /** @type {Drawing} */
  const all = {
    people, pools: pools(rules.rule, Boolean(rules.least_weight)), roles, gap: rules.rule === TO_GAPS, tie: rules.tie,
    line: rules.pass_line, teams: [...session.teams].flatMap(([name, members]) => (name ? [members] : [])),
    ties: tiesOf(session, state), teamShare: rules.team_share / FULL, least: rules.least_weight / FULL, ...data.doubt,
    errors: null, others: [],
  };
  all.errors = errorsOf(session, all);
  for (const rule of RULES) {
    if (rule === rules.rule || (rule === "carry_over" && !Object.keys(rules.before).length)) continue;
    all.others.push(["quota", { ...all, pools: pools(rule, Boolean(rules.least_weight)), gap: rule === TO_GAPS }]);
  }
  for (const policy of blanks && rules.missing !== "refuse" ? POLICIES : []) {
    if (policy === rules.missing) continue;
    const filled = people.map((one, at) => filledBy(session, state, found.states[at], one, policy));
    all.others.push(["missing", { ...all, people: filled, pools: pools(rules.rule, true), least: 0 }]);
  }
  return all;
}

/**
 * A person as another policy for missing values has them.
 * @param {Session} session @param {State} state @param {string[]} states @param {Drawn} one @param {string} policy
 * @returns {Drawn}
 */
function filledBy({ data: { rules } }, state, states, one, policy) {
  const blank = states.map((name) => name === "missing" || name === "filled");
  const cap = (/** @type {number} */ i) => state.caps[one.role][i] ?? state.itemCap;
  const stand = (/** @type {number} */ i) => (policy === "zero" ? 0 : Math.min(rules.neutral, cap(i)) / CENTI);
  const out = policy === "leave_out";
  return {
    ...one, counts: one.counts.map((own, i) => (blank[i] ? Number(!out) : own)),
    absent: blank.map((is) => Number(is && out)), scores: one.scores.map((own, i) => (blank[i] ? stand(i) : own)),
  };
}

/** @param {number[]} values @returns {number} the sum of squares about their mean */
const scatter = (values) => {
  const mean = total(values) / values.length;
  return total(values.map((value) => (value - mean) ** 2));
};

/**
 * How far each person's true own score may lie from the score, errors of ratings added up by weight
 * (`whatif/measurement.py`); null where none is trusted by a figure, or none enters.
 * @param {Session} session @param {Held} all @returns {Error[]|null}
 */
function errorsOf({ data }, { people, roles }) {
  const whole = new Float64Array(people.length);
  const own = people.map((one, p) =>
    mean(one, roles[one.role].weights.map((weight) => weight / FULL), roles[one.role].geometric, whole, p));
  const held = roles.map((_, r) => people.flatMap(({ role }, p) => (role === r && whole[p] > 0 ? [p] : [])));
  const scores = held.map((who) => who.map((p) => own[p])), large = scores.filter((each) => each.length);
  const free = total(large.map((each) => each.length - 1));
  const pooled = free ? total(large.map(scatter)) / free : 0;
  const errors = people.map(() => ({ width: 0, pull: 0, free: 1 }));
  let any = false;
  roles.forEach(({ weights, geometric }, r) => {
    const who = held[r], few = who.length < FEW, n = few ? free : who.length - 1;
    const spread = few ? pooled : scatter(scores[r]) / n, middle = total(scores[r]) / who.length;
    for (const p of who) {
      const { counts, scores: each } = people[p];
      const error = total(data.roles[r].items.map(({ error: variance }, i) => {
        const share = (counts[i] * weights[i]) / FULL / whole[p];
        return Number(variance) * (share * (geometric ? (each[i] > 0 ? own[p] / each[i] : 0) : 1)) ** 2;
      }));
      any ||= error > 0;
      const keeps = spread > 0 ? Math.min(Math.max(1 - error / spread, 0), 1) : 0;
      errors[p] = { width: Math.sqrt(keeps * error), pull: (keeps - 1) * (own[p] - middle), free: Math.max(n, 1) };
    }
  });
  return any ? errors : null;
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
 * Errors of everybody's own score in one draw; whose spread is known from few people err further.
 * @param {Drawing} drawing @param {number} place @param {Float64Array} into
 */
export function erring({ errors, seed }, place, into) {
  const random = stream(seed + 104_729, place), /** @type {Record<number, number>} */ scales = {};
  errors?.forEach(({ width, pull, free }, p) => {
    scales[free] ??= Math.sqrt(free / (2 * gamma(free / 2, stream(seed + 15_485_863, place * 512 + free))));
    into[p] = normal(random) * width * scales[free] + pull;
  });
  return into;
}

/** Arrays that draws are scored in. @param {number} n */
export function scratch(n) {
  const row = () => new Float64Array(n);
  return { own: row(), whole: row(), centi: row(), ranked: new Array(n).fill(false) };
}

/**
 * Count in which tier each person lands, draws `from` to `to`; true scores are drawn half as often.
 * @param {Drawing} drawing @param {Sampler[]} samplers @param {number} from @param {number} to @param {Counted} found
 */
export function accept(drawing, samplers, from, to, found) {
  const n = drawing.people.length, into = scratch(n), off = new Float64Array(n);
  const agreed = drawing.roles.map(({ weights }) => Float64Array.from(weights, (weight) => weight / 10_000));
  for (let place = from; place < to; place++) {
    countDraw(drawing, samplers.map((sample) => sample(place)), into, found.counts);
    if (!drawing.errors || place % 2) continue;
    countDraw(drawing, agreed, into, found.chances, erring(drawing, place, off));
    found.truths += 1;
  }
}

/** Which other rule would move each person; a quota rule goes before a policy. @param {Drawing} drawing */
export function hinging(drawing) {
  const n = drawing.people.length, into = scratch(n), hinges = new Array(n).fill("");
  const weights = drawing.roles.map((role) => Float64Array.from(role.weights, (weight) => weight / 10_000));
  const placed = [drawing, ...drawing.others.map(([, other]) => other)].map((one) => {
    const counts = new Float64Array(n * 3);
    countDraw(one, weights, into, counts);
    return counts;
  });
  drawing.others.forEach(([kind], k) => placed[k + 1].forEach((count, at) => {
    if (count !== placed[0][at]) hinges[Math.floor(at / 3)] ||= kind;
  }));
  return hinges;
}

/** What drawing needs to begin: who draws for each role, and nobody counted yet. @param {Drawing} drawing */
export function prepared(drawing) {
  const samplers = drawing.roles.map((_, r) => sampler(drawing, r));
  const [counts, chances] = [0, 1].map(() => new Float64Array(drawing.people.length * 3));
  return { samplers, found: { counts, chances, truths: 0, hinges: hinging(drawing) } };
}

/**
 * Count all draws, some milliseconds at a time, and tell of a first picture and of the whole one, as long as nothing
 * newer is asked.
 * @param {Drawing} drawing @param {number} coarse draws of the first picture @param {number} slice milliseconds
 * @param {() => boolean} newest @param {(found: Counted, draws: number) => void} told
 */
export function counting(drawing, coarse, slice, newest, told) {
  const { samplers, found } = prepared(drawing);
  let done = 0;
  const go = () => {
    if (!newest()) return;
    const end = performance.now() + slice, next = done < coarse ? Math.min(coarse, drawing.draws) : drawing.draws;
    while (done < next && performance.now() < end) {
      const to = Math.min(done + 20, next);
      accept(drawing, samplers, done, to, found);
      done = to;
    }
    if (done === next) told(found, done);
    if (done < drawing.draws) setTimeout(go, 0);
  };
  setTimeout(go, 0);
}

/** Each of these stands by itself and calls only the others: the Worker is given their texts. */
export const WORKING = [
  scoreAt, mean, scoreDraw, sidePoints, compareKeys, keysOf, widest, placeDraw, countDraw,
  stream, normal, gamma, normalised, sampler, reach, walker, erring, scratch, accept, hinging, prepared, counting,
];
