// @ts-check
/** Elements of the page. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string|number|Node|null|undefined|false} Child */

/** @param {Element} made @param {Record<string, unknown>} attributes listeners are those that begin with `on` */
function dress(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  return made;
}

/**
 * An element with attributes, listeners (`onclick`) and children; what is null or false is left out.
 * @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Record<string, unknown>} [attributes]
 * @param {(Child|Child[])[]} children
 */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag), kids = children.flat().filter((child) => child || child === 0);
  dress(made, attributes);
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

/** A table with a head. @param {string[]} head @param {HTMLTableRowElement[]} rows */
export function table(head, rows) {
  const cells = head.map((name) => h("th", { scope: "col" }, name));
  return h("table", {}, h("thead", {}, h("tr", {}, cells)), h("tbody", {}, rows));
}

/** Whether the focus is somewhere in a node. @param {Node} node */
export const focusIn = (node) => node.contains(document.activeElement);
