// @ts-check
/**
 * One draw of weights scored and placed by the official rules, in machine numbers (`whatif/rescoring.py`). Each
 * function stands by itself and calls only the others: the Worker is given their texts.
 */

/**
 * @typedef {{start: number, slope: number, low: number, high: number}} Stepped a score that follows its own weight
 * @typedef {object} Drawn somebody whose total is drawn
 * @property {number} role
 * @property {number[]} scores
 * @property {number[]} counts 1 for what counts
 * @property {number[]} absent 1 for what is missing and left out
 * @property {(Stepped|null)[]|null} stepped
 * @property {number} added what stands outside the weights
 * @property {number[]} addedBySide the same by side: work done, results
 * @property {number} plus the plus/minus row, in hundredths
 * @property {number} limit the highest score after bounds and vetoes, in hundredths
 * @property {boolean} barred
 * @property {boolean} exempt
 *
 * @typedef {{side: number}|{values: number[]}} Tie a criterion: a side's points, or what each person has of it
 * @typedef {object} DrawnPool
 * @property {number[]} members
 * @property {Record<number, number[]>} seats top and bottom, by how many are ranked
 * @typedef {object} Placing
 * @property {Drawn[]} people
 * @property {DrawnPool[]} pools
 * @property {number[][]} teams
 * @property {number} teamShare of 1
 * @property {number} least of 1
 * @property {number|null} line in hundredths
 * @property {string} tie
 * @property {Tie[]} ties
 * @property {boolean} gap whether cuts move to the widest gap
 * @property {{geometric: boolean, sides: number[]}[]} roles
 * @typedef {{own: Float64Array, whole: Float64Array, centi: Float64Array, ranked: boolean[]}} Scratch
 */

/** A person's score of an indicator under a weight of 1. @param {Drawn} one @param {number} i @param {number} weight */
export function scoreAt({ scores, stepped }, i, weight) {
  const step = stepped?.[i];
  if (!step) return scores[i];
  return Math.min(Math.max(step.start + step.slope / Math.max(weight, 1e-12), step.low), step.high);
}

/**
 * A weighted mean of what counts; `into` takes how much weight that is.
 * @param {Drawn} one @param {ArrayLike<number>} weights @param {boolean} geometric @param {Float64Array} into
 * @param {number} p
 */
export function mean(one, weights, geometric, into, p) {
  const { counts, scores, stepped } = one;
  let sum = 0, whole = 0, nothing = false;
  for (let i = 0; i < scores.length; i++) {
    if (!counts[i]) continue;
    const weight = weights[i], score = stepped ? scoreAt(one, i, weight) : scores[i];
    whole += weight;
    if (geometric) {
      nothing ||= weight > 0 && score <= 0;
      sum += weight * Math.log(Math.max(score, 1e-12));
    } else sum += weight * score;
  }
  into[p] = whole;
  if (whole <= 1e-12 || nothing) return 0;
  return geometric ? Math.exp(sum / whole) : sum / whole;
}

/**
 * Everybody's score in hundredths, and who is ranked; `errors` (points) are added to own scores.
 * @param {Placing} all @param {Float64Array[]} weights @param {Scratch} into @param {Float64Array|null} errors
 */
export function scoreDraw(all, weights, into, errors) {
  const { people, teams, teamShare: share, least } = all, { own, whole, centi, ranked } = into;
  people.forEach((one, p) => {
    const found = mean(one, weights[one.role], all.roles[one.role].geometric, whole, p);
    own[p] = errors ? Math.max(found + errors[p], 0) : found;
  });
  centi.set(own);
  for (const team of share ? teams : []) {
    let sum = 0, n = 0;
    for (const p of team) if (whole[p] > 1e-12) { sum += own[p]; n += 1; }
    for (const p of team) if (n) centi[p] = (1 - share) * own[p] + share * (sum / n);
  }
  people.forEach((one, p) => {
    const has = whole[p] > 1e-12, rounded = Math.floor(100 * (centi[p] + one.added) + 0.5 + 1e-7);
    centi[p] = has ? Math.min(Math.max(rounded + one.plus, 0), one.limit) : -1;
    ranked[p] = has && !one.exempt;
    if (!least || !ranked[p]) return;
    const absent = one.absent.reduce((all, out, i) => all + out * weights[one.role][i], 0);
    ranked[p] = whole[p] >= least * (whole[p] + absent) - 1e-12;
  });
}

/**
 * A person's points of a side, in hundredths.
 * @param {Placing} all @param {number} p @param {number} side @param {Float64Array[]} weights @param {Scratch} into
 */
export function sidePoints(all, p, side, weights, into) {
  const one = all.people[p], { sides } = all.roles[one.role], own = weights[one.role];
  let sum = 0, part = 0;
  one.counts.forEach((counts, i) => {
    const points = counts ? own[i] * scoreAt(one, i, own[i]) : 0;
    sum += points;
    if (sides[i] === side) part += points;
  });
  const kept = all.teams.some((team) => team.includes(p)) ? 1 - all.teamShare : 1;
  const earned = sum > 0 ? (kept * into.own[p] * part) / sum : 0;
  return Math.floor(100 * (earned + one.addedBySide[side]) + 0.5 + 1e-7);
}

/** Which of two lists of numbers comes first. @param {number[]} a @param {number[]} b */
export function compareKeys(a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/**
 * Numbers that order people: their scores, or places where criteria part equals.
 * @param {Placing} all @param {number[]} who @param {Float64Array[]} weights @param {Scratch} into
 */
export function keysOf(all, who, weights, into) {
  const { centi } = into, keys = new Float64Array(who.map((p) => centi[p]));
  if (!all.ties.length) return keys;
  const chains = who.map((p) => [centi[p], ...all.ties.map((tie) =>
    ("values" in tie ? tie.values[p] : sidePoints(all, p, tie.side, weights, into)))]);
  const compare = (/** @type {number} */ a, /** @type {number} */ b) => compareKeys(chains[a], chains[b]);
  const order = who.map((_, at) => at).sort(compare);
  order.forEach((at, place) => {
    keys[at] = place && !compare(order[place - 1], at) ? keys[order[place - 1]] : place;
  });
  return keys;
}

/**
 * Seats after each cut has moved by at most one person to the widest gap.
 * @param {number[]} scores best first @param {number[]} seats
 */
export function widest(scores, [top, bottom]) {
  const n = scores.length;
  const move = (/** @type {number} */ cut, /** @type {number} */ low) => {
    let best = cut, size = -1;
    for (const at of [cut, cut - 1, cut + 1]) {
      if (at > low && at < n && scores[at - 1] - scores[at] > size) [best, size] = [at, scores[at - 1] - scores[at]];
    }
    return best;
  };
  // A cut is between two tiers that hold somebody; without a middle the other two meet in one cut.
  const first = top > 0 && top < n ? move(top, 0) : top;
  if (top + bottom === n) return [first, n - first];
  return [first, bottom > 0 && bottom < n ? n - move(n - bottom, first) : bottom];
}

/**
 * On which side of the cuts each is: 0, 1 or 2 (`method/tiers.py`).
 * @param {Float64Array} keys @param {number[]} seats @param {Placing} all @param {number[]} who
 * @param {Float64Array} centi
 */
export function placeDraw(keys, [top, bottom], all, who, centi) {
  const n = keys.length, ordered = keys.slice().sort().reverse();
  const first = top ? ordered[top - 1] : Infinity, last = bottom ? ordered[n - bottom] : -Infinity;
  const both = first === last; // who is tied at a cut, and whether too many are, shows in who stands behind it
  const goes = ordered[top] === first && (both || ordered[2 * top] === first || all.tie !== "better");
  const stays = ordered[n - bottom - 1] === last
    && (both || ordered[n - 2 * bottom - 1] === last || all.tie !== "worse");
  return who.map((p, k) => {
    if (keys[k] > first || (keys[k] === first && !goes)) return Number(all.people[p].barred);
    if (keys[k] > last || (keys[k] === last && stays)) return 1;
    return all.line !== null && centi[p] >= all.line ? 1 : 2;
  });
}

/**
 * Add to `counts` (people x 3) in which tier each lands in one draw.
 * @param {Placing} all @param {Float64Array[]} weights @param {Scratch} into @param {Float64Array} counts
 * @param {Float64Array|null} [errors]
 */
export function countDraw(all, weights, into, counts, errors = null) {
  scoreDraw(all, weights, into, errors);
  for (const { members, seats } of all.pools) {
    const who = members.filter((p) => into.ranked[p]), agreed = seats[who.length];
    if (!agreed) continue;
    const scores = all.gap ? who.map((p) => into.centi[p]).sort((a, b) => b - a) : [];
    const moved = all.gap ? widest(scores, agreed) : agreed;
    const tiers = placeDraw(keysOf(all, who, weights, into), moved, all, who, into.centi);
    who.forEach((p, k) => { counts[p * 3 + tiers[k]] += 1; });
  }
}
