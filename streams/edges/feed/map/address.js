// The state of the page is its address: every view is a link.

const NAMES = ["day", "town", "event", "article", "mention", "tab", "find", "party", "type", "view", "theme", "known"];

export function read() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name)]));
}

/** Writes the state. A step that a reader would want to go back from makes an entry in the history. */
export function write(state, step) {
  const query = new URLSearchParams();
  for (const name of NAMES) if (state[name]) query.set(name, state[name]);
  const next = `${location.pathname}${query.size ? `?${query}` : ""}`.replaceAll("%2F", "/").replaceAll("%3A", ":");
  if (next === location.pathname + location.search) return;
  history[step ? "pushState" : "replaceState"](null, "", next);
}
