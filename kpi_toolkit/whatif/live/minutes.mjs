// @ts-check
/** What a meeting looked at, as a text for its minutes. */

import { alike } from "./history.mjs";
import { inHundredths } from "./moves.mjs";
import { plain } from "./numbers.mjs";
import { decidedText } from "./picture.mjs";

/** @import { Screen } from "./screen.mjs" */
/** @import { Session } from "./session.mjs" */
/** @import { Kept, State } from "./types.mjs" */
/** @import { Words } from "./words.mjs" */

const PARTS = /** @type {const} */ ([["weight", "weights"], ["target", "targets"], ["cap", "caps"]]);

/**
 * What a state changes, a line each.
 * @param {Session} session @param {State} state @param {Words} words
 */
function changesText({ agreed, data }, state, words) {
  const line = (/** @type {string} */ what, /** @type {(number|null)[][]} */ ...sides) => {
    const [before, after] = sides.map((each) => each.map((one) => (one === null ? "–" : plain(one))).join(" / "));
    return before === after ? [] : [`- ${what}${words.t("colon")}${before} → ${after}`];
  };
  const items = data.roles.flatMap((role, r) => role.items.flatMap((item, i) => PARTS.flatMap(([word, part]) =>
    line([role.name, item.name].map((name) => words.show(name)).concat(words.t(word)).join(" · "),
      [agreed[part][r][i]], [state[part][r][i]]))));
  return [
    ...items, ...line(words.t("item_cap"), [agreed.itemCap], [state.itemCap]),
    ...line(words.t("shares"), inHundredths(agreed.shares), inHundredths(state.shares)),
  ];
}

/**
 * The scenarios kept, and what is shown now where it is none of them: who asked, what changes, and who changes tier.
 * @param {Session} session @param {Screen} screen @param {Words} words
 */
export function minutesText(session, { kept, history: { now } }, words) {
  const { page } = words, then = session.evaluate(session.agreed), seen = [{ state: session.agreed }, ...kept];
  const block = (/** @type {string} */ name, /** @type {State} */ state, /** @type {Partial<Kept>} */ said = {}) => {
    const found = session.evaluate(state);
    const moved = found.order.filter((at) => found.tier[at] !== then.tier[at]);
    const people = words.listed(moved.map((at) => words.moved(at, then.tier[at], found.tier[at])), moved.length);
    const told = /** @type {const} */ (["asked_by", "why"]).flatMap((field) =>
      (said[field] ? [`${words.t(field)}${words.t("colon")}${said[field]}`] : []));
    const crossed = moved.length ? words.t("crossed", { n: moved.length, people }) : words.t("nobody");
    return [name, ...told, ...changesText(session, state, words), crossed, decidedText(session.data, found, words)]
      .filter(Boolean).join("\n");
  };
  const blocks = kept.map((one) => block(words.show(one.name), one.state, one));
  if (!seen.some(({ state }) => alike(state, now))) blocks.push(block(words.t("now"), now));
  const head = [words.t("title"), words.show(page.name), words.show(page.cycle)].join(" · ");
  return `${[head, ...blocks].join("\n\n")}\n`;
}
