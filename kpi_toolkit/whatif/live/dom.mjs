// @ts-check
/** Elements of the page. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string|number|Node|null|undefined|false} Child */

/**
 * Give an element attributes, and listeners (`onclick`); what is null or false it has no more.
 * @template {Element} T @param {T} made @param {Record<string, unknown>} attributes
 */
export function dress(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === false || value === null || value === undefined) made.removeAttribute(name);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  return made;
}

/**
 * An element with attributes, listeners (`onclick`) and children; what is null or false is left out.
 * @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Record<string, unknown>} [attributes]
 * @param {(Child|Child[])[]} children
 */
export function h(tag, attributes = {}, ...children) {
  const made = dress(document.createElement(tag), attributes);
  const kids = children.flat().filter((child) => child || child === 0);
  made.append(.../** @type {Node[]} */ (kids));
  return made;
}

/** A shape of a drawing. @param {string} tag @param {Record<string, unknown>} attributes @param {Element[]} children */
export function shape(tag, attributes, ...children) {
  const made = dress(document.createElementNS(SVG, tag), attributes);
  made.append(...children);
  return made;
}

/** Set text only where it differs: untouched nodes cost no layout. @param {Node} node @param {string} text */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A table with a head; each row begins with what it is about.
 * @param {string[]} head @param {string[][]} rows @param {(place: number) => string|null} [look] the class of a row
 */
export function table(head, rows, look = () => null) {
  const cells = head.map((name) => h("th", { scope: "col" }, name));
  const body = rows.map(([name, ...own], place) => h("tr", { class: look(place) }, h("th", { scope: "row" }, name),
    own.map((cell) => h("td", {}, cell))));
  return h("div", { class: "kwi-scroll" }, h("table", {}, h("thead", {}, h("tr", {}, cells)), h("tbody", {}, body)));
}

/** Whether the focus is somewhere in a node. @param {Node} node */
export const focusIn = (node) => node.contains(document.activeElement);
