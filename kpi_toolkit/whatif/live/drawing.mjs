/** Weights that might have been agreed instead: drawn with the same random numbers every time, on unrounded totals. */

import { movable } from "./moves.mjs";
import { CENTI, FULL, MICRO } from "./numbers.mjs";

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
export function mean(scores, counts, weights, geometric) {
  let sum = 0, whole = 0;
  for (let i = 0; i < scores.length; i++) {
    if (!counts[i]) continue;
    whole += weights[i];
    sum += weights[i] * (geometric ? Math.log(Math.max(scores[i], 1e-12)) : scores[i]);
  }
  return whole > 0 ? (geometric ? Math.exp(sum / whole) : sum / whole) : 0;
}

/** A stream of random numbers of its own for each seed and place (splitmix32): the same draw stays the same draw. */
export function stream(seed, place) {
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
export function normal(random) {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** A gamma variate (Marsaglia & Tsang 2000). @param {number} shape @param {() => number} random */
export function gamma(shape, random) {
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
export function sampler(drawing, r) {
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
export function walker(drawing, r, normalised) {
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
export function accept(drawing, samplers, from, to, counts) {
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
