// What a user does and what the screen is then, without a page: every function takes a screen and gives the next one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Controls } from "../../kpi_toolkit/whatif/live/controls.mjs";
import { Keeping } from "../../kpi_toolkit/whatif/live/keeping.mjs";
import { minutesText } from "../../kpi_toolkit/whatif/live/minutes.mjs";
import { plain, readNumber } from "../../kpi_toolkit/whatif/live/numbers.mjs";
import { notesOf, pictureOf } from "../../kpi_toolkit/whatif/live/picture.mjs";
import {
  choosing, copied, keptAnew, keyMeans, keeping, lockTurned, moveTo, opening, recalled, redone, remembered, reset,
  resumed, setShare, settled, turnedTo, typedBefore, undone, unsaved, withChanges,
} from "../../kpi_toolkit/whatif/live/screen.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";
import { cycle } from "./cycle.mjs";
import { spark } from "./drawn.mjs";

const SCORES = [[90, 80, 70, 60], [80, 90, 60, 70], [60, 70, 80, 90]];
const made = (weights = [3000, 3000, 2000, 2000]) => {
  const session = new Session(cycle(weights, SCORES.map((own) => own.slice(0, weights.length))));
  return { session, screen: opening(session, []) };
};
const words = {
  t: (key, values = {}) => `${key} ${JSON.stringify(values)}`, show: (text) => text.en, same: (text) => ({ zh: text, en: text }), listed: (names) => names.join(" + "),
};
const weight = (item) => ({ role: 0, item, part: "weight" });

/** Type into a weight's box key by key, and leave it. */
function typed(session, screen, item, text) {
  let now = screen;
  for (let end = 1; end <= text.length; end++) {
    const part = text.slice(0, end);
    now = moveTo(session, now, weight(item), { to: readNumber(part), text: part, typed: true });
  }
  return settled(now);
}
const dragged = (session, screen, item, to) => settled(moveTo(session, screen, weight(item), { to: to * 100, text: String(to), typed: false }));
const weights = (screen) => screen.history.now.weights[0].map(plain).map(Number);

function orders(list) {
  return list.length < 2 ? [list] : list.flatMap((one, at) => orders(list.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}

test("a whole set of weights typed one after another, in any order, ends as it was typed, and so does the next set", () => {
  for (const order of orders([0, 1, 2, 3])) {
    let { session, screen } = made();
    for (const set of [["40", "25", "20", "15"], ["10", "20", "30", "40"], ["12.5", "37.5", "25", "25"]]) {
      for (const i of order) screen = typed(session, screen, i, set[i]);
      assert.deepEqual(weights(screen), set.map(Number), `${order}`);
      assert.equal(screen.refused, null);
    }
  }
});

test("what was typed stays while the untyped can give way; what they cannot is said with the sum", () => {
  let { session, screen } = made();
  screen = typed(session, typed(session, screen, 0, "40"), 1, "25");
  assert.deepEqual(weights(screen), [40, 25, 18, 17]);
  const over = typed(session, screen, 2, "50");
  assert.deepEqual(weights(over), [40, 25, 35, 0]);
  assert.deepEqual(over.refused, { note: "0|2|weight", word: "sum_over", values: { asked: "50", now: "35", whole: "100", sum: "115", by: "15" } });
  assert.deepEqual(weights(typed(session, over, 2, "30")), [40, 25, 30, 5], "a weight not taken is not held");
});

test("the last weight of a set whose sum is off stays and says what is missing; another typed anew then settles it", () => {
  let { session, screen } = made();
  for (const [i, text] of [[0, "40"], [1, "25"], [2, "20"]]) screen = typed(session, screen, i, text);
  const short = typed(session, screen, 3, "10"), over = typed(session, screen, 3, "20");
  for (const [now, word, sum] of [[short, "sum_under", "95"], [over, "sum_over", "105"]]) {
    assert.deepEqual(weights(now), [40, 25, 20, 15]);
    assert.deepEqual([now.refused.word, now.refused.values.sum, now.refused.values.by], [word, sum, "5"]);
  }
  assert.deepEqual(weights(typed(session, over, 0, "35")), [35, 25, 20, 20]);
});

test("an emptied box, what was agreed and a scenario shown let go what was typed; undo does not", () => {
  let { session, screen } = made();
  screen = typed(session, typed(session, screen, 0, "40"), 1, "25");
  const emptied = moveTo(session, screen, weight(0), { to: null, text: " ", typed: true });
  assert.deepEqual(weights(emptied), weights(screen));
  assert.deepEqual(weights(typed(session, emptied, 2, "40")).slice(1, 3), [25, 40]);
  assert.notEqual(weights(typed(session, emptied, 2, "40"))[0], 40);
  const back = reset(session, screen, { name: "", asked_by: "", why: "" }, words).screen;
  assert.deepEqual(weights(typed(session, back, 2, "30")), [26, 26, 30, 18]);
  const shown = withChanges(session, screen, { weights: { r: { i0: 40, i1: 25, i2: 18, i3: 17 } } });
  assert.notEqual(weights(typed(session, shown, 2, "30"))[0], 40);
  const undoneThen = undone(typed(session, screen, 2, "30"));
  assert.deepEqual(weights(undoneThen), [40, 25, 18, 17]);
  assert.deepEqual(weights(typed(session, undoneThen, 2, "20")), [40, 25, 20, 15]);
});

test("a slider holds what was typed while others can give way, and is never stuck", () => {
  let { session, screen } = made();
  screen = typed(session, screen, 0, "40");
  assert.equal(weights(dragged(session, screen, 1, 50))[0], 40);
  assert.deepEqual(weights(dragged(session, screen, 1, 80)), [20, 80, 0, 0]);
  const two = made([6000, 4000]);
  assert.deepEqual(weights(dragged(two.session, typed(two.session, two.screen, 0, "70"), 1, 55)), [45, 55]);
  const slid = dragged(session, screen, 0, 30);
  assert.notEqual(weights(typed(session, slid, 1, "50"))[0], 30, "what a slider moved is not typed any more");
});

test("one value typed, key by key, is one step; proportions are kept of the weights it began with", () => {
  const { session, screen } = made(), now = typed(session, screen, 0, "12.5");
  assert.equal(now.history.states.length, 2);
  assert.deepEqual(weights(now), [12.5, 37.5, 25, 25]);
  assert.deepEqual(weights(undone(now)), [30, 30, 20, 20]);
  assert.deepEqual(weights(redone(undone(now))), weights(now));
});

test("a locked weight need not be typed for a set to be whole, and one that undo took back is not typed any more", () => {
  let { session, screen } = made();
  screen = lockTurned(screen, 3);
  for (const [i, text] of [[0, "40"], [1, "25"], [2, "15"]]) screen = typed(session, screen, i, text);
  assert.deepEqual(weights(typed(session, screen, 0, "50")), [50, 19, 11, 20], "the set was whole: the next begins anew");
  ({ session, screen } = made());
  const back = undone(typed(session, screen, 0, "40"));
  assert.deepEqual(weights(typed(session, back, 1, "50")), [22, 50, 14, 14]);
});

test("too much for the whole form is said as that, though other weights were typed", () => {
  const { session, screen } = made([6000, 4000]), one = typed(session, screen, 0, "70");
  assert.equal(typed(session, one, 0, "101").refused.word, "at_most");
  assert.equal(typed(session, typed(session, screen, 0, "0"), 1, "101").refused.word, "at_most");
  const leapt = undone(typed(session, screen, 0, "101"));
  assert.equal(leapt.refused, null);
});

test("the share of work done holds what was typed while others can give way", () => {
  const data = cycle([3000, 3000, 2000, 2000], SCORES), session = new Session(data);
  for (const i of [2, 3]) data.roles[0].items[i].side = "result";
  let screen = typed(session, opening(session, []), 0, "40");
  const share = (to) => weights(moveTo(session, screen, { role: 0, part: "share" }, { to: to * 100, text: "", typed: true }, 0, 10_000));
  assert.deepEqual(share(70), [40, 30, 15, 15]);
  assert.deepEqual(share(30), [18, 12, 35, 35], "less than what was typed: it gives way");
});

test("a block is a form of its own: what is typed there holds there, and the sum told is the block's", () => {
  const data = cycle([3000, 2000, 1000, 2500, 1500], SCORES.map((own) => [...own, 50]));
  data.roles[0].items.forEach((one, i) => { one.block = i < 3 ? "results" : "conduct"; });
  const session = new Session(data), asked = (now, i, text) => typed(session, now, i, text);
  const two = asked(asked(asked(opening(session, []), 0, "20"), 3, "30"), 1, "30");
  assert.deepEqual(weights(two), [20, 30, 10, 30, 10]);
  const { values, word } = asked(two, 2, "15").refused;
  assert.deepEqual([word, values.sum, values.whole, values.by], ["sum_over", "65", "60", "5"]);
});

test("shares typed before are forgotten where another state is begun from", () => {
  const { session, screen } = made(), set = (now, at, to) => settled(setShare(now, at, { to, text: "", typed: true }));
  const typedTwo = set(set(screen, 0, 3000), 2, 2000);
  assert.deepEqual(typedTwo.history.now.shares, ["30", "50", "20"]);
  const back = reset(session, typedTwo, { name: "", asked_by: "", why: "" }, words).screen;
  assert.deepEqual(set(back, 1, 6000).history.now.shares, ["27", "60", "13"], "both ends give way");
});

test("the role with most people is shown first, and what is locked there leaves caps and targets alone", () => {
  const data = cycle([5000, 5000], [[90, 80], [80, 90], [70, 60]]);
  data.roles.push({ ...data.roles[0], id: "q" });
  data.people[1].role = data.people[2].role = 1;
  const session = new Session(data);
  assert.equal(opening(session, []).role, 1);
  const shut = lockTurned(opening(session, []), 0), cap = { role: 1, item: 0, part: "cap" };
  const low = moveTo(session, moveTo(session, shut, cap, { to: 100, text: "1", typed: true }, 100, 100_000), cap, { to: 0, text: "0", typed: true }, 100, 100_000);
  assert.equal(low.refused.word, "at_least");
});

test("a scenario opened keeps its name in both languages, and another person who asks is another content", () => {
  const { session, screen } = made(), told = { id: "a", name: { zh: "甲", en: "A" }, changes: { weights: { r: { i0: 40, i1: 25, i2: 20, i3: 15 } } } };
  const open = recalled(session, keptAnew(session, screen, [told]), keptAnew(session, screen, [told]).kept[0]);
  const same = keeping(session, open, { name: "A", asked_by: "", why: "" }, words);
  assert.deepEqual([same.made.name, same.made.key, same.made.safe], [{ zh: "甲", en: "A" }, "a", true]);
  assert.equal(keeping(session, open, { name: "A", asked_by: "Lin", why: "" }, words).made, null);
  const renamed = keeping(session, typed(session, open, 0, "41"), { name: "B", asked_by: "", why: "" }, words);
  assert.deepEqual(renamed.made.name, { zh: "B", en: "B" });
  const again = keeping(session, typed(session, open, 0, "41"), { name: "A", asked_by: "", why: "" }, words).screen;
  assert.deepEqual(keeping(session, again, { name: "A", asked_by: "", why: "" }, words).made.name, { zh: "甲", en: "A" });
});

test("a spark is what the slider would give: what was typed stays in it as well", () => {
  let { session, screen } = made();
  screen = typed(session, screen, 0, "40");
  const held = new Set(typedBefore(session, screen, weight(1))), state = screen.history.now, now = session.evaluate(state);
  assert.deepEqual([...held], [0]);
  const { next } = spark(session, state, now, 0, 1, new Set(), held);
  const slid = dragged(session, screen, 1, next.to).history.now;
  const crossed = session.evaluate(slid).tier.reduce((all, tier, at) => (tier === now.tier[at] ? all : [...all, at]), []);
  assert.deepEqual(crossed, next.people);
});

test("a number that becomes none and one again is one step still", () => {
  let { session, screen } = made();
  for (const text of ["4", "40", "40,", "40,5", "40", "40."]) screen = moveTo(session, screen, weight(0), { to: readNumber(text), text, typed: true });
  assert.deepEqual([screen.history.states.length, screen.refused, weights(screen)], [2, null, [40, 26, 17, 17]]);
});

test("numbers are read as people write them; what is none is said and moves nothing", () => {
  const read = { 40: 4000, "12.5": 1250, "12.": 1200, ".5": 50, " 40 ": 4000, "４０": 4000, "40。5": 4050, "４０．５": 4050, "1,000": 100000,
    "-5": -500, "−5": -500, "12,345.5": 1234550, "40%": 4000, "12.5 ％": 1250 };
  for (const [text, value] of Object.entries(read)) assert.equal(readNumber(text), value, text);
  for (const text of ["", "40,5", "4,0", "1,00", "1,0000", "%", "40%%", "forty", "1e3", "40.555", "4 0", "-", ".", "0x1f", "NaN", "Infinity"]) assert.equal(readNumber(text), null, text);
  const { session, screen } = made();
  for (const text of ["40,5", "4O"]) {
    const now = typed(session, screen, 0, text);
    assert.deepEqual(now.refused, { note: "0|0|weight", word: "not_number", values: { text } });
    assert.deepEqual([...notesOf(session, now, words).keys()], ["0|0|weight"]);
    assert.equal(weights(now)[0], text === "40,5" ? 40 : 4);
  }
  assert.equal(setShare(screen, 0, { to: null, text: "x", typed: true }).refused.note, "tiers");
});

test("what is locked stays, and what it leaves no room for is said; bounds are said too", () => {
  const { session, screen } = made();
  const shut = [1, 2, 3].reduce((now, i) => lockTurned(now, i), screen);
  const now = typed(session, shut, 0, "90");
  assert.deepEqual([weights(now)[0], now.refused.word, now.refused.values.now], [30, "stays", "30"]);
  assert.deepEqual(lockTurned(shut, 2).locked[0], [1, 3]);
  const asked = (text) => ({ to: readNumber(text), text, typed: true });
  assert.equal(typed(session, screen, 0, "101").refused.word, "at_most");
  assert.equal(typed(session, screen, 0, "-5").refused.word, "at_least");
  const cap = moveTo(session, shut, { role: 0, item: 0, part: "cap" }, asked("0"), 100, 100_000);
  assert.deepEqual([cap.history.now.caps[0][0], cap.refused.word], [100, "at_least"]);
  assert.equal(moveTo(session, screen, { role: -1, part: "itemCap" }, asked("5000"), 100, 100_000).history.now.itemCap, 100_000);
});

test("of two tier shares that were typed both stay, whatever the order", () => {
  for (const order of orders([0, 1, 2])) {
    let { screen } = made();
    for (const at of order) screen = settled(setShare(screen, at, { to: [2500, 6250, 1250][at], text: "", typed: true }));
    assert.deepEqual(screen.history.now.shares, ["25", "125/2", "25/2"], `${order}`);
  }
});

test("keys mean undo, redo and closing, but not in a text that has an undo of its own; arrows stay with their sliders", () => {
  const { screen } = made(), key = (name, more = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
  const ctrl = { ctrlKey: true }, means = (event, writing = false, now = screen) => keyMeans(event, now, writing);
  assert.deepEqual(means(key("z", ctrl)), { act: "undo", own: true });
  assert.deepEqual(means(key("Z", { metaKey: true, shiftKey: true })), { act: "redo", own: true });
  assert.deepEqual(means(key("y", ctrl)), { act: "redo", own: true });
  assert.deepEqual(means(key("z", ctrl), true), { act: null, own: false });
  assert.deepEqual(means(key("z", { ctrlKey: true, altKey: true })), { act: null, own: false });
  assert.deepEqual(means(key("ArrowRight")), { act: null, own: true });
  assert.deepEqual(means(key("s", ctrl)), { act: null, own: false });
  assert.deepEqual(means(key("Escape")), { act: null, own: true });
  assert.deepEqual(means(key("Escape"), false, choosing(screen, 1)), { act: "close", own: true });
});

test("one person's detail is shown and hidden again; another role's weights are shown where there is such a role", () => {
  const { session, screen } = made();
  assert.deepEqual([choosing(screen, 1).chosen, choosing(choosing(screen, 1), 2).chosen, choosing(choosing(screen, 1), 1).chosen], [1, 2, -1]);
  assert.equal(turnedTo(session, screen, "no such role"), screen);
  assert.equal(turnedTo(session, { ...screen, role: 7 }, "r").role, 0);
});

test("a scenario is kept under its name; another content under the same name asks first", () => {
  const { session, screen } = made(), form = { name: "More posts", asked_by: "Wang", why: "autumn" };
  const first = keeping(session, typed(session, screen, 0, "40"), form, words);
  assert.deepEqual([first.made.name.en, first.made.asked_by, first.made.safe, first.screen.kept.length], ["More posts", "Wang", false, 1]);
  assert.match(first.said, /^is_kept/);
  assert.equal(keeping(session, first.screen, form, words).screen.kept.length, 1, "the same once more is the same");
  const asks = keeping(session, typed(session, first.screen, 0, "50"), form, words);
  assert.deepEqual([asks.made, asks.said.split(" ")[0], asks.screen.kept[0].state.weights[0][0]], [null, "replaces", 4000]);
  const other = keeping(session, typed(session, asks.screen, 0, "55"), form, words);
  assert.equal(other.made, null, "what is asked about is one content");
  const done = keeping(session, asks.screen, form, words);
  assert.deepEqual([done.made.state.weights[0][0], done.made.key, done.screen.kept.length], [5000, first.made.key, 1]);
  const unnamed = keeping(session, done.screen, { name: "", asked_by: "", why: "" }, words);
  assert.equal(unnamed.made.name.en, 'scenario_n {"n":1}');
});

test("scenarios without a name are numbered on; words without a place for the number end in a question, not in a loop", () => {
  const { session, screen } = made(), blank = { name: "", asked_by: "", why: "" };
  const first = keeping(session, screen, blank, words).screen, second = keeping(session, { ...typed(session, first, 0, "40"), opened: null }, blank, words);
  assert.deepEqual(second.screen.kept.map(({ name }) => name.en), ['scenario_n {"n":1}', 'scenario_n {"n":2}']);
  const bare = { ...words, t: (key) => key }, one = keeping(session, screen, blank, bare).screen;
  assert.equal(keeping(session, typed(session, one, 0, "40"), blank, bare).said, "replaces");
});

test("what no design may say is not kept", () => {
  const { session, screen } = made(), found = keeping(session, typed(session, screen, 1, "0"), { name: "x", asked_by: "", why: "" }, words);
  assert.deepEqual([found.made, found.said, found.screen.kept], [null, 'not_kept {"indicators":"i1"}', []]);
});

test("leaving loses what nobody kept or copied", () => {
  const { session, screen } = made(), form = { name: "A", asked_by: "", why: "" };
  assert.equal(unsaved(session, screen), false);
  const moved = typed(session, screen, 0, "40");
  assert.equal(unsaved(session, moved), true);
  const { screen: kept, made: one } = keeping(session, moved, form, words);
  assert.equal(unsaved(session, kept), true, "it is in this page only");
  assert.equal(unsaved(session, copied(kept, one)), false);
  assert.equal(unsaved(session, typed(session, copied(kept, one), 0, "41")), true);
});

test("a scenario shown again brings its weights; going back to what was agreed takes along only what it said of itself", () => {
  const { session, screen } = made(), form = { name: "A", asked_by: "Wang", why: "" };
  const { screen: kept, made: one } = keeping(session, typed(session, screen, 0, "40"), form, words);
  const shown = recalled(session, typed(session, kept, 0, "60"), one);
  assert.deepEqual([weights(shown)[0], shown.opened], [40, one]);
  assert.deepEqual(weights(undone(shown))[0], 60);
  const back = reset(session, shown, form, words), other = reset(session, shown, { ...form, why: "changed" }, words);
  assert.deepEqual([back.emptied, back.screen.opened, weights(back.screen)[0]], [true, null, 30]);
  assert.deepEqual([other.emptied, other.screen.opened], [false, one]);
});

test("the base of comparison stays while its scenario is there", () => {
  const { session, screen } = made(), told = (id, i0) => ({ id, name: { zh: id, en: id }, changes: { weights: { r: { i0 } } } });
  const both = { ...keptAnew(session, screen, [told("a", 40), told("b", 50)]), compared: "b" }, page = { session: session.data, near: 0 };
  assert.equal(pictureOf(session, both, page).base.weights[0][0], 5000);
  assert.equal(keptAnew(session, both, [told("b", 55)]).compared, "b");
  assert.equal(keptAnew(session, both, [told("a", 40)]).compared, "");
  const first = pictureOf(session, both, page);
  assert.equal(pictureOf(session, both, page, first).then, first.then, "worked out once");
});

test("a page loaded again has its role, locks, comparison and person; what it is compared with may be gone", () => {
  const { session, screen } = made();
  const kept = keeping(session, dragged(session, lockTurned(screen, 1), 0, 40), { name: "Mia", asked_by: "Mia", why: "" }, words).screen;
  const before = choosing({ ...kept, compared: kept.kept[0].key }, 2), memory = JSON.parse(JSON.stringify(remembered(before)));
  const after = resumed(session, opening(session, []), memory);
  for (const part of ["role", "locked", "compared", "chosen", "kept"]) assert.deepEqual(after[part], before[part], part);
  assert.deepEqual(after.history.now, before.history.now);
  assert.equal(resumed(session, opening(session, []), { ...memory, kept: [] }).compared, "");
});

test("the minutes tell each scenario: who asked, why, what changes against what was agreed, and whom it moves", () => {
  const { session, screen } = made(), spoken = {
    ...words, page: { name: { en: "Acme" }, cycle: { en: "October" } }, letter: (tier) => "ABC"[tier] ?? "–",
    moved: (at, from, to) => `${at} ${"ABC"[from]}→${"ABC"[to]}`, t: (key, { people = "" } = {}) => (key === "colon" ? ": " : `${key}${people && ` ${people}`}`),
  };
  const form = { name: "Mia", asked_by: "Mia Hart", why: "Sales first" };
  const { screen: next } = keeping(session, dragged(session, screen, 0, 60), form, spoken);
  const text = minutesText(session, dragged(session, next, 0, 0), spoken);
  const [head, first, second] = text.trim().split("\n\n").map((block) => block.split("\n"));
  assert.deepEqual(head, ["title · Acme · October"]);
  assert.deepEqual(first.slice(0, 3), ["Mia", "asked_by: Mia Hart", "why: Sales first"]);
  assert.match(first[3], /^- .*weight: 30 → 60$/);
  assert.equal(second[0], "now");
  assert.match(second.join("\n"), /weight: 30 → 0/);
  assert.match(text, /crossed \d [ABC]→[ABC]|nobody/);
});

test("what got to the clipboard is told as copied; where a page may not, its reader is told to copy the marked text", async () => {
  const clipboard = { writeText: async (text) => { clipboard.kept = text; } };
  const text = { focus() {}, select() { this.marked = true; } }, told = { textContent: "" };
  const page = { view: { words, session: { data: {} } }, text, told, toClipboard: Keeping.prototype.toClipboard };
  const given = async (navigator) => {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
    await Keeping.prototype.give.call(page, "a text", "to_copy");
    return told.textContent.split(" ")[0];
  };
  assert.equal(await given({ clipboard }), "is_copied");
  assert.deepEqual([clipboard.kept, text.value, text.marked], ["a text", "a text", true]);
  assert.equal(await given({}), "to_copy");
});

test("a slider says its weight and what was agreed, a lock what pressing it does; what was is shown only where it is another", () => {
  const element = () => ({
    said: {}, textContent: "", value: "", disabled: false,
    setAttribute(name, value) { this.said[name] = value; }, removeAttribute(name) { delete this.said[name]; },
  });
  const { session, screen } = made([6000, 4000]), row = (i) => ({ i, name: `I${i}`, lock: element(), was: element(), inputs: [element(), element()] });
  const rows = [row(0), row(1)], notes = new Map([["0|0|weight", element()]]);
  const painted = (now) => Controls.prototype.paint.call(
    { view: { session, screen: now, state: now.history.now, words, typing: null }, inputs: [], rows, notes });
  painted(screen);
  assert.deepEqual(rows.map(({ inputs }) => inputs[0].said["aria-valuetext"]), ['weight_now {"weight":"60","agreed":"60"}', 'weight_now {"weight":"40","agreed":"40"}']);
  assert.deepEqual(rows.map(({ was }) => was.textContent), ["", ""]);
  assert.deepEqual(rows.map(({ lock }) => [lock.said["aria-pressed"], lock.said["aria-label"]]), [["false", 'lock {"indicator":"I0"}'], ["false", 'lock {"indicator":"I1"}']]);
  painted(lockTurned(typed(session, screen, 0, "70"), 1));
  assert.deepEqual(rows.map(({ inputs }) => inputs[0].said["aria-valuetext"]), ['weight_now {"weight":"70","agreed":"60"}', 'weight_now {"weight":"30","agreed":"40"}']);
  assert.deepEqual(rows.map(({ was }) => was.textContent), ['was {"weight":"60"}', 'was {"weight":"40"}']);
  assert.deepEqual(rows.map(({ inputs }) => inputs.map((box) => [box.disabled, "aria-valuetext" in box.said])), [[[false, true], [false, false]], [[true, true], [true, false]]]);
  assert.deepEqual([rows[1].lock.said["aria-pressed"], rows[1].lock.said["aria-label"]], ["true", 'unlock {"indicator":"I1"}']);
});
