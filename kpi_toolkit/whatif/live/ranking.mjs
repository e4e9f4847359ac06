// @ts-check
/** The ranking: rows that move, cuts between tiers, and how sure each tier is. */

import { dress, focusIn, h, say } from "./dom.mjs";
import { barOf, inSight, poolText, rose } from "./picture.mjs";
import { choosing } from "./screen.mjs";
import { TIERS } from "./tiers.mjs";

/** @import { Entry } from "./picture.mjs" */
/** @import { View } from "./view.mjs" */

/** So many rows are all in the page; of more only those in sight. */
const ALL_DRAWN = 30;
const CELLS = /** @type {const} */ (["rank", "change", "bar", "score", "tier", "held"]);

/** One person's row, empty. @param {View} view @param {number} at @param {() => void} choose */
function newRow(view, at, choose) {
  const [rank, change, bar, score, tier, held] = CELLS.map((name) => h("span", { class: `kwi-${name}` }));
  const open = h("button", { type: "button", class: "kwi-name", onclick: choose });
  const fill = h("i"), tick = h("u"), badge = h("b"), sure = h("span"), was = h("s"), strip = h("i"), share = h("em");
  const why = h("small");
  bar.append(fill, tick);
  bar.setAttribute("aria-hidden", "true");
  tier.append(badge, sure, was);
  held.append(strip, share, why);
  const size = view.session.data.people.length;
  const node = h("li", { class: "kwi-row", "aria-setsize": size }, rank, change, open, bar, score, tier, held);
  const last = { bar: "", said: "", share: "" };
  return { at, node, open, rank, change, score, held, fill, tick, badge, sure, was, strip, share, why, last };
}

/** @typedef {ReturnType<typeof newRow>} Row */

/** @param {View} view @param {Row} row */
function paintRow(view, row) {
  const { at, last, node } = row, { shown, screen } = view, { now, then, most } = shown;
  const bar = barOf(view.session.data, view.page.colours, shown.state, now, at, most);
  if (last.bar !== bar) row.fill.style.background = last.bar = bar;
  paintShare(view, row);
  const tier = now.tier[at], old = then.tier[at], crossed = tier !== old, chosen = at === screen.chosen;
  const numbers = [now.centi[at], now.rank[at], tier, now.before[at], old, then.rank[at], most];
  const said = [...numbers, shown.near.has(at), chosen].join();
  if (last.said === said) return;
  last.said = said;
  node.setAttribute("aria-posinset", String(now.order.indexOf(at) + 1)); // only the rows in sight are in the page
  node.classList.toggle("kwi-crossed", crossed);
  node.classList.toggle("kwi-better", rose(tier, old));
  node.classList.toggle("kwi-chosen", chosen);
  paintNumbers(view, row);
  paintTier(view, row);
}

/** @param {View} view @param {Row} row */
function paintNumbers({ words, screen, shown: { now, then, most } }, { at, rank, change, open, score, tick }) {
  const place = now.rank[at], by = (then.rank[at] || 0) - place, far = Math.abs(by);
  say(rank, place ? String(place) : "–");
  say(change, by && place ? `${by > 0 ? "▲" : "▼"}${far}` : "");
  change.setAttribute("aria-label", by ? words.t(by > 0 ? "up" : "down", { n: far }) : "");
  say(open, words.person(at));
  open.title = words.whereabouts(at);
  open.setAttribute("aria-expanded", String(at === screen.chosen));
  say(score, words.score(now.centi[at]));
  tick.style.left = `${(100 * Math.max(now.centi[at], 0)) / most}%`;
}

/** @param {View} view @param {Row} row */
function paintTier({ words, shown: { now, then, near }, nearText }, { at, badge, was }) {
  const tier = now.tier[at], close = near.has(at) ? nearText : "";
  const name = tier < 0 ? "" : words.t(`tier_${TIERS[tier]}`);
  const decided = now.before[at] < 0 ? "" : words.t("decided_short", { before: words.letter(now.before[at]) });
  say(badge, words.letter(tier));
  badge.className = `kwi-badge kwi-${TIERS[tier] ?? "none"}${close ? " kwi-near" : ""}`;
  badge.title = [name, words.t(`reason_${now.reason[at]}`), close].filter(Boolean).join(" · ");
  say(was, tier === then.tier[at] ? decided : `${words.t("from")} ${words.letter(then.tier[at])}`);
}

/** How sure the tier is: solid, ring, broken ring, and why it is no surer. @param {View} view @param {Row} row */
function paintSure({ drawn, shown: { now }, words }, { at, sure: mark, why }) {
  const own = now.tier[at] >= 0 && drawn?.verdicts[at], label = own ? words.t(`sure_${own.word}`) : "";
  const [reason, short] = own ? words.doubt(own) : ["", ""];
  mark.className = own ? `kwi-sure kwi-${own.word}` : "";
  mark.title = why.title = [label, reason].filter(Boolean).join(" · ");
  say(why, short);
  dress(mark, { role: own ? "img" : null, "aria-label": own ? mark.title : null });
}

/** How often the tier comes out under other weights. @param {View} view @param {Row} row */
function paintShare(view, row) {
  const { drawn, shown: { now }, words, session } = view, { at, held, last, strip, share: number } = row;
  const tier = now.tier[at], told = drawn && tier >= 0 && (drawn.agreed || now.before[at] < 0);
  const share = (/** @type {number} */ which) => (told ? (100 * drawn.counts[at * 3 + which]) / drawn.draws : 0);
  const [top, middle, bottom] = [0, 1, 2].map(share), own = drawn?.verdicts[at];
  const said = [told, top, bottom, tier, own?.word, own?.rests, own?.near, drawn?.draws, drawn?.agreed].join();
  if (last.share === said) return;
  last.share = said;
  paintSure(view, row);
  // A share is never rounded up: 99.98 of a hundred are not all.
  const [first, end, held_] = [`${top}%`, `${100 - bottom}%`, Math.floor([top, middle, bottom][tier] + 1e-6)];
  const stripes = `var(--top) ${first},var(--middle) ${first} ${end},var(--bottom) ${end}`;
  strip.style.background = told ? `linear-gradient(90deg,${stripes})` : "none";
  const always = drawn?.agreed && session.data.people[at].sure?.[2];
  say(number, told ? (always ? words.t("sure_always") : `${held_}%`) : "");
  if (told) held.title = words.t("held_by", { share: held_, tier: words.letter(tier), draws: drawn.draws });
}

/** All rows. */
export class Ranking {
  /** @param {View} view */
  constructor(view) {
    const long = view.session.data.people.length > ALL_DRAWN, label = view.words.t("ranking");
    this.view = view;
    /** @type {Map<string|number, {node: HTMLElement, y: number, row: Row|null}>} */
    this.drawn = new Map();
    this.long = long;
    this.ordered = "";
    this.list = h("ol", { class: "kwi-list", "aria-label": label });
    this.node = h("div", {
      class: `kwi-ranking${long ? " kwi-long" : ""}`, tabindex: long ? 0 : null, role: long ? "region" : null,
      "aria-label": long ? label : null, onscroll: () => this.look(),
    }, this.list);
    this.seen = { top: 0, tall: 720 };
    this.observer = new ResizeObserver(() => this.look());
    this.observer.observe(this.node);
  }

  /** Look which rows can be seen: asked for only when that changes, a question about layout is dear. */
  look() {
    this.seen = { top: this.node.scrollTop, tall: this.node.clientHeight };
    this.paintRows();
  }

  paint() {
    // While a slider is dragged rows jump: gliding costs frames.
    this.list.classList.toggle("kwi-glide", !this.view.screen.gesture?.moving);
    this.list.style.height = `${this.view.shown.tall}px`;
    this.paintRows();
  }

  paintRows() {
    const { entries } = this.view.shown, some = this.long && !this.view.printing;
    const sighted = some ? inSight(entries, this.seen) : entries;
    const keep = new Set(sighted.map((entry) => entry.key));
    for (const [key, { node }] of this.drawn) if (!keep.has(key)) { node.remove(); this.drawn.delete(key); }
    for (const entry of sighted) this.paintEntry(entry);
  }

  /** @param {Entry} entry */
  paintEntry(entry) {
    const { words, session, shown } = this.view, made = this.drawn.get(entry.key) ?? this.begin(entry);
    if (made.y !== entry.y) made.node.style.transform = `translateY(${entry.y}px)`;
    made.y = entry.y;
    if (made.row) paintRow(this.view, made.row);
    else if (entry.kind === "head") say(made.node, poolText(session, entry.pool, shown.now.pools.length > 1, words));
    else if (entry.kind === "cut") {
      say(made.node, words.t("cut", { above: words.letter(entry.above), below: words.letter(entry.below) }));
    }
  }

  /** @param {Entry} entry */
  begin(entry) {
    const row = entry.kind === "row" ? newRow(this.view, entry.at, () => this.choose(entry.at)) : null;
    const made = { node: row?.node ?? h("li", { class: `kwi-${entry.kind}` }), y: -1, row };
    this.drawn.set(entry.key, made);
    this.list.append(made.node);
    return made;
  }

  /** @param {number} at */
  choose(at) {
    const { view } = this, before = view.screen.chosen;
    view.screen = choosing(view.screen, at);
    view.paintDetail();
    this.paintRows();
    if (view.screen.chosen < 0) this.drawn.get(before)?.row?.open.focus();
  }

  paintShares() { for (const { row } of this.drawn.values()) if (row) paintShare(this.view, row); }

  /** Reading order follows the ranking. */
  inOrder() {
    const nodes = this.view.shown.entries.flatMap(({ key }) => this.drawn.get(key)?.node ?? []);
    const order = this.view.shown.entries.filter(({ key }) => this.drawn.has(key)).map(({ key }) => key).join();
    if (order === this.ordered || focusIn(this.list)) return;
    this.ordered = order;
    this.list.append(...nodes);
  }
}
