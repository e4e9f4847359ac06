// @ts-check
/** What a session shows and remembers, and what each thing that a user does makes of it: values in, values out. */

import { History, alike } from "./history.mjs";
import { sharesWith } from "./linking.mjs";
import {
  groupOf, inHundredths, keyOf, movable, moved, put, valueOf, weighing, weightless, withTiers,
} from "./moves.mjs";
import { plain, total } from "./numbers.mjs";
import { keptOf, stateOf, stillElicited } from "./scenarios.mjs";

/** @import { Session } from "./session.mjs" */
/** @import { Changes, Kept, Move, State, Told } from "./types.mjs" */
/** @import { Words } from "./words.mjs" */

/**
 * @typedef {object} Gesture one drag, or one value typed: one step for undo
 * @property {string} key the control's
 * @property {number[]} from what proportions are kept of: the numbers when it began
 * @property {number[]} held places whose weights were typed before
 * @property {boolean} moving whether its step has been made
 *
 * @typedef {{note: string, word: string, values: Record<string, string|number>}} Refused the control that is not where
 *   it was asked to go, and why
 * @typedef {{name: string, asked_by: string, why: string}} Form what the user says of a scenario
 * @typedef {ReturnType<typeof remembered>} Memory
 *
 * @typedef {object} Screen never changed, made anew
 * @property {History} history
 * @property {number} role whose weights are shown
 * @property {number[][]} locked places, by role
 * @property {(number|null)[][]} typed weights that were typed, by role and indicator
 * @property {number[]} typedShares tiers whose share was typed, the newest first
 * @property {Gesture|null} gesture
 * @property {Refused|null} refused
 * @property {Kept[]} kept
 * @property {string} compared the key of the scenario that is the base; empty for what was agreed
 * @property {Kept|null} opened whose name, person and reason the form holds
 * @property {string} asking what was asked to be kept and waits for a second press
 * @property {number} chosen whose detail is shown, -1 for nobody's
 *
 * @typedef {object} Asked what a control asks for
 * @property {number|null} to in hundredths; null where it cannot be read
 * @property {string} text as it was typed
 * @property {boolean} typed whether it was typed, not dragged
 */

/** The screen of a session that opens. @param {Session} session @param {Told[]} scenarios @returns {Screen} */
export function opening(session, scenarios) {
  const sizes = session.members.map((own, r) => (session.data.roles[r].joined ? -1 : own.length));
  return {
    history: new History([session.agreed]), role: sizes.indexOf(Math.max(...sizes)), locked: sizes.map(() => []),
    typed: nothingTyped(session), typedShares: [], gesture: null, refused: null, asking: "", chosen: -1,
    kept: scenarios.map((one) => keptOf(session, one)), compared: "", opened: null,
  };
}

/**
 * What of a screen outlives a page that is loaded again.
 * @param {Screen} screen
 */
export const remembered = ({ history, kept, role, locked, compared, chosen }) =>
  ({ now: history.now, kept, role, locked, compared, chosen });

/**
 * The screen as it was before the page was loaded again, with the scenarios kept that the page itself lacks.
 * @param {Session} session @param {Screen} screen @param {Memory} memory @returns {Screen}
 */
export function resumed(session, screen, { now, kept, ...seen }) {
  const own = kept.filter(({ key }) => !screen.kept.some((one) => one.key === key));
  const history = alike(now, session.agreed) ? screen.history : screen.history.push(now);
  return sound({ ...screen, ...seen, history, kept: [...screen.kept, ...own] });
}

/** Nothing is compared with a scenario that is gone. @param {Screen} screen @returns {Screen} */
const sound = (screen) => (against(screen) ? screen : { ...screen, compared: "" });

/** @param {Session} session @returns {null[][]} */
const nothingTyped = ({ data }) => data.roles.map((role) => role.items.map(() => null));

/** The scenario that everything is compared with, or null. @param {Screen} screen */
export const against = ({ kept, compared }) => kept.find((one) => one.key === compared) ?? null;

/** The state that everything is compared with. @param {Session} session @param {Screen} screen */
export const ground = (session, screen) => against(screen)?.state ?? session.agreed;

/**
 * Whether leaving would lose something: a scenario that nobody copied, or moves that nobody kept.
 * @param {Session} session @param {Screen} screen
 */
export function unsaved({ agreed }, { kept, history }) {
  const known = [agreed, ...kept.map((one) => one.state)];
  return kept.some((one) => !one.safe) || !known.some((state) => alike(state, history.now));
}

// Moving a control.

/** @param {Screen} screen @returns {Screen} */
export const settled = (screen) => ({ ...screen, gesture: null });

/** @param {string} note @param {string} word @param {Record<string, string|number>} values @returns {Refused} */
const refusal = (note, word, values) => ({ note, word, values });

/** @param {string} note @param {number} asked @param {number} got */
function unlike(note, asked, got) {
  const values = { asked: plain(asked), now: plain(got) };
  return asked === got ? null : refusal(note, asked > got ? "at_most" : "at_least", values);
}

/**
 * @param {string} note @param {string} text what was typed and is no number @param {Screen} screen @returns {Screen}
 */
function unread(note, text, screen) {
  return text.trim() ? { ...screen, refused: refusal(note, "not_number", { text: text.trim() }) } : screen;
}

/** The weights that move together with a control's, itself included. @param {Session} session @param {Move} move */
function formOf({ data }, { role: r, item: i }) {
  const role = data.roles[r];
  return i === undefined ? weighing(role) : groupOf(role, i).filter((at) => movable(role.items[at]));
}

/**
 * Places of a control's form whose weights were typed and still are as typed, without its own. A form that was typed as
 * a whole is done (null): the next weight begins anew.
 * @param {Session} session @param {Screen} screen @param {Move} move
 */
export function typedBefore(session, { history, locked, typed }, move) {
  const r = move.role, form = formOf(session, move);
  const still = form.filter((at) => typed[r][at] === history.now.weights[r][at]);
  const done = form.every((at) => still.includes(at) || locked[r].includes(at));
  return done ? null : still.filter((at) => at !== move.item);
}

/**
 * A gesture that goes on or begins.
 * @param {Session} session @param {Screen} screen @param {Move} move @returns {Screen & {gesture: Gesture}}
 */
function begun(session, screen, move) {
  const { gesture, history, typed } = screen, { role: r, part } = move, key = keyOf(move);
  if (gesture?.key === key) return { ...screen, gesture };
  if (part !== "weight" && part !== "share") return { ...screen, gesture: { key, from: [], held: [], moving: false } };
  const held = typedBefore(session, screen, move), form = formOf(session, move);
  const marks = held ? typed : put(typed, r, typed[r].map((mark, at) => (form.includes(at) ? null : mark)));
  const begins = { key, from: history.now.weights[r], held: held ?? [], moving: false };
  return { ...screen, typed: marks, gesture: begins };
}

/**
 * The screen at a state, in the step that is going on, with what it was not possible to do.
 * @param {Screen & {gesture: Gesture}} screen @param {State} state @param {Refused|null} refused @returns {Screen}
 */
function taken(screen, state, refused) {
  const { history, gesture } = screen;
  if (alike(state, history.now)) return { ...screen, refused };
  const next = gesture.moving ? history.amend(state) : history.push(state);
  return { ...screen, refused, history: next, gesture: { ...gesture, moving: true } };
}

/**
 * Why a typed weight is not what was asked for, where weights typed before are the reason: what they come to with it.
 * @param {Session} session @param {Screen & {gesture: Gesture}} screen @param {Move} move
 * @param {number} asked @param {number} got
 */
function wrongSum(session, { gesture, history, locked }, move, asked, got) {
  const { held, from } = gesture, whole = total(formOf(session, move).map((at) => from[at]));
  if (!held.length || asked === got) return null;
  const free = moved(session, history.now, { ...move, to: asked }, new Set(locked[move.role]), from);
  if (valueOf(session, free, move) === got) return null;
  const [sum, by] = [asked + whole - got, Math.abs(asked - got)].map(plain);
  const values = { asked: plain(asked), now: plain(got), whole: plain(whole), sum, by };
  return refusal(keyOf(move), asked > got ? "sum_over" : "sum_under", values);
}

/**
 * Take what a control asks for, as far as there is room; what is not taken is said beside it. Weights typed before stay
 * while others can give way; for one that is typed itself they stay whatever happens.
 * @param {Session} session @param {Screen} screen @param {Move} move @param {Asked} asked
 * @param {number} [least] @param {number} [most] hundredths @returns {Screen}
 */
export function moveTo(session, screen, move, { to, text, typed }, least = -Infinity, most = Infinity) {
  const key = keyOf(move), { role: r, item: i = 0, part } = move;
  if (to === null) return unread(key, text, text.trim() ? screen : released(screen, move));
  const going = begun(session, screen, move), { from, held } = going.gesture, state = going.history.now;
  const strict = typed && part === "weight", linking = part === "weight" || part === "share";
  const locked = linking ? going.locked[r] : [], bounded = { ...move, to: Math.min(Math.max(to, least), most) };
  const shut = new Set(strict ? [...locked, ...held] : locked), giving = new Set(strict ? [] : held);
  const next = moved(session, state, bounded, shut, from, giving), got = valueOf(session, next, move);
  const stays = locked.length && to !== got && alike(next, state);
  const why = (strict && wrongSum(session, going, bounded, to, got))
    || (stays ? refusal(key, "stays", { now: plain(got) }) : unlike(key, to, got));
  const mark = strict && to === got ? got : null;
  const marks = part === "weight" ? put(going.typed, r, put(going.typed[r], i, mark)) : going.typed;
  return taken({ ...going, typed: marks }, next, why);
}

/**
 * One tier share moves and the others give way; of two that were typed, both stay.
 * @param {Screen} screen @param {number} at @param {Asked} asked @returns {Screen}
 */
export function setShare(screen, at, { to, text }) {
  const key = `tiers|${at}`, { gesture, history, typedShares } = screen;
  if (to === null) return unread("tiers", text, screen);
  const fresh = { key, from: inHundredths(history.now.shares), held: [], moving: false };
  const going = gesture?.key === key ? gesture : fresh;
  const typed = going === fresh ? [at, ...typedShares.filter((other) => other !== at)] : typedShares;
  const shares = sharesWith(going.from, at, to, typed[1] ?? null);
  const next = { ...screen, gesture: going, typedShares: typed };
  return taken(next, withTiers(history.now, shares), unlike("tiers", to, shares[at]));
}

/** A weight whose box was emptied gives way again. @param {Screen} screen @param {Move} move @returns {Screen} */
function released(screen, { role: r, item: i = 0, part }) {
  return part === "weight" ? { ...screen, typed: put(screen.typed, r, put(screen.typed[r], i, null)) } : screen;
}

// Everything else that a user does.

/** Another state at once. @param {Screen} screen @param {History} history @returns {Screen} */
const leapt = (screen, history) => ({ ...settled(screen), history, refused: null, typedShares: [] });

/** @param {Screen} screen */
export const undone = (screen) => leapt(screen, screen.history.undo());

/** @param {Screen} screen */
export const redone = (screen) => leapt(screen, screen.history.redo());

/**
 * Another state to begin from: what was typed before is forgotten.
 * @param {Session} session @param {Screen} screen @param {State} state
 */
function startedFrom(session, screen, state) {
  return { ...leapt(screen, screen.history.push(state)), typed: nothingTyped(session) };
}

/** @param {Session} session @param {Screen} screen @param {Changes} changes as Python writes them */
export const withChanges = (session, screen, changes) => startedFrom(session, screen, stateOf(session, changes));

/**
 * A kept scenario is shown: its weights, its name, who asked and why are one thing.
 * @param {Session} session @param {Screen} screen @param {Kept} one
 */
export function recalled(session, screen, one) {
  return startedFrom(session, { ...screen, opened: one, asking: "" }, one.state);
}

/**
 * Back to what was agreed; `emptied` says whether the form still holds what the scenario opened last says of itself,
 * and so goes with it.
 * @param {Session} session @param {Screen} screen @param {Form} form @param {Words} words
 */
export function reset(session, screen, form, words) {
  const emptied = screen.opened !== null && alike(form, formText(screen.opened, words));
  const next = startedFrom(session, emptied ? { ...screen, opened: null, asking: "" } : screen, session.agreed);
  return { screen: next, emptied };
}

/** @param {Screen} screen @param {number} i the indicator's place in the role shown @returns {Screen} */
export function lockTurned(screen, i) {
  const { role, locked } = screen, own = locked[role];
  const next = own.includes(i) ? own.filter((at) => at !== i) : [...own, i];
  return { ...settled(screen), locked: put(locked, role, next) };
}

/**
 * The scenarios that there are now, as Python tells of them.
 * @param {Session} session @param {Screen} screen @param {Told[]} scenarios
 */
export function keptAnew(session, screen, scenarios) {
  return sound({ ...screen, kept: scenarios.map((one) => keptOf(session, one)) });
}

/**
 * The weights of another role; the same screen if there is no such role.
 * @param {Session} session @param {Screen} screen @param {string} id
 */
export function turnedTo(session, screen, id) {
  const role = session.data.roles.findIndex((one) => one.id === id);
  return role < 0 || role === screen.role ? screen : { ...screen, role };
}

/** Somebody's detail is shown, or no more. @param {Screen} screen @param {number} at @returns {Screen} */
export const choosing = (screen, at) => ({ ...screen, chosen: at === screen.chosen ? -1 : at });

/**
 * What a key does: undo, redo, close the detail, or what it does anyway. Keys that notebooks would take for themselves
 * stay here (`own`): arrows belong to sliders.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event
 * @param {Screen} screen @param {boolean} writing whether it is typed into a text, which has an undo of its own
 * @returns {{act: "undo"|"redo"|"close"|null, own: boolean}}
 */
export function keyMeans({ key, ctrlKey, metaKey, altKey, shiftKey }, screen, writing) {
  const command = ctrlKey || metaKey, letter = command && !altKey && !writing ? key.toLowerCase() : "";
  if (letter === "z") return { act: shiftKey ? "redo" : "undo", own: true };
  if (letter === "y") return { act: "redo", own: true };
  return { act: !command && key === "Escape" && screen.chosen >= 0 ? "close" : null, own: !command };
}

// Scenarios.

/**
 * What a scenario says about itself, as it stands in the form.
 * @param {Kept} one @param {Words} words @returns {Form}
 */
export const formText = (one, words) => ({ name: words.show(one.name), asked_by: one.asked_by, why: one.why });

/**
 * What is shown and said now, as one scenario; without a name it gets the first free one.
 * @param {Session} session @param {Screen} screen @param {Form} form @param {Words} words
 */
function asScenario(session, { opened, history, kept }, form, words) {
  const names = kept.map((one) => words.show(one.name));
  const text = form.name || firstFree(names, (n) => words.t("scenario_n", { n }));
  const name = opened && words.show(opened.name) === text ? opened.name : words.same(text);
  const elicited = opened ? stillElicited(session, opened, history.now) : [];
  return { name, asked_by: form.asked_by, why: form.why, state: history.now, elicited, safe: false };
}

/**
 * Keep what is shown; `made` is null where something must be settled first, which `said` says.
 * @param {Session} session @param {Screen} screen @param {Form} form @param {Words} words
 * @returns {{screen: Screen, said: string, made: Kept|null}}
 */
export function keeping(session, screen, form, words) {
  const none = weightless(session, screen.history.now);
  if (none.length) {
    const names = none.map(({ role, item }) => words.show(session.data.roles[role].items[item].name));
    return { screen, said: words.t("not_kept", { indicators: words.listed(names, 12) }), made: null };
  }
  const found = asScenario(session, screen, form, words), name = words.show(found.name), asking = JSON.stringify(found);
  const at = screen.kept.findIndex((one) => words.show(one.name) === name), old = at < 0 ? null : screen.kept[at];
  const same = old && alike([old.state, old.asked_by, old.why], [found.state, found.asked_by, found.why]);
  if (old && !same && screen.asking !== asking) {
    return { screen: { ...screen, asking }, said: words.t("replaces", { name }), made: null };
  }
  const key = old?.key ?? firstFree(screen.kept.map((one) => one.key), (n) => `kept ${n}`);
  const made = old && same ? old : { ...found, key };
  const kept = old ? put(screen.kept, at, made) : [...screen.kept, made];
  return { screen: { ...screen, kept, opened: made, asking: "" }, said: words.t("is_kept", { name }), made };
}

/** The first numbered name that is not taken. @param {string[]} taken @param {(n: number) => string} named */
function firstFree(taken, named) {
  let n = 1;
  while (n <= taken.length && taken.includes(named(n))) n += 1; // words may lack the number: then it ends as well
  return named(n);
}

/** A scenario was copied: nothing of it can be lost. @param {Screen} screen @param {Kept} made @returns {Screen} */
export function copied(screen, made) {
  const kept = screen.kept.map((one) => (one.key === made.key ? { ...one, safe: true } : one));
  return { ...screen, kept, opened: kept.find((one) => one.key === made.key) ?? null };
}
