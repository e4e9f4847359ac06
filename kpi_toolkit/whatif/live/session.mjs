/**
 * One cycle worked out under any state: official scores, ranks and tiers exactly as Python has them.
 *
 * Official figures are whole numbers: scores in millionths, weights and points in hundredths; sums stay below 2^53 and
 * what could leave it is a BigInt.
 */

import { scoreMicro } from "./curves.mjs";
import { geometricMean } from "./means.mjs";
import { FULL, NONE, deal, fraction, minus, over, plus, quotient, roundHalfUp, times } from "./numbers.mjs";
import { Cut, TIERS, compareKeys, tierQuotas } from "./tiers.mjs";

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
