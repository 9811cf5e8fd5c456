// Elements with text nodes only: nothing that came over the network is ever read as markup.

// Overrides turn the line round that they stand in, and hundreds of marks on one letter cover the lines around it.
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const PILED = /(\p{M}{4})\p{M}+/gu;

/** Words from outside, as they may be shown. */
export const calm = (text) => text.replace(TURNS, "\ufffd").replace(PILED, "$1");

/** An element. Attributes that are null or false are left out; functions are listeners. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  set(element, attributes);
  element.append(...shown(children));
  return element;
}

/** The same in SVG. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  set(element, attributes);
  element.append(...shown(children));
  return element;
}

function shown(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : calm(String(child))));
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : name === "aria-label" ? calm(value) : value);
  }
}

/** A link to where an article stands, if that is an address a reader may be sent to. */
export function outward(url, ...children) {
  let safe = null;
  try {
    safe = ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    safe = false;
  }
  return safe ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, ...children) : null;
}

export const $ = (id) => document.getElementById(id);

/** Calls a function once a burst of calls is over, or at the latest after a while. */
export function settled(run, quiet_ms, longest_ms) {
  let timer = null;
  let began = 0;
  return (...given) => {
    clearTimeout(timer);
    const now = performance.now();
    if (!timer) began = now;
    const wait = Math.max(0, Math.min(quiet_ms, began + longest_ms - now));
    timer = setTimeout(() => { timer = null; run(...given); }, wait);
  };
}
