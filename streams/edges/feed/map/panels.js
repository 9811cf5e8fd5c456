// What stands beside the map: the lists of events and towns, and everything about one of them.

import { h } from "./dom.js";
import { long, moment, short, stretch } from "./days.js";
import * as names from "./names.js";
import { townChart } from "./chart.js";
import { sign } from "./symbols.js";
import { told, sureness, townAt } from "./towns.js";
import { keyOf } from "./data.js";
import { reading } from "./article.js";

const REPORTS_AT_ONCE = 12;
const EVENTS_HERE = 40;

/** One event as an entry of a list. */
export function eventItem(event, go, fresh = false) {
  return h("li", { class: `event${fresh ? " fresh" : ""}` },
    h("button", { type: "button", class: "item", click: () => go({ event: event.event_id }), "data-event": event.event_id },
      h("span", { class: "title" }, title(event)),
      h("span", { class: "figures" }, figures(event)),
      h("span", { class: "meta" }, [stretch(event.when), witnesses(event), doubt(event)].filter(Boolean).join(" · "))));
}

function title(event) {
  const place = event.place.district ? `${event.place.district}, ${event.place.name}` : event.place.name;
  const by = event.actors.length ? ` by ${names.list(event.actors.map(names.party))}` : "";
  return [`${names.type(event.event_type)} in `, h("strong", {}, place), by];
}

function figures(event) {
  const told = [names.toll(event.killed, "killed"), names.toll(event.wounded, "wounded")].filter(Boolean);
  return told.length ? told.join(", ") + (event.shared ? " (one toll for several places)" : "") : null;
}

function witnesses(event) {
  return `${names.some(event.root_sources.length, "source")} in ${names.some(event.outlets.length, "outlet")}`;
}

function doubt(event) {
  if (event.modality === "denied") return "denied by the accused";
  return event.modality === "claimed" ? "claimed by one side" : null;
}

export function eventList(events, day, go, fresh) {
  return [
    h("p", { class: "lead" }, events.length ? `The newest up to ${long(day)}` : `Nothing was reported up to ${long(day)} that fits.`),
    h("ul", { class: "list", id: "events" }, events.map((event) => eventItem(event, go, fresh.has(event.event_id)))),
  ];
}

export function townList(towns, day, theme, go) {
  const sorted = [...towns].sort((a, b) => a.place.name.localeCompare(b.place.name));
  return [
    h("p", { class: "lead" }, `${names.some(towns.length, "town")} of which something is known on ${long(day)}`),
    h("ul", { class: "list", id: "towns" }, sorted.map(({ key, place, state }) => h("li", {},
      h("button", { type: "button", class: "item town", click: () => go({ town: key }), "data-town": key },
        sign(state, theme), h("span", {}, h("strong", {}, place.name), h("span", { class: "meta" }, told(state))))))),
  ];
}

/** Everything about one town. */
export function townDetail(history, town, { past, day, first, last, width, theme, go, read }) {
  const state = townAt(town, day);
  const { evidence: claims, events } = past ?? history ?? {};
  const { place } = town;
  return [
    h("div", { class: "top" },
      state && sign(state, theme, 11),
      h("div", {}, h("h2", { tabindex: "-1", id: "detail" }, place.name),
        h("p", { class: "meta" }, [place.admin1 && `${place.admin1} governorate`, place.parent && "a site of its own"].filter(Boolean).join(", ")))),
    h("p", { class: "state" }, state ? `On ${long(day)}: ${told(state)}.` : `On ${long(day)} nothing was known of it yet.`),
    state && h("p", { class: "meta" }, [
      `Since ${long(state.since)}`, sureness(state), state.confirmed && `last confirmed ${long(state.confirmed)}`].filter(Boolean).join(" · ")),
    state?.status === "divided" && state.shares.every(({ share }) => share !== null) && h("ul", { class: "parts" }, state.shares.map((part) => h("li", {},
      `${names.party(part.party)}: about ${names.percent(part.share)}${part.districts.length ? `, ${names.list(part.districts)}` : ""}`))),
    h("h3", {}, "Timeline"),
    townChart(town, history?.events ?? [], { first, last, day, width, chosen: (on) => go({ day: on }) }),
    history ? changesOf(history.changes, go) : h("p", { class: "meta" }, "Reading…"),
    history && [
      h("h3", {}, past ? `What was said of it by ${long(past.day)}` : "What decides the present state"),
      claims.length ? h("ol", { class: "evidence" }, claims.map((one) => evidence(one, place.name, read)))
        : h("p", { class: "meta" }, "No claim carries it."),
      eventsHere(events, past?.day, go),
    ],
  ];
}

function eventsHere(events, day, go) {
  return [
    h("h3", {}, day ? `Events here by ${long(day)}` : "Events here"),
    events.length ? h("ul", { class: "list" }, events.slice(0, EVENTS_HERE).map((event) => eventItem(event, go)))
      : h("p", { class: "meta" }, "None was reported."),
  ];
}

/** A place that nobody was ever said to hold. */
export function placeDetail(events, { go }) {
  const place = events[0]?.place;
  return [
    h("h2", { tabindex: "-1", id: "detail" }, place?.name ?? "Nothing is known under this name"),
    h("p", { class: "meta" }, place?.admin1 && `${place.admin1} governorate`),
    h("p", {}, "Nobody was ever said to hold it."),
    ...eventsHere(events, null, go),
  ];
}

function changesOf(changes, go) {
  if (!changes.length) return null;
  return h("details", { class: "changes" }, h("summary", {}, names.some(changes.length, "change")),
    h("ul", {}, changes.slice().reverse().map((one) => h("li", {},
      h("button", { type: "button", class: "day", click: () => go({ day: one.at }) }, short(one.at)),
      ` ${names.change(one.change)}: ${standing(one.from)} → ${standing(one.to)}. `,
      h("span", { class: "meta" }, `Known ${moment(one.known_at)}`)))));
}

function standing({ controller, status, besieged_by: besiegers }) {
  const who = controller ? names.party(controller) : names.words(status);
  return besiegers.length ? `${who}, besieged by ${names.list(besiegers.map(names.party))}` : who;
}

function evidence({ claim, weight, reports }, place, read) {
  const told = weight ?? { ...claim, ...claim.when };
  const sources = told.root_sources.map((root) => names.source(root, reports.map(({ mention }) => mention)));
  const marks = claim && [claim.self_interested && "said only by the side that gains", claim.admitted && "admitted by the side that loses"].filter(Boolean);
  return h("li", {},
    h("p", {}, h("strong", {}, names.claim(told, claim?.place.name ?? place)), `, ${stretch(told)}`),
    h("p", { class: "meta" }, [names.list(sources), weight && `weight ${weight.weight.toFixed(1)}`, ...(marks ?? [])].filter(Boolean).join(" · ")),
    reportList(reports, read));
}

/** Everything about one event. */
export function eventDetail({ event, reports, revisions, superseded_by: after }, { go, read }) {
  return [
    h("div", { class: "top" }, h("div", {},
      h("h2", { tabindex: "-1", id: "detail" }, `${names.type(event.event_type)} in ${event.place.name}`),
      h("p", { class: "meta" }, stretch(event.when)))),
    after.length > 0 && h("p", { class: "warn" }, "This event was joined with another one. ",
      after.map((one) => h("button", { type: "button", class: "link", click: () => go({ event: one }) }, "See it there"))),
    event.kind === "retract" && h("p", { class: "warn" }, "This event was withdrawn."),
    h("dl", {},
      row("Place", h("button", { type: "button", class: "link", click: () => go({ town: keyOf(event.place) }) },
        [event.place.district, event.place.name, event.place.admin1].filter(Boolean).join(", "))),
      row("Who", event.actors.length ? names.list(event.actors.map(names.party)) : "not said"),
      row("Against", event.targets.length ? names.list(event.targets.map(names.party)) : "not said"),
      row("Toll", figures(event) ?? "not stated"),
      row("Standing", { reported: "reported", claimed: "claimed by one side", denied: "denied by the accused" }[event.modality]),
      row("Confidence", names.percent(event.confidence)),
      row("Witnesses", `${names.list(event.root_sources.map((root) => names.source(root, reports.map(({ mention }) => mention))))}${event.copies ? `; ${names.some(event.copies, "reprint")} not counted` : ""}`)),
    event.tolls.length > 1 && [h("h3", {}, "Tolls by source"), tolls(event.tolls)],
    h("h3", {}, names.some(reports.length, "report")),
    reportList(reports, read),
    h("p", { class: "meta" }, `Revision ${event.revision} of ${revisions.length}, last changed ${moment(revisions[revisions.length - 1].known_at)}`),
  ];
}

const row = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];

function tolls(figures) {
  return h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Source"), h("th", { scope: "col" }, "Killed"), h("th", { scope: "col" }, "Wounded"), h("th", { scope: "col" }, "Printed"))),
    h("tbody", {}, figures.map((one) => h("tr", {},
      h("th", { scope: "row" }, one.source ?? names.source(one.root_source)), h("td", {}, span(one.killed)), h("td", {}, span(one.wounded)),
      h("td", {}, short(one.published_at.slice(0, 10)))))));
}

function span(toll) {
  if (!toll) return "–";
  if (toll.max === null) return `${names.count(toll.min)}+`;
  return toll.min === toll.max ? names.count(toll.min) : `${names.count(toll.min)}–${names.count(toll.max)}`;
}

function reportList(reports, read) {
  const items = reports.map(({ mention, article }) => h("li", { class: "report" },
    h("blockquote", { dir: "auto" }, mention.evidence.text),
    h("p", { class: "meta" }, `${names.outlet(article.outlet)}, ${moment(article.published_at)}${mention.source ? `, quoting ${mention.source}` : ""} `),
    h("button", { type: "button", class: "link", click: () => read(article.article_id, mention.mention_id),
      "aria-label": `Read in the article: ${reading(mention)}` }, "Read it in the article")));
  if (items.length <= REPORTS_AT_ONCE) return h("ul", { class: "reports" }, items);
  return [h("ul", { class: "reports" }, items.slice(0, REPORTS_AT_ONCE)),
    h("details", {}, h("summary", {}, `${items.length - REPORTS_AT_ONCE} more`), h("ul", { class: "reports" }, items.slice(REPORTS_AT_ONCE)))];
}

/** What the signs mean. Shows the parties that there are. */
export function legend(parties, theme) {
  const base = { status: "held", controller: parties[0] ?? "syrian-government", parties: [], shares: [], besieged: [], stale: false, unsure: false };
  const two = [parties[0] ?? "syrian-government", parties[1] ?? "rebels"];
  const kinds = [
    ["Divided", { ...base, status: "divided", parties: two, shares: two.map((party) => ({ party, share: 0.5 })) }],
    ["Contested", { ...base, status: "contested", parties: two }],
    ["Besieged", { ...base, controller: two[1], besieged: [two[0]] }],
    ["Stale", { ...base, stale: true }],
    ["Unsure", { ...base, unsure: true }],
    ["Unknown", { ...base, status: "unknown", unsure: true }],
  ];
  const line = (name, state) => h("li", {}, sign(state, theme), name);
  return [
    h("ul", {}, parties.map((party) => line(names.party(party), { ...base, controller: party }))),
    h("ul", {}, kinds.map(([name, state]) => line(name, state))),
  ];
}
