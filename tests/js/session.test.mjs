// What the module promises by itself; that it equals Python is held by tests/test_whatif.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scoreMicro } from "../../kpi_toolkit/whatif/live/curves.mjs";
import { Doubt, workerSource } from "../../kpi_toolkit/whatif/live/doubt.mjs";
import { drawingOf } from "../../kpi_toolkit/whatif/live/drawing.mjs";
import { History } from "../../kpi_toolkit/whatif/live/history.mjs";
import { linked, sharesWith } from "../../kpi_toolkit/whatif/live/linking.mjs";
import { geometricMean } from "../../kpi_toolkit/whatif/live/means.mjs";
import { moved, valueOf, weighing, weightless, withTiers } from "../../kpi_toolkit/whatif/live/moves.mjs";
import { deal } from "../../kpi_toolkit/whatif/live/numbers.mjs";
import { heldText } from "../../kpi_toolkit/whatif/live/picture.mjs";
import { keptOf, scenarioOf, scenarioText, stateOf, stillElicited } from "../../kpi_toolkit/whatif/live/scenarios.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";
import { seatsOf } from "../../kpi_toolkit/whatif/live/tiers.mjs";
import { cycle, item } from "./cycle.mjs";
import { acceptability, drawn, spark } from "./drawn.mjs";

test("whole numbers are dealt by largest remainder, equal remainders as they stand", () => {
  const votes = [47_000n, 16_000n, 15_900n, 12_000n, 6_000n, 3_100n], all = votes.reduce((sum, one) => sum + one, 0n);
  assert.deepEqual(deal(10n, votes.map((vote) => 10n * vote), all), [5n, 2n, 1n, 1n, 1n, 0n]);
});

test("S235: seats follow the agreed table for every small head count", () => {
  const rules = { rule: "largest_remainder", before: {} }, shares = ["20", "70", "10"];
  const seats = (n) => seatsOf(rules, { shares }, "", n);
  assert.deepEqual([3, 5, 7, 8, 10, 12, 20].map(seats), [[1, 2, 0], [1, 4, 0], [1, 5, 1], [1, 6, 1], [2, 7, 1], [2, 9, 1], [4, 14, 2]]);
});

test("a geometric mean is exact where it is whole, and right to fifty digits where it is not", () => {
  const value = ([n, d]) => Number(n) / Number(d);
  assert.deepEqual(geometricMean([40_000_000, 90_000_000], [5000, 5000]), [60_000_000n, 1n]);
  assert.deepEqual(geometricMean([69_010_000, 69_010_000], [3333, 6667]), [69_010_000n, 1n]);
  assert.deepEqual(geometricMean([0, 90_000_000], [5000, 5000]), [0n, 1n]);
  for (const [scores, weights] of [[[2, 1], [50, 50]], [[6, 2], [50, 50]], [[12, 13], [50, 50]], [[7, 1], [25, 75]], [[99_999_999, 1], [1, 9999]]]) {
    const whole = weights.reduce((a, b) => a + b), got = geometricMean(scores, weights);
    assert.ok(Math.abs(value(got) - Math.exp(scores.reduce((all, score, i) => all + weights[i] * Math.log(score), 0) / whole)) < 1e-6 * value(got));
  }
  const [n, d] = geometricMean([2, 1], [50, 50]); // the root of 2, squared
  assert.ok(((n * n - 2n * d * d) << 160n) / (d * d) === 0n);
});

test("weights always sum to what they summed to, locked ones stay, and going back gives back what was", () => {
  let seed = 1;
  const random = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
  for (let round = 0; round < 500; round++) {
    const weights = [0, 0, 0, 0].map(() => random(40) * 100), locked = new Set(random(3) ? [random(4)] : []), at = random(4);
    if (locked.has(at)) continue;
    const found = linked(weights, at, random(120) * 100, locked);
    assert.equal(found.reduce((a, b) => a + b), weights.reduce((a, b) => a + b));
    for (const place of locked) assert.equal(found[place], weights[place]);
    assert.ok(found.every((weight) => weight >= 0));
    assert.deepEqual(linked(weights, at, weights[at], locked), weights);
  }
  assert.deepEqual(linked([5000, 5000], 0, 9000, new Set([1])), [5000, 5000], "what nobody can give way to does not move");
});

test("undo and redo walk through steps; a new step forgets what was undone", () => {
  const session = new Session(cycle([5000, 5000], [[90, 80], [80, 90]]));
  let history = new History([session.agreed]);
  const step = (to) => moved(session, history.now, { role: 0, item: 0, part: "weight", to });
  history = history.push(step(6000));
  history = history.push(step(7000));
  history = history.undo();
  assert.equal(history.now.weights[0][0], 6000);
  history = history.redo();
  assert.equal(history.now.weights[0][0], 7000);
  history = history.undo().push(step(8000));
  assert.equal(history.canRedo, false);
  assert.equal(history.push(history.now).states.length, 3, "the same state is no step");
  assert.equal(history.amend(step(9000)).states.length, 3, "one drag is one step");
});

test("a control shows what it was set to; a cap of no indicator's own is the one of all, and follows it until it has its own", () => {
  const data = cycle([5000, 3000, 2000], [[90, 80, 70]]);
  data.roles[0].items[1].side = "result";
  data.roles[0].items[1].cap = 12_000;
  const session = new Session(data), { agreed } = session;
  const shown = (state, part, item) => valueOf(session, state, { role: 0, item, part });
  assert.deepEqual([0, 1, 2].map((i) => shown(agreed, "cap", i)), [10_000, 12_000, 10_000]);
  const higher = moved(session, agreed, { role: 0, part: "itemCap", to: 15_000 });
  assert.deepEqual([0, 1, 2].map((i) => shown(higher, "cap", i)), [15_000, 12_000, 15_000]);
  for (const to of [0, 9_000]) assert.equal(shown(moved(session, higher, { role: 0, item: 2, part: "cap", to }), "cap", 2), to);
  for (const [part, to] of [["weight", 4_500], ["target", 0], ["target", 11_000], ["itemCap", 9_900], ["share", 6_500]]) {
    const state = moved(session, agreed, { role: 0, item: 0, part, to });
    assert.equal(shown(state, part, 0), to, part);
    assert.equal(shown(state, "share"), weighing(data.roles[0], "process").reduce((sum, i) => sum + state.weights[0][i], 0));
  }
  assert.equal(shown(agreed, "share"), 7_000);
});

test("whoever used nothing of a limit has what the last piece of the curve gives, at most the cap", () => {
  const scored = (last, { cap = 20_000, direction = "lower", outside = false, value = "0" } = {}) => {
    const curve = { by: "attainment", direction, step: null, counted: "", points: false, columns: [["0", [[null, false, "0", "1"], ["100", false, ...last]]]] };
    return scoreMicro(item("a", 5000, { curve, outside }), value, "10", null, cap, 5000);
  };
  assert.equal(scored(["110", "0"]), 110e6, "level from there on");
  assert.equal(scored(["110", "0"], { cap: 10_500 }), 105e6);
  assert.equal(scored(["110", "0"], { cap: 11_000 }), 110e6);
  assert.equal(scored(["0", "1"]), 200e6, "it rises without an end");
  assert.equal(scored(["0", "1"], { value: "5" }), 200e6);
  assert.equal(scored(["0", "1"], { value: "8" }), 125e6);
  assert.equal(scored(["-5", "0"]), 0);
  assert.equal(scored(["-5", "0"], { outside: true }), -5e6, "what stands outside the weights may take points off");
});

test("a scenario is told as it was made, read back as it was told, and written as a file", () => {
  const session = new Session(cycle([5000, 3000, 2000], [[90, 80, 70], [80, 90, 60]]));
  let state = moved(session, session.agreed, { role: 0, item: 0, part: "weight", to: 6050 });
  state = moved(session, state, { role: 0, item: 1, part: "target", to: 11_000 });
  state = withTiers(state, [2500, 6500, 1000]);
  const told = scenarioOf(session, state);
  assert.deepEqual(stateOf(session, told), state);
  assert.equal(scenarioText(session, { state, name: { zh: 'Promotion "60"', en: 'Promotion "60"' }, why: "line\nbreak" }), [
    "schema = 1", 'name = "Promotion \\"60\\""', 'client = "acme"', 'cycle = "2026-10"', "design_version = 3", 'design = "0123456789abcdef"',
    'why = "line break"', "shares = [25, 65, 10]", "", "[weights.r]", "i0 = 60.5", "i1 = 23.7", "i2 = 15.8", "", "[targets.r]", "i1 = 110", "",
  ].join("\n"));
});

test("a scenario's name is written in each language it has, once where they say the same", () => {
  const session = new Session(cycle([10_000], [[90]])), line = (name) => scenarioText(session, { state: session.agreed, name }).split("\n")[1];
  assert.deepEqual([line({ zh: "甲", en: "A", xx: "X" }), line({ zh: "A", en: "A", xx: "A" })], ['name = { zh = "甲", en = "A", xx = "X" }', 'name = "A"']);
});

test("tier shares can be set one after another, in any order, and end as they were typed", () => {
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const wanted of [[3000, 6000, 1000], [2500, 6000, 1500], [5000, 5000, 0], [3333, 3334, 3333]]) {
    for (const order of orders) {
      let shares = [2000, 7000, 1000], typed = [];
      for (const at of order) {
        typed = [at, ...typed.filter((other) => other !== at)];
        shares = sharesWith(shares, at, wanted[at], typed[1] ?? null);
        assert.equal(shares.reduce((a, b) => a + b), 10_000);
      }
      assert.deepEqual(shares, wanted, `${order}`);
    }
  }
  assert.deepEqual(sharesWith([2000, 7000, 1000], 0, 3000), [3000, 6000, 1000], "the middle gives way to the top");
  assert.deepEqual(sharesWith([2000, 7000, 1000], 2, 500), [2000, 7500, 500], "and takes what the bottom gives");
  assert.deepEqual(sharesWith([2000, 7000, 1000], 0, 10_100), [10_000, 0, 0]);
});

test("a weight of nothing may be looked at only, unless the indicator has an effect without one", () => {
  const data = cycle([5000, 3000, 2000], [[90, 80, 70]]), session = new Session(data);
  const state = moved(session, session.agreed, { role: 0, item: 1, part: "weight", to: 0 });
  assert.deepEqual(weightless(session, state), [{ role: 0, item: 1, part: "weight" }]);
  assert.deepEqual(weightless(session, session.agreed), []);
  data.roles[0].items[1].may_weigh_nothing = true;
  assert.deepEqual(weightless(session, state), []);
});

test("how weights were found is said of those weights alone, and goes into the text with them", () => {
  const session = new Session(cycle([5000, 3000, 2000], [[90, 80, 70], [80, 90, 60]]));
  const record = { role: "r", method: "pairwise", said: "i0/i1 2", consistency: "0.02" };
  const kept = keptOf(session, { id: "k", name: { zh: "甲", en: "A" }, changes: { weights: { r: { i0: 60, i1: 20, i2: 20 } } }, asked_by: "Owner", elicited: [record] });
  assert.deepEqual(stillElicited(session, kept, kept.state), [record]);
  assert.deepEqual(stillElicited(session, kept, moved(session, kept.state, { role: 0, item: 2, part: "weight", to: 3000 })), []);
  const text = scenarioText(session, kept);
  assert.ok(text.includes('name = { zh = "甲", en = "A" }') && text.includes('asked_by = "Owner"'));
  assert.ok(text.endsWith('[[elicited]]\nrole = "r"\nmethod = "pairwise"\nsaid = "i0/i1 2"\nconsistency = 0.02\n'));
});

test("SMAA-2, exact case A: uniform weights are uniform, not crowded in the middle", () => {
  const session = new Session(cycle([4000, 3000, 3000], [[100, 0, 0], [0, 100, 0], [0, 0, 100]]));
  const drawing = drawingOf(session, session.agreed, session.evaluate(session.agreed));
  const first = drawn(drawing, 0, 20_000).filter((weights) => weights[0] === Math.max(...weights));
  const central = [0, 1, 2].map((i) => first.reduce((sum, weights) => sum + weights[i], 0) / first.length);
  [11 / 18, 7 / 36, 7 / 36].forEach((expected, i) => assert.ok(Math.abs(central[i] - expected) < 0.01, `${central}`));
});

test("SMAA-2, exact case B: one place at the top goes to each as often as the weights say", () => {
  const session = new Session(cycle([5000, 5000], [[100, 0], [0, 100], [60, 60]], { shares: ["34", "66", "0"] }));
  const found = acceptability(drawingOf(session, session.agreed, session.evaluate(session.agreed)));
  [0.4, 0.4, 0.2].forEach((expected, at) => assert.ok(Math.abs(found[at * 3] / 20_000 - expected) < 0.015));
});

test("weights around the agreed ones vary as the concentration says: 30 varies by about 6.4 points", () => {
  const session = new Session(cycle([3000, 7000], [[1, 2], [2, 1]], {}, { weights: "around" }));
  const drawing = drawingOf(session, session.agreed, session.evaluate(session.agreed));
  const weights = drawn(drawing, 0, 20_000).map(([first]) => 100 * first), mean = weights.reduce((a, b) => a + b) / weights.length;
  const spread = Math.sqrt(weights.reduce((sum, one) => sum + (one - mean) ** 2, 0) / weights.length);
  assert.ok(Math.abs(mean - 30) < 0.2 && Math.abs(spread - 6.4) < 0.15, `${mean} ${spread}`);
});

test("drawn weights keep an order where only the order is known", () => {
  const session = new Session(cycle([2000, 5000, 3000], [[1, 2, 3], [3, 2, 1]], {}, { weights: "ordinal" }));
  const drawing = drawingOf(session, session.agreed, session.evaluate(session.agreed));
  for (const [a, b, c] of drawn(drawing, 0, 500)) assert.ok(b >= c && c >= a);
});

test("the same question gets the same answer, and a small move a nearby one: random numbers are common", () => {
  const scores = Array.from({ length: 12 }, (_, at) => [60 + ((at * 37) % 40), 60 + ((at * 23) % 40)]);
  const session = new Session(cycle([5000, 5000], scores, {}, { weights: "around", draws: 2000 }));
  const share = (state) => acceptability(drawingOf(session, state, session.evaluate(state)));
  const one = share(session.agreed), again = share(session.agreed);
  assert.deepEqual(one, again);
  const near = share(moved(session, session.agreed, { role: 0, item: 0, part: "weight", to: 5050 }));
  assert.ok(Math.max(...one.map((count, i) => Math.abs(count - near[i]))) < 200);
});

test("what the Worker is given stands by itself and answers what the main thread would", async () => {
  const session = new Session(cycle([5000, 5000], [[100, 0], [0, 100], [60, 60]], {}, { draws: 3000 }));
  const drawing = drawingOf(session, session.agreed, session.evaluate(session.agreed)), answers = [];
  const scope = { postMessage: (told) => answers.push(told), onmessage: null };
  new Function("scope", `const postMessage = scope.postMessage; let onmessage; ${workerSource()}; scope.onmessage = onmessage;`)(scope);
  scope.onmessage({ data: { ticket: 1, drawing } });
  while (answers.length < 2) await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(answers.map(({ draws }) => draws), [1000, 3000]);
  assert.deepEqual([...answers[1].found.counts], [...acceptability(drawing)]);
});

test("without a Worker the draws come in slices, and a newer question stops an older one", async () => {
  const session = new Session(cycle([5000, 5000], [[100, 0], [0, 100], [60, 60]], {}, { draws: 4000 }));
  const drawing = drawingOf(session, session.agreed, session.evaluate(session.agreed)), told = [];
  const doubt = new Doubt((counts, draws) => told.push([draws, counts]));
  doubt._open = () => { doubt.tried = true; };
  doubt.ask({ ...drawing, draws: 999_999 });
  doubt.ask(drawing);
  while (!told.some(([draws]) => draws === 4000)) await new Promise((done) => setTimeout(done, 5));
  doubt.close();
  assert.ok(told.every(([draws]) => draws <= 4000));
  assert.deepEqual([...told.at(-1)[1].counts], [...acceptability(drawing)]);
});

test("a spark names the whole points between which nobody changes tier, and who is first to", () => {
  const session = new Session(cycle([5000, 5000], [[90, 40], [80, 60]], { shares: ["50", "50", "0"] }));
  const found = spark(session, session.agreed, session.evaluate(session.agreed), 0, 0);
  assert.deepEqual([found.low, found.high], [0, 66], "0.9 w + 0.4 (1 - w) passes 0.8 w + 0.6 (1 - w) at two thirds");
  assert.deepEqual(found.next, { to: 67, people: [0, 1] });
  assert.equal(found.changes.length, 101);
});

test("a weight whose others are all locked has no spark; a role's only weight is not stuck by locks", () => {
  const session = new Session(cycle([3000, 3000, 4000], [[90, 10, 40], [10, 80, 60]])), now = session.evaluate(session.agreed);
  const stuck = spark(session, session.agreed, now, 0, 0, new Set([1, 2]));
  assert.deepEqual(stuck, { changes: [0], low: 30, high: 30, next: null });
  assert.equal(heldText(stuck, 1, 1, { t: (key) => key }), "holds_stuck");
  assert.equal(spark(session, session.agreed, now, 0, 0, new Set([1])).changes.length, 71);
  const alone = new Session(cycle([10_000], [[90], [10]]));
  assert.equal(spark(alone, alone.agreed, alone.evaluate(alone.agreed), 0, 0, new Set([0])).changes.length, 101);
});

test("a meeting's step into the bottom tier does not hold for whoever reaches the pass line", () => {
  const found = (line) => {
    const data = cycle([10_000], [[90], [80], [70]], { shares: ["34", "33", "33"], pass_line: line });
    data.people[1].decided = ["middle", "bottom", true];
    const session = new Session(data), { tier, before, overturned, reason } = session.evaluate(session.agreed);
    return [tier[1], before[1], overturned, reason[1]];
  };
  assert.deepEqual(found(null), [2, 1, [], "calibrated"]);
  assert.deepEqual(found(8001), [2, 1, [], "calibrated"]);
  assert.deepEqual(found(8000), [1, -1, [1], "rank"]);
});
