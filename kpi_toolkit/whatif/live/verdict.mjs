// @ts-check
/** How sure each tier of what is shown is: the verdict of `whatif/confidence.py`, of moved weights as well. */

import { seatsOf, tierOf } from "./tiers.mjs";

/** @import { Counted } from "./drawing.mjs" */
/** @import { Session } from "./session.mjs" */
/** @import { Outcome, Pool, State } from "./types.mjs" */

/**
 * @typedef {object} Verdict
 * @property {string} word `firm`, `likely` or `open`
 * @property {string} rests what decides beside the rank, empty for nothing
 * @property {boolean} near whether the doubt about ratings is the larger one
 * @typedef {{stays: number, certain: boolean}} Completed
 */

const FIRM = 0.9;
const OPEN = 0.6;
const RESTS = new Map([
  ...["tie_shared", "tie_lowered", "tie_too_many", "tie_break"].map((reason) => /** @type {const} */ ([reason, "tie"])),
  ["gate", "veto"], ["pass_line", "pass_line"], ["calibrated", "decision"],
]);

/** @param {(number|null)[]} shares @param {string} rests */
export function wordOf(shares, rests) {
  const weaker = Math.min(...shares.filter((share) => share !== null));
  if (weaker >= FIRM && !rests) return "firm";
  return weaker >= OPEN ? "likely" : "open";
}

/** Whose figures are out: blanks, and none of their own or too few. @param {Session} session @param {Outcome} found */
export function stillOut({ data }, { states, centi, reason }) {
  return data.people.map(({ exempt }, at) => {
    const blank = states[at].some((name) => name === "missing" || name === "filled");
    const few = !states[at].includes("scored") || centi[at] < 0 || reason[at] === "too-little-filled";
    return blank && few && !exempt;
  });
}

/**
 * How likely each number of those who come in is to stand above a rank among n: Pólya's urn.
 * @param {number} rank @param {number} n @param {number} more
 */
export function aboveChances(rank, n, more) {
  const found = [1];
  for (let k = 0; k < more; k++) {
    const next = new Array(k + 2).fill(0);
    found.forEach((chance, j) => {
      const up = (rank + j) / (n + 1 + k);
      next[j + 1] += chance * up;
      next[j] += chance * (1 - up);
    });
    found.splice(0, found.length, ...next);
  }
  return found;
}

/**
 * What may become of each tier of a pool when figures that are out come in (`whatif/confidence.py`), by person.
 * @param {Session} session @param {State} state @param {Outcome} found @param {Pool} pool @param {boolean[]} out
 * @param {Uint8Array} barred
 */
function completed(session, state, found, pool, out, barred) {
  const { rules } = session.data, missing = pool.members.filter((at) => out[at]).length;
  const here = pool.members.filter((at) => found.rank[at] && !out[at]), n = here.length;
  const seats = Array.from({ length: missing + 1 }, (_, k) => seatsOf(rules, state, pool.id, n + k));
  return new Map(pool.members.filter((at) => missing && found.tier[at] >= 0).map((at) => {
    const tier = found.before[at] >= 0 ? found.before[at] : found.tier[at];
    if (out[at]) return [at, { stays: seats[missing][tier] / (n + missing), certain: false }];
    const ranks = here.map((other) => found.rank[other]), rank = found.rank[at];
    const first = 1 + ranks.filter((other) => other < rank).length;
    const last = ranks.filter((other) => other <= rank).length;
    const holds = (/** @type {number} */ above, /** @type {number} */ k) => {
      const reached = rules.pass_line !== null && found.centi[at] >= rules.pass_line;
      return tier === tierOf(first + above, last + above, seats[k], rules.tie, reached, Boolean(barred[at]));
    };
    const stays = aboveChances(first, n, missing).reduce((sum, chance, j) => sum + (holds(j, missing) ? chance : 0), 0);
    const certain = seats.every((_, k) => holds(0, k) && holds(k, k)) && !rules.team_share;
    return [at, { stays, certain }];
  }));
}

/**
 * The verdicts on what is shown, by person; null for people without a tier.
 * @param {Session} session @param {State} state @param {Outcome} found @param {Counted} counted @param {number} draws
 * @returns {(Verdict|null)[]}
 */
export function verdicts(session, state, found, { counts, chances, truths, hinges }, draws) {
  const { data } = session, { vetoed, barred } = session.scored(state);
  const out = data.doubt.closed ? data.people.map(() => false) : stillOut(session, found);
  /** @type {Map<number, Completed>} */
  const complete = new Map(found.pools.flatMap((pool) => [...completed(session, state, found, pool, out, barred)]));
  return data.people.map((_, at) => {
    const tier = found.tier[at], last = complete.get(at), reason = found.reason[at];
    if (tier < 0) return null;
    const rule = counts[at * 3 + tier] / draws, truth = truths ? chances[at * 3 + tier] / truths : null;
    const pending = last && !last.certain && reason !== "calibrated" ? "pending" : "";
    const rests = pending || RESTS.get(reason) || (vetoed[at] && !barred[at] ? "veto" : hinges[at]);
    const word = wordOf([rule, truth, last ? last.stays : null], rests);
    return { word, rests, near: truth !== null && truth < rule };
  });
}
