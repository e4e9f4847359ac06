// @ts-check
/** The words of one language, filled in. */

import { twoDecimals } from "./numbers.mjs";
import { TIERS } from "./tiers.mjs";

/** @import { Language, Named, Page } from "./types.mjs" */
/** @import { Verdict } from "./verdict.mjs" */

/** How wide a text is, in figures: a Chinese character takes two. @param {string} text */
export const wide = (text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 2 : 1), 0);

/** In how many lines a name stands, broken at blanks and hyphens first. @param {string} name @param {number} most */
export function linesOf(name, most) {
  let count = 1, used = 0;
  for (const part of name.match(/[^ ·-]*[ ·-]?/g) ?? []) {
    if (used && used + wide(part.trimEnd()) > most) { count += 1; used = 0; }
    for (used += wide(part); used > most + 1; used -= most) count += 1;
  }
  return count;
}

/** What a page says in one language. */
export class Words {
  /** @param {Page} page @param {Language} language */
  constructor(page, language) {
    this.page = page;
    this.language = language;
  }

  /**
   * A text with values filled in; `n` chooses between one and many.
   * @param {string} key @param {Record<string, string|number>} [values]
   */
  t(key, values = {}) {
    const found = this.page.words[this.language][key];
    if (found === undefined) throw new Error(`no words for ${key}`);
    const many = typeof found === "string" ? found : found.other;
    const text = typeof found === "object" && values.n === 1 && found.one ? found.one : many;
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  /** A text that stands in several languages. @param {Named} text */
  show(text) { return text[this.language] || text.en || Object.values(text).find(Boolean) || ""; }

  /** A text that is the same in every language. @param {string} text @returns {Named} */
  same(text) { return Object.fromEntries(Object.keys(this.page.name).map((each) => [each, text])); }

  /** How pages name the language. */
  get tag() { return this.page.spoken[this.language].tag; }

  /** Names in words: `a, b and c`, or the first so many `and 5 more`. @param {string[]} names @param {number} most */
  listed(names, most) {
    const shown = names.slice(0, most), rest = names.length - shown.length;
    let last = rest ? this.t("and_more", { n: rest }) : "";
    if (!rest && shown.length > 1) last = this.t("and", { last: shown.pop() ?? "" });
    return shown.join(this.t("comma")) + last;
  }

  /** @param {number} tier */
  letter(tier) { return tier < 0 ? "–" : this.t(`letter_${TIERS[tier]}`); }

  /** @param {string|boolean} tier by its name */
  tierLetter(tier) { return this.letter(TIERS.indexOf(String(tier))); }

  /** Who goes from which tier to which. @param {number} at @param {number} from @param {number} to */
  moved(at, from, to) { return `${this.person(at)} ${this.letter(from)}→${this.letter(to)}`; }

  /** A score in hundredths. @param {number} centi -1 for none */
  score(centi) { return centi < 0 ? "–" : twoDecimals(centi); }

  /**
   * Why a tier is no surer, in a sentence and in a word or two; both empty where nothing stands in its way.
   * @param {Verdict} verdict
   */
  doubt({ word, rests, near }) {
    const reason = near ? "near_cut" : "near_weights";
    if (word === "firm") return ["", ""];
    return rests ? [this.t(`rests_${rests}`), this.t(`why_${rests}`)] : [this.t(reason), this.t(`why_${reason}`)];
  }

  /** What somebody is called. @param {number} at */
  person(at) {
    const { name } = this.page.session.people[at];
    return typeof name === "string" ? name : this.show(name);
  }

  /** Who and where: name, role and team. @param {number} at */
  whereabouts(at) {
    const { role, team } = this.page.session.people[at];
    return [this.person(at), this.show(this.page.session.roles[role].name), team].filter(Boolean).join(" · ");
  }
}
