// @ts-check
/**
 * What a screen looks like, before it is drawn: rows and cuts, who moved and by what, bars, and notes beside controls.
 */

import { countedWeights, effects } from "./effects.mjs";
import { keyOf, weightless } from "./moves.mjs";
import { CENTI, FULL, MICRO, plain, total } from "./numbers.mjs";
import { ground } from "./screen.mjs";
import { linesOf } from "./words.mjs";

/** @import { Screen } from "./screen.mjs" */
/** @import { Session } from "./session.mjs" */
/** @import { Spark } from "./sparks.mjs" */
/** @import { Data, Outcome, Page, Person, Pool, State } from "./types.mjs" */
/** @import { Words } from "./words.mjs" */

/** Heights in pixels: the style sheet has the same. */
const ROW = 30;
const LINE = 14;
const GAP = 20;
const HEAD = 34;
const BETWEEN = 8;

/**
 * @typedef {{kind: "row", key: number, y: number, at: number}} RowEntry
 * @typedef {{kind: "head", key: string, y: number, pool: Pool}} HeadEntry
 * @typedef {{kind: "cut", key: string, y: number, above: number, below: number}} CutEntry
 * @typedef {RowEntry|HeadEntry|CutEntry} Entry what stands in the ranking, and how far down
 * @typedef {{at: number, which: number, by: number}} Change somebody who moved, and the indicator that did most
 */

/**
 * People so close to somebody on the other side of a cut that a meeting should talk about them.
 * @param {Outcome} now @param {number} within hundredths
 */
function nearCuts({ centi, tier, pools, reason }, within) {
  const near = new Set();
  for (const pool of pools) {
    const own = pool.members.filter((at) => tier[at] >= 0 && reason[at] !== "gate" && reason[at] !== "calibrated");
    const close = (/** @type {number} */ at) =>
      own.some((other) => tier[other] !== tier[at] && Math.abs(centi[other] - centi[at]) <= within);
    for (const at of own) if (close(at)) near.add(at);
  }
  return near;
}

/**
 * The pools as they are shown; people who are scored but belong to no pool come last.
 * @param {Person[]} people @param {Pool[]} pools
 */
function shownPools(people, pools) {
  const alone = people.flatMap((person, at) => (person.pool ? [] : [at]));
  const rest = { id: "", n: alone.length, quotas: [], counts: [], members: alone, tiered: false, advisory: false };
  return alone.length ? [...pools, rest] : pools;
}

/** Whether somebody came from a tier into a better one; -1 is none. @param {number} tier @param {number} old */
export const rose = (tier, old) => tier >= 0 && tier < old;

/** So many figures of a name stand in a line where it has least room. */
const NAME_ON_A_PHONE = 17;

/** How high rows are: as the longest name takes where it has least room. @param {string[]} names */
export const rowOf = (names) => Math.max(ROW, ...names.map((name) => linesOf(name, NAME_ON_A_PHONE) * LINE + 4));

/**
 * Where each row, each cut and each pool's head stands.
 * @param {Person[]} people @param {Outcome} now @param {number} [row] how high a row is
 */
export function layOut(people, { order, tier, before, pools }, row = ROW) {
  /** @type {Entry[]} */
  const entries = [];
  let y = 0;
  const add = (/** @type {Entry} */ entry, /** @type {number} */ tall) => { entries.push(entry); y += tall; };
  for (const pool of shownPools(people, pools)) {
    const members = new Set(pool.members);
    const headed = pools.length > 1 || !pool.tiered || pool.advisory;
    if (headed) add({ kind: "head", key: `h${pool.id}`, y, pool }, HEAD);
    let last = -1;
    for (const at of order.filter((one) => members.has(one))) {
      const worked = before[at] >= 0 ? before[at] : tier[at]; // people moved by a meeting keep the place of their score
      const cut = worked > last && last >= 0;
      if (cut) add({ kind: "cut", key: `c${pool.id}${worked}`, y, above: last, below: worked }, GAP);
      last = Math.max(last, worked);
      add({ kind: "row", key: at, y, at }, row);
    }
    y += pools.length > 1 ? BETWEEN : 0;
  }
  return { entries, tall: y };
}

/**
 * All that is drawn of a screen; what it is compared with is worked out once.
 * @param {Session} session @param {Screen} screen @param {Page} page @param {{base: State, then: Outcome}|null} [last]
 * @param {number} [row] how high a row is
 */
export function pictureOf(session, screen, page, last, row) {
  const state = screen.history.now, base = ground(session, screen), now = session.evaluate(state);
  const then = last?.base === base ? last.then : session.evaluate(base), most = Math.max(FULL, ...now.centi);
  const crossed = page.session.people.flatMap((_, at) => (now.tier[at] !== then.tier[at] ? [at] : []));
  const near = nearCuts(now, page.near);
  return { state, base, then, now, most, crossed, near, ...layOut(page.session.people, now, row) };
}

/** The entries in sight, and a few around them. @param {Entry[]} entries @param {{top: number, tall: number}} seen */
export function inSight(entries, { top, tall }) {
  return entries.filter(({ y }) => y >= top - 4 * ROW && y <= top + tall + 4 * ROW);
}

/**
 * Everybody whose tier, rank or score differs; those who crossed a cut come first.
 * @param {Session} session @param {{state: State, found: Outcome}} then @param {{state: State, found: Outcome}} now
 * @returns {Change[]}
 */
export function changesOf(session, then, now) {
  const [old, found] = [then.found, now.found], differs = (/** @type {number} */ at) =>
    old.tier[at] !== found.tier[at] || old.centi[at] !== found.centi[at] || old.rank[at] !== found.rank[at];
  const changed = session.data.people.flatMap((_, at) => (differs(at) ? [at] : []));
  const crossed = (/** @type {number} */ at) => Number(found.tier[at] !== old.tier[at]);
  const way = (/** @type {number} */ at) => Math.abs(old.rank[at] - found.rank[at]);
  changed.sort((a, b) => crossed(b) - crossed(a) || way(b) - way(a) || a - b);
  if (!changed.length) return [];
  const before = session.allPoints(then.state), after = session.allPoints(now.state);
  return changed.map((at) => {
    const { role } = session.data.people[at];
    const [first, second] = [then, now].map((side) => countedWeights(side.found.states[at], side.state.weights[role]));
    const by = effects(before[at], after[at], first, second);
    const way = total(by); // what moved a score is what moved it most in its own direction
    const strength = by.map((value) => (way ? value * way : Math.abs(value)));
    const which = strength.reduce((best, value, i) => (value > strength[best] ? i : best), 0);
    return { at, which, by: by[which] };
  });
}

/**
 * The weight that would be the first to put somebody on the other side of a cut, or null.
 * @template {{i: number, spark: Spark}} Found @param {Found[]} found @param {number[]} weights of the role
 */
export function firstFlip(found, weights) {
  const all = found.flatMap(({ i, spark }) =>
    (spark.next ? [{ i, ...spark.next, far: Math.abs(spark.next.to - weights[i] / CENTI) }] : []));
  return all.length ? all.reduce((best, one) => (one.far < best.far ? one : best)) : null;
}

/**
 * The bar of what a person earned, as a style: a stripe for each indicator, by class, then the team's part.
 * @param {Data} data @param {Record<string, string>} colours by class @param {State} state @param {Outcome} now
 * @param {number} at @param {number} most the score at full width
 */
export function barOf({ people, roles, rules }, colours, state, now, at, most) {
  const r = people[at].role, { items } = roles[r], team = rules.team_share / FULL, kinds = Object.keys(colours);
  const weights = countedWeights(now.states[at], state.weights[r]), whole = total(weights);
  if (!whole || now.centi[at] < 0) return "none";
  const scale = (100 * CENTI) / most, order = items.map((_, i) => i), /** @type {string[]} */ stops = [];
  let x = 0;
  const add = (/** @type {number} */ width, /** @type {string} */ colour) => {
    if (width < 0.05) return;
    const [from, gap, to] = [x, x + width - 0.22, x + width].map((place) => `${place.toFixed(2)}%`);
    stops.push(`${colour} ${from} ${gap}`, `#fff ${gap} ${to}`);
    x += width;
  };
  order.sort((a, b) => kinds.indexOf(items[a].kind) - kinds.indexOf(items[b].kind) || a - b);
  for (const i of order) {
    const points = ((now.scores[at][i] / MICRO) * weights[i]) / whole;
    if (weights[i]) add(points * scale * (1 - team), colours[items[i].kind]);
  }
  if (team) add(Math.max((now.centi[at] / CENTI) * scale - x, 0), "#b9c1c9");
  return stops.length ? `linear-gradient(90deg,${stops.join(",")},transparent 0)` : "none";
}

/**
 * What is said beside each control, by the control's name.
 * @param {Session} session @param {Screen} screen @param {Words} words
 */
export function notesOf(session, screen, words) {
  const { refused, role: r, history } = screen, state = history.now;
  const known = new Map(weightless(session, state).map((move) => [keyOf(move), words.t("weightless")]));
  session.data.roles[r].items.forEach(({ own_targets: n }, i) => {
    const key = keyOf({ role: r, item: i, part: "target" });
    if (n && state.targets[r][i] !== FULL) known.set(key, words.t("own_targets", { n }));
  });
  if (!refused) return known;
  const said = [words.t(refused.word, refused.values), known.get(refused.note)].filter(Boolean).join(" ");
  return known.set(refused.note, said);
}

/**
 * Whom the meeting moved, and whose decision no longer starts from the tier worked out.
 * @param {Data} data @param {Outcome} now @param {Words} words
 */
export function decidedText({ people }, now, words) {
  const kept = people.flatMap((_, at) => (now.before[at] < 0 ? [] : [words.t("decided_one",
    { person: words.person(at), tier: words.letter(now.tier[at]), before: words.letter(now.before[at]) })]));
  const over = now.overturned.map((at) => {
    const [from, to] = (people[at].decided ?? []).map((tier) => words.tierLetter(tier));
    return words.t("overturned_one", { person: words.person(at), from, to, now: words.letter(now.tier[at]) });
  });
  const said = (/** @type {string} */ key, /** @type {string[]} */ those) =>
    (those.length ? [words.t(key, { people: words.listed(those, 12) })] : []);
  return [...said("decided", kept), ...said("overturned", over)].join(" ");
}

/**
 * How a pool's tiers came out.
 * @param {Session} session @param {Pool} pool @param {boolean} several @param {Words} words
 */
export function poolText({ data }, { id, n, counts, tiered, advisory }, several, words) {
  const named = words.page.pools[id], name = named ? words.show(named) : id || words.t("no_group");
  if (!id) return name;
  const called = several ? `${name}${words.t("colon")}` : "", [top, middle, bottom] = counts;
  if (!n) return called + words.t("unranked");
  if (!tiered) return called + words.t("small_pool", { n, least: data.rules.min_group });
  return called + words.t("quotas", { n, top, middle, bottom }) + (advisory ? words.t("space") + words.t("advisory") : "");
}

/**
 * Between which weights nobody moves.
 * @param {Spark} spark @param {number} most @param {number} step @param {Words} words
 */
export function heldText({ changes, low, high }, most, step, words) {
  if (changes.length === 1) return words.t("holds_stuck");
  if (low === 0 && high === most) return words.t("holds_all");
  if (low === high) return words.t("holds_one", { n: step });
  return words.t("holds", { low: plain(low * CENTI), high: plain(high * CENTI) });
}
