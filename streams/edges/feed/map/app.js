// The page: reads the address, asks the API once, then follows the stream; every part shows the one state.

import { $, calm, h, settled } from "./dom.js";
import * as address from "./address.js";
import { all, follow, get, id, keyOf } from "./data.js";
import { isDay, iso, long, number } from "./days.js";
import * as names from "./names.js";
import { openArticle } from "./article.js";
import { letIn } from "./key.js";
import * as panels from "./panels.js";
import { search } from "./search.js";
import { Timeline } from "./timeline.js";
import { concerns, learn, told, townAt } from "./towns.js";
import { World } from "./world.js";

const LISTED = 80;
const narrow = matchMedia("(max-width: 760px)");
const FRESH_MS = 15000;

const state = address.read();
const towns = new Map();
let events = [];
let fresh = new Set();
let status = null;
let detail = null;
let past = null;
let world = null;
let time = null;

const theme = () => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return { ink: colour("--ink"), paper: colour("--paper"), accent: colour("--accent"), faint: colour("--faint"), edge: colour("--edge") };
};

// -- where we are

/** Goes to another view: some parts of the state change, the rest stays. */
function go(change, { step = true, quick = false } = {}) {
  const before = { ...state };
  if ("town" in change || "event" in change) Object.assign(state, { town: null, event: null, tab: "detail" });
  Object.assign(state, change);
  if (change.tab && change.tab !== "detail") Object.assign(state, { town: null, event: null });
  address.write(state, step && !quick && !("day" in change || "view" in change));
  draw(before, quick);
}

function draw(before, quick = false) {
  document.title = title();
  time.show(state.day);
  showMap();
  if (state.party !== before.party || state.type !== before.type || state.day !== before.day) (quick ? listSoon : listNow)();
  if (state.town !== before.town || state.event !== before.event) openDetail();
  else if (!quick || !state.town) showPanel();
  if (state.town && state.town === before.town && state.day !== before.day) pastSoon();
  if (state.article && state.article !== before.article) {
    openArticle(state.article, state.mention, () => go({ article: null, mention: null }, { step: false })).catch(trouble);
  } else if (!state.article && $("article").open) $("article").close();
}

function title() {
  const what = state.town ? towns.get(state.town)?.place.name : null;
  return `${what ? `${calm(what)}, ` : ""}${long(state.day)}: Frontwire`;
}

// -- parts

function statesAt(day) {
  const found = [];
  for (const [key, town] of towns) {
    if (town.place.lat === null) continue;
    const now = townAt(town, day);
    if (now && concerns(now, state.party)) found.push({ key, place: town.place, state: now, rank: now.status === "unknown" ? town.rank - 100 : town.rank });
  }
  return found;
}

function showMap() {
  world.show(statesAt(state.day), state.town);
}

function showPanel() {
  const panel = $("panel");
  const tab = state.tab ?? "events";
  for (const name of ["events", "towns", "detail"]) {
    const button = $(`tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
  }
  $("tab-detail").hidden = !(state.town || state.event);
  panel.setAttribute("aria-labelledby", `tab-${tab}`);
  if (tab === "towns") panel.replaceChildren(...panels.townList(statesAt(state.day), state.day, theme(), go));
  else if (tab === "detail" && (state.town || state.event)) panel.replaceChildren(...detailParts(panel));
  else panel.replaceChildren(...panels.eventList(events, state.day, go, fresh));
}

function detailParts(panel) {
  const tools = { go, read, past: past?.key === state.town ? past : null, day: state.day, first: iso(time.first), last: iso(time.last), width: Math.max(260, panel.clientWidth - 32), theme: theme() };
  const shown = detail && detail.key === (state.town ?? state.event) ? detail : null;
  if (shown?.failed) return [h("p", { class: "warn" }, shown.failed)];
  if (state.event) return shown ? panels.eventDetail(shown.data, tools).flat(3).filter(Boolean) : [h("p", { class: "meta" }, "Reading…")];
  const town = towns.get(state.town);
  if (!town) return shown ? panels.placeDetail(shown.data.events, tools) : [h("p", { class: "meta" }, "Reading…")];
  return panels.townDetail(shown?.data ?? null, town, tools).flat(3).filter(Boolean);
}

const read = (article, mention) => go({ article, mention });

async function openDetail(again = false) {
  const key = state.town ?? state.event;
  if (!key) { detail = null; showPanel(); return; }
  if (!again) {
    detail = null;
    const place = towns.get(state.town)?.place;
    if (place) world.reveal(place);
    showPanel();
  }
  try {
    const data = await (state.event ? get(`events/${id(key)}`, { known_at: state.known }) : about(key));
    if (key !== (state.town ?? state.event)) return;
    detail = { key, data };
    const place = state.event ? data.event.place : towns.has(key) ? null : data.events[0]?.place;
    if (place) world.reveal(place);
    if (state.town) await readPast();
  } catch (error) {
    detail = { key, failed: error.message };
  }
  const scrolled = $("panel").scrollTop;
  showPanel();
  if (again) $("panel").scrollTop = scrolled;
  else {
    $("panel").scrollTop = 0;
    $("detail")?.focus({ preventScroll: true });
    if (document.body.dataset.ready && narrow.matches) $("side").scrollIntoView({ block: "start" });
    say();
  }
}

/** All about a town; of a place that nobody was ever said to hold, what happened there. */
function about(key) {
  if (towns.has(key)) return get(`towns/${id(key)}`, { known_at: state.known });
  return get("events", { place: key, known_at: state.known }).then(({ data }) => ({ events: data }));
}

/** What was said of the town by the day, where that lies before its present state. */
async function readPast() {
  const { town: key, day } = state;
  const town = towns.get(key);
  if (!town || day >= (town.timeline[town.timeline.length - 1]?.first ?? day)) past = null;
  else {
    const { evidence, events } = await get(`towns/${id(key)}`, { as_of: day, known_at: state.known });
    if (key !== state.town || day !== state.day) return;
    past = { key, day, evidence, events };
  }
  if (state.tab === "detail") showPanel();
}
const pastSoon = settled(() => readPast().catch(trouble), 200, 800);

function say() {
  const town = towns.get(state.town);
  if (town) $("said").textContent = `${town.place.name}, ${long(state.day)}: ${told(townAt(town, state.day))}`;
}

async function listEvents() {
  const asked = { as_of: state.day, known_at: state.known, limit: LISTED, party: state.party, type: state.type };
  try {
    const page = await get("events", asked);
    if (asked.as_of !== state.day) return;
    events = page.data.sort((a, b) => (b.when?.first ?? "").localeCompare(a.when?.first ?? ""));
    if ((state.tab ?? "events") === "events") showPanel();
  } catch (error) { trouble(error); }
}
const listNow = settled(listEvents, 60, 120);
const listSoon = settled(listEvents, 400, 800);

async function readCourse() {
  const [{ data }, now] = await Promise.all([get("activity", { party: state.party, type: state.type, known_at: state.known }), get("status")]);
  status = now;
  const days = data.map(({ day }) => day);
  const began = [...towns.values()].map((town) => town.timeline[0]?.first).filter(Boolean).sort();
  const first = [days[0], began[0]].filter(Boolean).sort()[0] ?? "2011-03-15";
  const last = [days[days.length - 1], now.last_day, ...latestStart()].filter(Boolean).sort().pop() ?? iso(number(first) + 1);
  time.span(first < "2011-03-01" ? "2011-03-01" : first, last, data);
}
const courseSoon = settled(readCourse, 300, 2000);

function latestStart() {
  let last = null;
  for (const { since } of towns.values()) if (since && (!last || since > last)) last = since;
  return last ? [last] : [];
}

function showLegend() {
  const seen = new Map();
  for (const town of towns.values()) {
    for (const party of new Set(town.timeline.flatMap((segment) => segment.parties))) seen.set(party, (seen.get(party) ?? 0) + 1);
  }
  const parties = [...seen].sort((a, b) => b[1] - a[1]).map(([party]) => party).slice(0, 8);
  $("legend").querySelector("div").replaceChildren(...panels.legend(parties, theme()));
  const select = $("party");
  const chosen = state.party ?? "";
  select.replaceChildren(h("option", { value: "" }, "Every party"), ...parties.map((party) => h("option", { value: party }, names.party(party))));
  if (chosen && !parties.includes(chosen)) select.append(h("option", { value: chosen }, names.party(chosen)));
  select.value = chosen;
}
const legendSoon = settled(showLegend, 500, 3000);

// -- what comes in

function takeTown(town) {
  const known = towns.get(keyOf(town.place));
  if (known && known.revision >= town.revision) return false;
  towns.set(keyOf(town.place), { ...town, rank: town.timeline.length + town.confidence });
  return true;
}

function onControl(town) {
  if (!takeTown(town)) return;
  redrawSoon();
  legendSoon();
  courseSoon();
  if (keyOf(town.place) === state.town) openDetail(true);
}
const redrawSoon = settled(() => { showMap(); if (state.tab === "towns" || state.town) showPanel(); }, 30, 200);

function onEvent(event) {
  const listed = events.findIndex(({ event_id: one }) => one === event.event_id);
  if (listed >= 0 && events[listed].revision >= event.revision) return;
  if (event.kind !== "merge" && event.kind !== "retract") {
    fresh.add(event.event_id);
    setTimeout(() => fresh.delete(event.event_id), FRESH_MS);
    if (event.kind === "new") $("said").textContent = `New: ${names.type(event.event_type)} in ${event.place.name}`;
  }
  listNow();
  courseSoon();
  if (event.event_id === state.event) openDetail(true);
}

function health(alive) {
  $("live").classList.toggle("alive", alive);
  $("live").querySelector(".words").textContent = state.known ? `As known ${state.known}` : alive ? "Live" : "Reconnecting";
}

function trouble(error) {
  $("live").classList.remove("alive");
  $("live").querySelector(".words").textContent = error.message;
}

// -- beginning

function wire() {
  for (const name of ["events", "towns", "detail"]) {
    $(`tab-${name}`).addEventListener("click", () => go({ tab: name }));
    $(`tab-${name}`).addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      const open = ["events", "towns", "detail"].filter((one) => !$(`tab-${one}`).hidden);
      const next = open[(open.indexOf(name) + (event.key === "ArrowRight" ? 1 : open.length - 1)) % open.length];
      $(`tab-${next}`).focus();
      go({ tab: next });
    });
  }
  $("back").addEventListener("click", () => time.step(-1));
  $("on").addEventListener("click", () => time.step(1));
  $("now").addEventListener("click", () => { time.stop(); go({ day: iso(time.last) }); });
  for (const name of ["party", "type"]) $(name).addEventListener("change", () => { go({ [name]: $(name).value || null }); courseSoon(); });
  for (const [type, words] of Object.entries(names.TYPE_NAMES)) $("type").append(h("option", { value: type }, words));
  $("type").value = state.type ?? "";
  $("theme").addEventListener("click", () => {
    const next = { system: "light", light: "dark", dark: "system" }[state.theme ?? "system"];
    go({ theme: next === "system" ? null : next });
    dress();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
  addEventListener("popstate", () => { const before = { ...state }; Object.assign(state, address.read()); state.day ??= iso(time.last); draw(before); });
  addEventListener("resize", settled(() => showPanel(), 150, 600));
  search($("find"), $("found"), {
    places, events: () => events, go, typed: (text) => { state.find = text || null; address.write(state, false); } });
  if (state.find) { $("find").value = state.find; $("find").focus(); }
  if (narrow.matches) $("legend").open = false;
}

/** Every place that there is something on. */
function places() {
  const found = new Map(events.map(({ place }) => [keyOf(place), place]));
  for (const [key, { place }] of towns) found.set(key, place);
  return [...found].map(([key, place]) => ({ key, place }));
}

function dress() {
  const chosen = state.theme ?? "system";
  document.documentElement.dataset.theme = chosen;
  $("theme").textContent = `Theme: ${chosen}`;
  world?.redraw();
  time?.draw();
  showLegend();
  showPanel();
}

function hovered(spot, point) {
  const hint = $("hover");
  hint.hidden = !spot;
  if (!spot) return;
  hint.replaceChildren(h("strong", {}, spot.town.place.name), h("br"), told(spot.town.state));
  hint.style.left = `${Math.min(point.x + 14, $("map").clientWidth - 240)}px`;
  hint.style.top = `${point.y + 14}px`;
}

function moved(view) {
  if (!document.body.dataset.ready) return;
  state.view = view;
  address.write(state, false);
}

async function begin() {
  document.documentElement.dataset.theme = state.theme ?? "system";
  world = new World($("map"), { chosen: (key) => go({ town: key }), moved, hovered, theme });
  time = new Timeline({
    strip: $("strip"), slider: $("slider"), day: $("day"), play: $("play"), speed: $("speed"), theme,
    chosen: (day, quick = false) => go({ day }, { quick }),
  });
  const view = state.view;
  // The cursor is taken before anything is read, so that the stream tells again what may have been missed.
  const { cursor } = status = await get("status");
  const [theatre, countries, found] = await Promise.all([
    get("theatre"), fetch("/countries.json").then((answer) => answer.json()), all("towns", { known_at: state.known })]);
  names.learn(theatre);
  learn(theatre);
  found.forEach(takeTown);
  world.outlines(countries);
  world.look(view);
  await readCourse();
  if (!isDay(state.day)) state.day = iso(time.last);
  wire();
  dress();
  if (state.town || state.event) state.tab ??= "detail";
  draw({});
  if (!state.known) follow(cursor, { events: onEvent, control: onControl }, health);
  else health(false);
  document.body.dataset.ready = "yes";
}

letIn(begin).catch(trouble);
