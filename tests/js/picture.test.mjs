// What is drawn of a screen and said beside it, before anything is drawn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { wayRows } from "../../kpi_toolkit/whatif/live/details.mjs";
import { barOf, changesOf, decidedText, heldText, inSight, layOut, notesOf, pictureOf, poolText } from "../../kpi_toolkit/whatif/live/picture.mjs";
import { moveTo, opening } from "../../kpi_toolkit/whatif/live/screen.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";
import { Words } from "../../kpi_toolkit/whatif/live/words.mjs";
import { cycle } from "./cycle.mjs";

const said = { t: (key, values = {}) => `${key} ${JSON.stringify(values)}`, person: (at) => `P${at}`, letter: (tier) => "ABC"[tier] ?? "–",
  tierLetter: (name) => ({ top: "A", middle: "B", bottom: "C" })[name], listed: (names) => names.join(" + "), page: { pools: {} } };
const people = (...pools) => pools.map((pool) => ({ pool }));
const pool = (id, members, more = {}) => ({ id, members, n: members.length, tiered: true, advisory: false, counts: [1, 1, 0], ...more });
const kinds = (entries) => entries.map(({ kind }) => kind).join(" ");

test("a cut stands between two tiers that hold somebody, and whoever a meeting moved stays where the score stands", () => {
  const { entries, tall } = layOut(people("x", "x", "x"), { order: [0, 1, 2], tier: [0, 1, 2], before: [-1, -1, -1], pools: [pool("x", [0, 1, 2])] });
  assert.equal(kinds(entries), "row cut row cut row");
  assert.deepEqual(entries.filter(({ kind }) => kind === "cut").map(({ above, below }) => [above, below]), [[0, 1], [1, 2]]);
  assert.deepEqual([entries.map(({ y }) => y), tall], [[0, 30, 50, 80, 100], 130]);
  const moved = layOut(people("x", "x", "x"), { order: [0, 1, 2], tier: [0, 0, 1], before: [-1, 2, -1], pools: [pool("x", [0, 1, 2])] });
  assert.equal(kinds(moved.entries), "row cut row row", "moved from the bottom tier to the top one, shown at the bottom");
  assert.equal(kinds(layOut(people("x"), { order: [0], tier: [2], before: [-1], pools: [pool("x", [0])] }).entries), "row");
});

test("a pool has a head where there are several, and where its tiers are none or advisory", () => {
  const heads = (...pools) => layOut(people("x", "x"), { order: [0, 1], tier: [1, 1], before: [-1, -1], pools }).entries.filter(({ kind }) => kind === "head").length;
  assert.deepEqual([heads(pool("x", [0, 1])), heads(pool("x", [0]), pool("y", [1])), heads(pool("x", [0, 1], { tiered: false })), heads(pool("x", [0, 1], { advisory: true }))], [0, 2, 1, 1]);
  const session = { data: { rules: { min_group: 5 } } };
  assert.match(poolText(session, pool("x", [0, 1], { tiered: false }), false, said), /^small_pool {"n":2,"least":5}$/);
  assert.equal(poolText(session, pool("x", [], { tiered: false }), false, said), "unranked {}");
  const parted = (space) => ({ ...said, t: (key, values) => (key === "space" ? space : said.t(key, values)) });
  assert.match(poolText(session, pool("x", [0, 1], { advisory: true }), true, parted(" ")), /^xcolon {}quotas .* advisory {}$/);
  assert.match(poolText(session, pool("x", [0, 1], { advisory: true }), true, parted("")), /[^ ]advisory {}$/);
});

test("only rows in sight are drawn, with some above and below", () => {
  const entries = Array.from({ length: 50 }, (_, at) => ({ key: at, y: at * 30 }));
  const seen = inSight(entries, { top: 600, tall: 300 }).map(({ key }) => key);
  assert.deepEqual([seen[0], seen.at(-1)], [16, 34]);
});

/** A picture of five people whose second weight decides who stands where. */
function drawn(scores, rules, change = (data) => data, near = 0, weights = [5000, 5000]) {
  const data = change(cycle(weights, scores, rules)), session = new Session(data);
  return { session, screen: opening(session, []), page: { session: data, near } };
}
const FIVE = [[90, 50], [80, 70], [70, 90], [60, 60], [50, 40]];

test("near a cut is whoever stands at most so far from somebody on its other side, unless a veto or a meeting put them there", () => {
  const { session, screen, page } = drawn(FIVE, { shares: ["40", "40", "20"] }, undefined, 500);
  const picture = (near, now = screen) => pictureOf(session, now, { ...page, near });
  assert.deepEqual([...picture(500).near].sort(), [0, 1], "75 and 70 points: exactly the five points");
  assert.deepEqual([...picture(499).near], []);
  const decided = drawn(FIVE, { shares: ["40", "40", "20"] }, (data) => { data.people[1].decided = ["top", "middle", false]; return data; });
  assert.deepEqual([...pictureOf(decided.session, decided.screen, { ...decided.page, near: 500 }).near], []);
});

test("who moved comes with the indicator that did most, up or down, whoever crossed a cut first", () => {
  const { session, screen, page } = drawn(FIVE, { shares: ["40", "40", "20"] }, undefined, 0, [3000, 7000]);
  const to = 9000, moved = moveTo(session, screen, { role: 0, item: 0, part: "weight" }, { to, text: "90", typed: true });
  const before = pictureOf(session, screen, page), after = pictureOf(session, moved, page, before);
  const changes = changesOf(session, { state: before.base, found: after.then }, { state: after.state, found: after.now });
  assert.deepEqual(after.crossed, [0, 2]);
  assert.deepEqual(changes.map(({ at }) => at).slice(0, 2), [0, 2], "they crossed");
  const far = changes.slice(2).map(({ at }) => Math.abs(after.then.rank[at] - after.now.rank[at]));
  assert.deepEqual(far, [...far].sort((a, b) => b - a), "then whoever went furthest");
  const down = changes.find(({ at }) => at === 2);
  assert.deepEqual([down.by < 0, session.data.roles[0].items[down.which].id], [true, "i0"], "0.6 of 14 points below the own score, not of 6 above it");
  assert.deepEqual(changesOf(session, { state: before.base, found: before.now }, { state: before.base, found: before.now }), []);
});

test("a person's way leads from what was agreed over what was kept to what is shown, which is named once", () => {
  const { session, screen } = drawn(FIVE, { shares: ["40", "40", "20"] });
  const { history } = moveTo(session, screen, { role: 0, item: 0, part: "weight" }, { to: 9000, text: "90", typed: true });
  const words = { ...said, t: (key) => key, show: (text) => text, score: (centi) => (centi / 100).toFixed(2) };
  const way = (kept) => wayRows({ session, screen: { kept }, shown: { state: history.now, now: session.evaluate(history.now) }, words }, 0);
  const [agreed, now] = [["70.00", "3", "B"], ["86.00", "1", "A"]];
  assert.deepEqual(way([]), [["agreed", ...agreed], ["now", ...now]]);
  assert.deepEqual(way([{ name: "results", state: history.now }]), [["agreed", ...agreed], ["results", ...now]]);
});

test("of those who moved, whoever crossed a cut comes first, then whoever went furthest", () => {
  const found = (tier, rank) => ({ tier, rank, centi: [1, 1, 1, 1], states: [[], [], [], []] });
  const session = { data: { people: [0, 1, 2, 3].map(() => ({ role: 0 })) }, allPoints: () => [[], [], [], []] };
  const state = { weights: [[]] }, then = { state, found: found([1, 1, 1, 1], [1, 2, 3, 7]) };
  const now = { state, found: found([1, 0, 1, 1], [2, 2, 6, 7]) };
  assert.deepEqual(changesOf(session, then, now).map(({ at }) => at), [1, 2, 0]);
});

test("a bar has a stripe for each indicator that counts, by class, and the team's part; without a score there is none", () => {
  const data = cycle([6000, 4000], [[100, 50], [0, 100]], { team_share: 2000 });
  data.people.forEach((person) => { person.team = "x"; });
  data.roles[0].items[0].kind = "result";
  const session = new Session(data), now = session.evaluate(session.agreed), colours = { workload: "#111", result: "#222" };
  const widths = (at) => {
    const stops = [...barOf(data, colours, session.agreed, now, at, 10_000).matchAll(/(#\w+) ([\d.]+)% ([\d.]+)%/g)].filter(([, colour]) => colour !== "#fff");
    return stops.map(([, colour, from, to]) => [colour, Math.round(Number(to) + 0.22 - Number(from))]);
  };
  assert.deepEqual(widths(0), [["#111", 16], ["#222", 48], ["#b9c1c9", 12]], "0.8 of 20 and 60, and 0.2 of the team's 60");
  assert.deepEqual(widths(1), [["#111", 32], ["#b9c1c9", 12]]);
  assert.equal(barOf(data, colours, session.agreed, { ...now, centi: [-1, -1] }, 0, 10_000), "none");
});

test("beside a control stands what it did not take, and what is known of it", () => {
  const data = cycle([5000, 5000], [[1, 2], [2, 1]]);
  data.roles[0].items[1].own_targets = 3;
  const session = new Session(data), screen = opening(session, []), asked = (to) => ({ to, text: "", typed: true });
  assert.deepEqual([...notesOf(session, screen, said)], []);
  const none = moveTo(session, screen, { role: 0, item: 0, part: "weight" }, asked(-500));
  assert.equal(notesOf(session, none, said).get("0|0|weight"), 'at_least {"asked":"-5","now":"0"} weightless {}');
  const target = moveTo(session, screen, { role: 0, item: 1, part: "target" }, asked(12_000), 100, 100_000);
  assert.deepEqual([...notesOf(session, target, said)], [["0|1|target", 'own_targets {"n":3}']]);
});

test("decisions of a meeting that hold and those that a scenario overturns are told apart", () => {
  const data = { people: [{ decided: ["top", "middle"] }, { decided: ["bottom", "middle"] }, {}] };
  const text = decidedText(data, { before: [0, -1, -1], tier: [1, 1, 2], overturned: [1] }, said);
  assert.equal(text, 'decided {"people":"decided_one {\\"person\\":\\"P0\\",\\"tier\\":\\"B\\",\\"before\\":\\"A\\"}"} '
    + 'overturned {"people":"overturned_one {\\"person\\":\\"P1\\",\\"from\\":\\"C\\",\\"to\\":\\"B\\",\\"now\\":\\"B\\"}"}');
});

test("between which weights nobody moves: all of them, some, or none", () => {
  assert.equal(heldText({ changes: [0, 0], low: 0, high: 60 }, 60, 1, said), "holds_all {}");
  assert.equal(heldText({ changes: [0, 0], low: 0, high: 40 }, 60, 1, said), 'holds {"low":"0","high":"40"}');
  assert.equal(heldText({ changes: [0, 0], low: 30, high: 30 }, 60, 2, said), 'holds_one {"n":2}');
  assert.equal(heldText({ changes: [0], low: 0, high: 0 }, 1, 1, said), "holds_stuck {}");
});

test("a text is said in the reader's language, else in English, else in whichever it has; a typed one in all", () => {
  const page = { words: {}, name: { zh: "", en: "", xx: "" }, spoken: { xx: { name: "X", tag: "x-X" } } }, xx = new Words(page, "xx");
  const said = [{ zh: "甲", en: "A", xx: "X" }, { zh: "甲", en: "A" }, { zh: "甲", en: "" }, {}].map((text) => xx.show(text));
  assert.deepEqual([said, xx.same("B"), xx.tag], [["X", "A", "甲", ""], { zh: "B", en: "B", xx: "B" }, "x-X"]);
});

test("words count, list and join as their language does", () => {
  const words = { en: { n: { one: "one person", other: "{n} people" }, same: { other: "{n} 人" }, and: " and {last}", and_more: " and {n} more", comma: ", " } };
  const page = { words, session: { people: [{ name: { zh: "甲", en: "A" }, role: 0, team: "x" }, { name: "B", role: 0, team: "" }], roles: [{ name: { zh: "岗", en: "Post" } }] } };
  const en = new Words(page, "en");
  assert.deepEqual([en.t("n", { n: 1 }), en.t("n", { n: 2 }), en.t("same", { n: 1 })], ["one person", "2 people", "1 人"]);
  assert.deepEqual([["a"], ["a", "b"], ["a", "b", "c"]].map((names) => en.listed(names, 3)), ["a", "a and b", "a, b and c"]);
  assert.equal(en.listed(["a", "b", "c", "d"], 2), "a, b and 2 more");
  assert.deepEqual([en.whereabouts(0), en.whereabouts(1)], ["A · Post · x", "B · Post"]);
  assert.throws(() => en.t("not there"), /no words for not there/);
});
