// What a reader is told beside the official figures: each test is here because a fault of one line passed all others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawingOf } from "../../kpi_toolkit/whatif/live/drawing.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";
import { movedCells } from "../../kpi_toolkit/whatif/live/details.mjs";
import { firstFlip, layOut, poolText, rose, rowOf } from "../../kpi_toolkit/whatif/live/picture.mjs";
import { linesOf } from "../../kpi_toolkit/whatif/live/words.mjs";
import { acceptability } from "./drawn.mjs";

const piece = (slope) => ({ by: "attainment", direction: "higher", step: null, counted: "", points: false, columns: [["0", [[null, false, "0", slope]]]] });
const item = (id, weight, more = {}) => ({
  id, name: { zh: id, en: id }, kind: "workload", side: "process", weight, block: null, counted: true, outside: false, cap: null, gate: null,
  scaled: true, own_targets: 0, curve: piece("1"), ...more,
});

/** Two indicators of 50, and a veto over the total where a person has a third score. */
function session(scores, rules = {}) {
  const items = [item("a", 5000), item("b", 5000), item("veto", 0, { gate: ["total", 3000] })];
  return new Session({
    schema: 1, client: "acme", cycle: "2026-10", version: 1, design: "0123456789abcdef",
    rules: { item_cap: 10_000, total_cap: null, missing: "leave_out", least_weight: 0, neutral: 10_000, team_share: 0, shares: ["20", "60", "20"],
      rule: "largest_remainder", min_group: 2, advisory_below: 10, pass_line: null, tie: "better", tie_break: [], before: {}, ...rules },
    doubt: { weights: "uniform", concentration: 50, draws: 4000, seed: 7 },
    roles: [{ id: "r", name: { zh: "r", en: "r" }, geometric: false, combined: true, items, walk: null }],
    people: scores.map((own, at) => ({ id: `p${at}`, name: `P${at}`, role: 0, team: "x", pool: "all", adjustment: 0, previous: null, exempt: false,
      lines: [0, 1, 2].map((i) => (own[i] === undefined ? [0, null, null, null] : [own[i] * 1e6, String(own[i]), "100", null])),
      agreed: [null, null, null, "rank"] })),
  });
}

function drawnTiers(scores, rules) {
  const one = session(scores, rules), counts = acceptability(drawingOf(one, one.agreed, one.evaluate(one.agreed)));
  return scores.map((_, at) => [...counts.slice(3 * at, 3 * at + 3)].map((count) => count / 4000));
}

test("whoever reaches the pass line under the weights drawn is not in the bottom tier there", () => {
  const scores = [[95, 90], [85, 80], [80, 85], [75, 82], [60, 70]];
  assert.equal(drawnTiers(scores)[4][2], 1);
  assert.equal(drawnTiers(scores, { pass_line: 6000 })[4][2], 0, "no weights bring anybody below 60");
  const half = drawnTiers(scores, { pass_line: 6500 })[4][2];
  assert.ok(Math.abs(half - 0.5) < 0.03, `60 and 70 are below 65 under half of all weights, not ${half}`);
});

test("whom a veto holds down stays there, whatever the weights", () => {
  const tiers = drawnTiers([[95, 90], [85, 80], [80, 85], [75, 82], [100, 0, 0]]);
  assert.deepEqual(tiers[4], [0, 0, 1], "30 points under every weight, though its own would come to 100 under some");
  assert.ok(drawnTiers([[95, 90], [85, 80], [80, 85], [75, 82], [100, 0, 100]])[4][0] > 0);
});

test("too many equals at the top cut go to the middle under every weight drawn", () => {
  const crowd = drawnTiers([[80, 60], [80, 60], [80, 60], [10, 10], [5, 5]]);
  for (const at of [0, 1, 2]) assert.deepEqual(crowd[at], [0, 1, 0], "three equals for one seat");
  const pair = drawnTiers([[80, 60], [80, 60], [20, 20], [10, 10], [5, 5]]);
  for (const at of [0, 1]) assert.deepEqual(pair[at], [1, 0, 0], "two equals share it");
});

test("too many equals at a cut are in the middle officially too, each with the reason", () => {
  const tiers = (scores, rules) => {
    const one = session(scores, rules), { tier, reason } = one.evaluate(one.agreed);
    return scores.map((_, at) => `${tier[at]} ${reason[at]}`);
  };
  const equal = [[80, 60], [80, 60], [80, 60]], shared = "1 tie_too_many";
  assert.deepEqual(tiers([...equal, [10, 10], [5, 5]]), [shared, shared, shared, "1 rank", "2 rank"]);
  assert.deepEqual(tiers([[95, 95], [90, 90], ...equal], { tie: "worse" }), ["0 rank", "1 rank", shared, shared, shared]);
});

test("the first to flip is the indicator whose weight has the shortest way, up or down", () => {
  const flip = (...found) => firstFlip(found.map((next, i) => ({ i, spark: { next } })), [5000, 3000, 2000]);
  const { i, to, people } = flip({ to: 62, people: [1] }, { to: 26, people: [3, 4] }, null);
  assert.deepEqual([i, to, people], [1, 26, [3, 4]]);
  assert.equal(flip({ to: 51, people: [1] }, { to: 26, people: [3] }).i, 0);
  assert.equal(flip(null), null);
});

test("an effect of less than half a point is said too", () => {
  const outcome = (centi) => ({ tier: [0, 0, 0], rank: [1, 2, 3], centi });
  const words = { person: (at) => `P${at}`, letter: (tier) => "ABC"[tier], show: (name) => name.en, score: (centi) => String(centi) };
  const view = {
    shown: { now: outcome([9030, 9000, 8000]), then: outcome([9000, 8999, 8000]) }, words,
    session: { data: { people: [{ role: 0 }, { role: 0 }, { role: 0 }], roles: [{ items: [item("articles", 5000)] }] } },
  };
  const last = [30, -1, 0].map((by, at) => movedCells(view, { at, which: 0, by }).at(-1));
  assert.deepEqual(last, ["articles +0.30", "articles −0.01", "–"]);
});

test("whoever is in no pool is shown below those who are, under a head of their own", () => {
  const people = [{ pool: "x" }, { pool: "" }, { pool: "x" }];
  const { entries } = layOut(people, { order: [1, 0, 2], tier: [0, -1, 1], before: [0, -1, 1],
    pools: [{ id: "x", members: [0, 2], tiered: true, advisory: false }] });
  assert.deepEqual(entries.filter(({ kind }) => kind === "row").map(({ at }) => at), [0, 2, 1]);
  const head = entries.find(({ kind }) => kind === "head");
  assert.equal(poolText(session([[1, 2]]), head.pool, false, { t: (key) => key, page: { pools: {} } }), "no_group");
});

test("whoever falls, stays, or comes from or into no tier has not risen", () => {
  const moves = [[0, 1], [1, 2], [1, 0], [1, 1], [-1, 1], [1, -1]];
  assert.deepEqual(moves.map(([tier, old]) => rose(tier, old)), [true, true, false, false, false, false]);
});

test("a row is as high as the longest name takes where it has least room", () => {
  const names = ["王琳", "Thomas O'Connor-Okafor", "阿卜杜热合曼·买买提艾力", "Gwendolyn Persephone Fotheringham-Featherstonehaugh"];
  assert.deepEqual(names.map((name) => linesOf(name, 17)), [1, 2, 2, 4]);
  assert.deepEqual([1, 2, 4].map((some) => rowOf(names.slice(0, some))), [30, 32, 60]);
  const pools = [{ id: "x", members: [0, 1], tiered: true, advisory: false }];
  const { entries, tall } = layOut([{ pool: "x" }, { pool: "x" }], { order: [0, 1], tier: [1, 1], before: [-1, -1], pools }, rowOf(names));
  assert.deepEqual([...entries.map(({ y }) => y), tall], [0, 60, 120]);
});
