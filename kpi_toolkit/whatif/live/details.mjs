// @ts-check
/** Tables of a session: who moved and by what, and one person's indicators. */

import { h, table } from "./dom.mjs";
import { alike } from "./history.mjs";
import { MICRO, plain, twoDecimals } from "./numbers.mjs";

/** @import { Change } from "./picture.mjs" */
/** @import { Outcome, State } from "./types.mjs" */
/** @import { View } from "./view.mjs" */

/** A difference with its sign. @param {number} by hundredths */
const signed = (by) => `${by > 0 ? "+" : "−"}${twoDecimals(Math.abs(by))}`;

/** @param {string} before @param {string} after */
const arrow = (before, after) => (before === after ? after : `${before} → ${after}`);

/**
 * Who moved, one row each, as texts: name, tier, rank, score, and the indicator that did most.
 * @param {View} view @param {Change} change
 */
export function movedCells({ shown, words, session }, { at, which, by }) {
  const { then, now } = shown, item = session.data.roles[session.data.people[at].role].items[which];
  return [
    words.person(at), arrow(words.letter(then.tier[at]), words.letter(now.tier[at])),
    arrow(String(then.rank[at] || "–"), String(now.rank[at] || "–")),
    arrow(words.score(then.centi[at]), words.score(now.centi[at])),
    by ? `${words.show(item.name)} ${signed(by)}` : "–",
  ];
}

/** @param {View} view @param {Change[]} changes */
export function movesTable(view, changes) {
  const { then, now } = view.shown;
  const head = ["person", "tier", "rank", "score", "mostly"].map((name) => view.words.t(name));
  const crossed = changes.map(({ at }) => (now.tier[at] === then.tier[at] ? null : "kwi-crossed"));
  return table(head, changes.map((change) => movedCells(view, change)), (place) => crossed[place]);
}

/**
 * One person's indicators, row by row: name, score, weight, points, and what differs.
 * @param {View} view @param {number} at
 */
function detailRows({ session, shown, words }, at) {
  const { role } = session.data.people[at], { base, state, now } = shown;
  const [before, after] = [base, state].map((one) => session.allPoints(one)[at]);
  return session.data.roles[role].items.map((item, i) => {
    const absent = ["missing", "not_counted"].includes(now.states[at][i]), [old, own] = [before[i], after[i]];
    const score = absent ? "–" : (now.scores[at][i] / MICRO).toFixed(2), weight = plain(state.weights[role][i]);
    const change = own === null || old === null || own === old ? "" : signed(own - old);
    return [words.show(item.name), score, weight, own === null ? "–" : twoDecimals(own), change];
  });
}

/** What states that never change come to. @type {WeakMap<State, Outcome>} */
const known = new WeakMap();

/**
 * One person's way: as agreed, in each scenario kept, and now where that is none of them.
 * @param {View} view @param {number} at
 */
export function wayRows({ session, screen, shown, words }, at) {
  const kept = screen.kept.map(({ name, state }) => ({ name: words.show(name), state }));
  const states = [{ name: words.t("agreed"), state: session.agreed }, ...kept];
  const now = { name: words.t("now"), state: shown.state };
  if (!states.some(({ state }) => alike(state, now.state))) states.push(now);
  return states.map(({ name, state }) => {
    const found = state === shown.state ? shown.now : known.get(state) ?? session.evaluate(state);
    known.set(state, found);
    return [name, words.score(found.centi[at]), String(found.rank[at] || "–"), words.letter(found.tier[at])];
  });
}

/** What stands in one person's detail. @param {View} view @param {number} at @param {HTMLElement} close */
export function personDetail(view, at, close) {
  const { words, shown } = view, { now, then } = shown, before = then.centi[at];
  const was = before !== now.centi[at] && before >= 0 ? ` (${words.t("from")} ${twoDecimals(before)})` : "";
  const reason = words.t(`reason_${now.reason[at]}`);
  const sure = now.tier[at] >= 0 ? view.drawn?.verdicts[at] : null;
  const told = sure ? [words.t(`sure_${sure.word}`), words.doubt(sure)[0]] : [];
  const verdict = told.filter(Boolean).join(words.t("colon"));
  const head = ["indicator", "score", "weight", "points", "change"].map((name) => words.t(name));
  const way = wayRows(view, at), columns = ["scenario", "score", "rank", "tier"].map((name) => words.t(name));
  return [
    h("p", { class: "kwi-over" }, h("b", {}, words.whereabouts(at)),
      h("span", {}, `${words.score(now.centi[at])} · ${words.letter(now.tier[at])} · ${reason}${was}`), close),
    ...(sure ? [h("p", { class: "kwi-sign" }, h("b", { class: `kwi-sure kwi-${sure.word}` }), verdict)] : []),
    table(head, detailRows(view, at)), ...(way.length > 1 ? [table(columns, way)] : []),
  ];
}
