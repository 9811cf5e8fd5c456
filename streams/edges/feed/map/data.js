// What the page knows, and how it stays so: lists first, then the stream from the very cursor they were read at.

/** An answer that is no: with the status, in the problem's own words. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail ?? `the server answered ${status}`);
    this.status = status;
  }
}

/** JSON from the API. Throws Refused. */
export async function get(path, asked = {}) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  const answer = await fetch(`/v1/${path}${query.size ? `?${query}` : ""}`, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, body.detail);
  return body;
}

/** Every record of a list, page by page. */
export async function all(path, asked = {}) {
  const found = [];
  let cursor = null;
  do {
    const page = await get(path, { ...asked, limit: 5000, cursor });
    found.push(...page.data);
    cursor = page.next;
  } while (cursor);
  return found;
}

export const keyOf = (place) => place.place_id ?? `unresolved:${place.name.toLowerCase().split(/\s+/).filter(Boolean).join(" ")}`;

/** Follows the stream. Each kind has a handler; `health` hears whether the stream is alive. */
export function follow(since, handlers, health) {
  const source = new EventSource(`/v1/feed?${new URLSearchParams({ kinds: Object.keys(handlers).join(","), since })}`);
  for (const [kind, handle] of Object.entries(handlers)) {
    source.addEventListener(kind, (event) => handle(JSON.parse(event.data).data));
  }
  source.addEventListener("open", () => health(true));
  source.addEventListener("error", () => health(false));
  return source;
}

/** The path part for an id, which may hold any character. */
export const id = (text) => text.split("/").map(encodeURIComponent).join("/");
