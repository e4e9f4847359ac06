// @ts-check
/**
 * One cycle worked out under any state: official scores, ranks and tiers exactly as Python has them.
 *
 * Official figures are whole numbers: scores in millionths, weights and points in hundredths; sums stay below 2^53 and
 * what could leave it is a BigInt.
 */

import { scoreMicro } from "./curves.mjs";
import { FULL, fraction, times, total } from "./numbers.mjs";
import { compareKeys } from "./placing.mjs";
import { Cut, TIERS, seatsOf } from "./tiers.mjs";
import { earned, ownOf, printed, rounded, teamed } from "./totals.mjs";

/** @import { Data, Exact, Item, Member, Outcome, Person, Pool, State } from "./types.mjs" */
/** @import { Counted, Own, Shared } from "./totals.mjs" */

/**
 * @typedef {object} Scored official scores and what they are made of, by person
 * @property {Counted[][]} lines
 * @property {Own[]} own
 * @property {(Shared|null)[]} shared
 * @property {Int32Array} centi hundredths, -1 for none
 * @property {Uint8Array} barred whom a veto keeps out of the top
 * @property {Uint8Array} vetoed for whom a veto fell
 * @property {number[]} limit the highest score after bounds and vetoes, in hundredths
 * @property {string[]} unranked why somebody takes no part in ranking; empty for those who do
 */

/** @type {Omit<Person, keyof Member>} */
const NAMELESS = {
  id: "", name: "", pool: "", previous: null, exempt: false, decided: null, agreed: [null, null, null, ""],
};

/** Places by what they have in common. @param {string[]} names */
function grouped(names) {
  return new Map([...new Set(names)].map((name) => [name, names.flatMap((own, at) => (own === name ? [at] : []))]));
}

/** A cycle's data, ready to be worked out under any state. */
export class Session {
  /** @param {Data} data */
  constructor(data) {
    const { roles, rules, past } = data;
    this.data = data;
    /** @type {State} */
    this.agreed = {
      weights: roles.map((role) => role.items.map((item) => item.weight)),
      targets: roles.map((role) => role.items.map(() => FULL)),
      caps: roles.map((role) => role.items.map((item) => item.cap)), itemCap: rules.item_cap, shares: [...rules.shares],
    };
    this.scores = data.people.map((person) => person.lines.map((line) => line[0]));
    this.scoredFor = roles.map((role, r) => role.items.map((_, i) => this._key(this.agreed, r, i)));
    this.members = roles.map((_, r) => data.people.flatMap((person, at) => (person.role === r ? [at] : [])));
    this.teams = grouped(data.people.map(({ team }) => team));
    this.pools = grouped(data.people.map(({ pool }) => pool));
    this.pools.delete("");
    const before = past?.map((one) => ({ ...NAMELESS, ...one }));
    /** The cycle before, if its scores break ties: scored by the same design. @type {Session|null} */
    this.past = before?.length ? new Session({ ...data, past: [], people: before }) : null;
  }

  /**
   * What an indicator's scores depend on beside the people's own numbers.
   * @param {State} state @param {number} r @param {number} i
   */
  _key(state, r, i) {
    const { points } = this.data.roles[r].items[i].curve;
    return `${state.targets[r][i]}|${state.caps[r][i] ?? state.itemCap}|${points ? state.weights[r][i] : ""}`;
  }

  /**
   * Score anew what a state has changed since the last time; most moves change no score at all.
   * @param {State} state
   */
  rescore(state) {
    this.data.roles.forEach((role, r) => role.items.forEach((_, i) => {
      const key = this._key(state, r, i);
      if (key === this.scoredFor[r][i]) return;
      this.scoredFor[r][i] = key;
      for (const at of this.members[r]) this._score(state, at, i);
    }));
  }

  /** @param {State} state @param {number} at @param {number} i */
  _score(state, at, i) {
    const { role } = this.data.people[at], cap = state.caps[role][i] ?? state.itemCap;
    const score = this.scoreOf(state, at, i, cap, state.weights[role][i]);
    if (score !== null) this.scores[at][i] = score;
  }

  /**
   * What a person's value of an indicator scores with this cap and this weight, in millionths; null without a value.
   * @param {State} state @param {number} at @param {number} i @param {number} cap @param {number} weight
   */
  scoreOf({ targets }, at, i, cap, weight) {
    const { role, lines, fixed } = this.data.people[at], item = this.data.roles[role].items[i];
    const [, value, aim, view] = lines[i], stays = aim === null || !item.scaled || fixed?.includes(i);
    const share = /** @type {Exact} */ ([BigInt(targets[role][i]), BigInt(FULL)]);
    const moved = stays ? aim : times(fraction(aim), share).join("/");
    return value === null ? null : scoreMicro(item, value, moved, view, cap, weight);
  }

  /** State and score of each of a person's indicators. @param {State} state @param {number} at @returns {Counted[]} */
  _lines(state, at) {
    const { roles, people } = this.data, r = people[at].role;
    return roles[r].items.map((item, i) => {
      const weight = state.weights[r][i], there = people[at].lines[i][1] !== null;
      const standIn = there ? null : this._standIn(weight, state.caps[r][i] ?? state.itemCap);
      const present = item.outside ? "added" : weight ? "scored" : "gate";
      const absent = standIn === null ? "missing" : "filled";
      return [item.counted ? (there ? present : absent) : "not_counted", there ? this.scores[at][i] : standIn ?? 0];
    });
  }

  /** What stands in for a missing value, or null. @param {number} weight @param {number} cap */
  _standIn(weight, cap) {
    const { missing, neutral } = this.data.rules;
    if (!weight || (missing !== "neutral" && missing !== "zero")) return null;
    return missing === "zero" ? 0 : Math.min(neutral, cap) * 10_000;
  }

  /** What vetoes do to a person. @param {Counted[]} lines @param {Item[]} items @param {number} cap */
  _vetoes(lines, items, cap) {
    let limit = cap, barred = false, fallen = false;
    items.forEach(({ gate }, i) => {
      const [name, micro] = lines[i];
      if (!gate || micro > 0 || (name !== "scored" && name !== "gate")) return;
      fallen = true;
      if (gate[0] === "tier") barred = true;
      else limit = Math.min(limit, gate[1]);
    });
    return { limit, barred, fallen };
  }

  /** @param {State} state @returns {Scored} */
  scored(state) {
    this.rescore(state);
    const { people, rules, roles } = this.data, n = people.length;
    const lines = people.map((_, at) => this._lines(state, at));
    const own = people.map(({ role }, at) => ownOf(roles[role], state.weights[role], lines[at]));
    const shared = teamed(this.data, this.teams, own);
    const centi = new Int32Array(n).fill(-1), barred = new Uint8Array(n), /** @type {number[]} */ limit = [];
    const vetoed = new Uint8Array(n);
    people.forEach(({ role, adjustment }, at) => {
      const veto = this._vetoes(lines[at], roles[role].items, rules.total_cap ?? state.itemCap);
      barred[at] = Number(veto.barred);
      vetoed[at] = Number(veto.fallen);
      limit[at] = veto.limit;
      if (own[at].weight) centi[at] = Math.min(Math.max(rounded(own[at], shared[at]) + adjustment, 0), veto.limit);
    });
    const unranked = people.map((_, at) => this._unranked(state, at, centi[at], lines[at], own[at]));
    return { lines, own, shared, centi, barred, vetoed, limit, unranked };
  }

  /** @param {State} state @param {number} at @param {number} centi @param {Counted[]} lines @param {Own} own */
  _unranked(state, at, centi, lines, own) {
    const { people, rules } = this.data, weights = state.weights[people[at].role];
    if (centi < 0) return "no_score";
    if (people[at].exempt) return "exempt";
    const absent = total(lines.map(([name], i) => (name === "missing" ? weights[i] : 0)));
    return own.weight * FULL < rules.least_weight * (own.weight + absent) ? "too-little-filled" : "";
  }

  /** Official scores, ranks and tiers under a state. @param {State} state @returns {Outcome} */
  evaluate(state) {
    const scored = this.scored(state), { centi, lines, unranked } = scored, { people } = this.data, n = people.length;
    /** @type {Outcome} */
    const found = {
      centi, rank: new Int32Array(n), tier: new Int8Array(n).fill(-1), before: new Int8Array(n).fill(-1),
      overturned: [], reason: unranked.map((reason) => reason || "no_team"), order: [], pools: [],
      scores: lines.map((line) => line.map(([, micro]) => micro)),
      states: lines.map((line) => line.map(([name]) => name)),
    };
    const parts = this.tieParts(state, scored);
    for (const [id, members] of this.pools) found.pools.push(this._place(id, members, state, found, parts, scored));
    people.forEach(({ decided }, at) => { if (decided && found.reason[at] === "no_team") found.overturned.push(at); });
    found.order = people.map((_, at) => at).sort((a, b) =>
      Number(centi[a] < 0) - Number(centi[b] < 0) || centi[b] - centi[a] || found.rank[a] - found.rank[b] || a - b);
    return found;
  }

  /** Everybody's printed points, line by line. @param {State} state */
  allPoints(state, { lines, own, shared } = this.scored(state)) {
    return this.data.people.map(({ role }, at) => printed(state.weights[role], lines[at], own[at], shared[at]));
  }

  /**
   * What breaks ties, person by person: for each criterion whether it is known, and its value.
   * @param {State} state
   */
  tieParts(state, scored = this.scored(state)) {
    const { people, rules } = this.data;
    const past = rules.tie_break.includes("previous") ? this.past?.scored(state).centi : undefined;
    return people.map((_, at) => rules.tie_break.flatMap((name) => {
      const value = name === "previous" ? this._previous(at, past) : this._criterion(name, at, state, scored);
      return [value === null ? 0 : 1, value ?? 0];
    }));
  }

  /** @param {number} at @param {Int32Array} [past] the scores of the cycle before */
  _previous(at, past) {
    const { previous, past: place } = this.data.people[at];
    if (!past) return previous;
    return past[place ?? -1] >= 0 ? past[place ?? -1] : null;
  }

  /**
   * The points of a side, or the score of an indicator.
   * @param {string} name @param {number} at @param {State} state @param {Scored} scored
   */
  _criterion(name, at, state, { own, lines, shared }) {
    const { role } = this.data.people[at], { items } = this.data.roles[role];
    if (name === "result" || name === "process") {
      return earned(state.weights[role], lines[at], own[at], shared[at], items.map((item) => item.side === name));
    }
    const i = items.findIndex((item) => item.id === name);
    return i >= 0 && own[at].counting[i] ? lines[at][i][1] : null;
  }

  /**
   * Ranks and tiers of a pool, into `found`.
   * @param {string} id @param {number[]} members @param {State} state @param {Outcome} found @param {number[][]} parts
   * @param {Scored} scored @returns {Pool}
   */
  _place(id, members, state, found, parts, { unranked, barred }) {
    const { rules } = this.data;
    /** @type {Map<number, number[]>} */
    const keys = new Map();
    for (const at of members) if (!unranked[at]) keys.set(at, [found.centi[at], ...parts[at]]);
    const ordered = [...keys.values()].sort((a, b) => compareKeys(b, a)), n = ordered.length;
    const quotas = seatsOf(rules, state, id, n, rules.rule, ordered.map((key) => key[0]));
    const tiered = n >= rules.min_group, counts = [0, 0, 0], cut = tiered ? new Cut(ordered, quotas, rules) : null;
    const ranks = new Map(ordered.map((key, place) => /** @type {const} */ ([key.join(), place + 1])).reverse());
    for (const at of members) {
      const key = keys.get(at);
      if (key) {
        found.rank[at] = ranks.get(key.join()) ?? 0; // reversed above: tied people share the first place
        [found.tier[at], found.reason[at]] = cut ? cut.place(key, Boolean(barred[at])) : [-1, "small_pool"];
      }
      this._decide(at, found);
      if (found.tier[at] >= 0) counts[found.tier[at]] += 1;
    }
    return { id, n, quotas, counts, tiered, advisory: tiered && n < rules.advisory_below, members };
  }

  /**
   * What a meeting decided holds as long as the tier that it started from is worked out.
   * @param {number} at @param {Outcome} found
   */
  _decide(at, found) {
    const { decided } = this.data.people[at], line = this.data.rules.pass_line;
    if (!decided) return;
    const [from, to, sank] = decided, tier = found.tier[at];
    if (TIERS[tier] !== from || (sank && line !== null && found.centi[at] >= line)) found.overturned.push(at);
    else if (from !== to) {
      [found.before[at], found.tier[at], found.reason[at]] = [tier, TIERS.indexOf(to), "calibrated"];
    }
  }
}
