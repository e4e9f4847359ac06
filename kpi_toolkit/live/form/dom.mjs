// @ts-check
/** Drawing a view again without disturbing what is being typed: elements stay, only what differs is changed. */

/** @typedef {{tag: string, props: Record<string, any>, children: (Drawn|string)[]}} Drawn */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag @param {Record<string, any>|null} [props] @param {...any} children
 * @returns {Drawn}
 */
export function h(tag, props, ...children) {
  const kept = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
  return { tag, props: props ?? {}, children: kept.map((child) => (typeof child === "number" ? `${child}` : child)) };
}

/** @type {WeakMap<Node, Drawn|string>} */
const drawn = new WeakMap();

/** Make an element show these children. @param {Element} parent @param {(Drawn|string)[]} children */
export function patch(parent, children) {
  const old = [...parent.childNodes], keyed = new Map();
  for (const node of old) {
    const key = keyOf(drawn.get(node));
    if (key) keyed.set(key, node);
  }
  /** @type {Set<Node>} */
  const used = new Set();
  let next = 0;
  children.forEach((child, place) => {
    const key = keyOf(child);
    let node = key ? keyed.get(key) : undefined;
    if (!node && !key) {
      while (next < old.length && (used.has(old[next]) || keyOf(drawn.get(old[next])))) next++;
      if (next < old.length && alike(drawn.get(old[next]), child)) node = old[next];
    }
    if (!node || used.has(node) || !alike(drawn.get(node), child)) node = made(child, parent);
    used.add(node);
    if (parent.childNodes[place] !== node) parent.insertBefore(node, parent.childNodes[place] ?? null);
    update(node, child);
  });
  for (const node of [...parent.childNodes].slice(children.length)) node.remove();
}

/** @param {Drawn|string|undefined} what */
const keyOf = (what) => (what && typeof what !== "string" && what.props.key !== undefined ? `${what.tag} ${what.props.key}` : "");

/** @param {Drawn|string|undefined} one @param {Drawn|string} other */
const alike = (one, other) => one !== undefined && (typeof one === "string" ? typeof other === "string" : typeof other !== "string" && one.tag === other.tag);

/** @param {Drawn|string} what @param {Element} parent @returns {Node} */
function made(what, parent) {
  if (typeof what === "string") return document.createTextNode(what);
  const svg = what.tag === "svg" || (parent.namespaceURI === SVG);
  return svg ? document.createElementNS(SVG, what.tag) : document.createElement(what.tag);
}

/** @param {Node} node @param {Drawn|string} what */
function update(node, what) {
  const before = drawn.get(node);
  drawn.set(node, what);
  if (typeof what === "string") {
    if (node.nodeValue !== what) node.nodeValue = what;
    return;
  }
  const element = /** @type {any} */ (node), old = before && typeof before !== "string" ? before.props : {};
  for (const name of Object.keys(old)) if (!(name in what.props)) setProp(element, name, undefined, old[name]);
  if (what.tag !== "select") for (const [name, value] of Object.entries(what.props)) setProp(element, name, value, old[name]);
  if (what.props.html === undefined) patch(element, what.children);
  if (what.tag === "select") for (const [name, value] of Object.entries(what.props)) setProp(element, name, value, old[name]);
}

/** @param {any} element @param {string} name @param {any} value @param {any} old */
function setProp(element, name, value, old) {
  if (name === "key") return;
  if (name.startsWith("on")) element[name] = value ?? null;
  else if (name === "value" && element.tagName === "OPTION") element.setAttribute(name, value);
  else if (name === "value" || name === "checked") {
    if (!element.dirty && (value !== old || element !== element.getRootNode().activeElement) && element[name] !== value) element[name] = value;
  } else if (name === "open") {
    if (old === undefined) element.open = Boolean(value);
  } else if (value === undefined || value === null || value === false) element.removeAttribute(name);
  else if (value !== old) element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : `${value}`);
}
