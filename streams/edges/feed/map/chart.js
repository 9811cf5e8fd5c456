// The timeline of one town: who held it, who besieged it, and what was reported of it.

import { svg } from "./dom.js";
import { iso, long, number, short } from "./days.js";
import { look, some, type } from "./names.js";
import { told, townAt } from "./towns.js";

const HEIGHT = 84;
const BAR = { top: 8, height: 26 };
const SIEGE = { top: 38, height: 6 };
const DOTS = 58;

/** A chart of a town over a span of days. `chosen` is called with a day. */
export function townChart(town, events, { first, last, day, width, chosen }) {
  const from = number(first);
  const to = Math.max(number(last), from + 1);
  const at = (when) => ((Math.max(from, Math.min(to, number(when))) - from) / (to - from)) * width;
  const segments = [...town.timeline, ...town.outlook.filter(({ first: begins }) => begins <= last)];
  const chart = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": summary(town, segments) });
  chart.append(patterns());
  segments.forEach((segment, index) => {
    const end = segments[index + 1]?.first ?? iso(to);
    bar(chart, segment, at(segment.first), at(end), told(townAt(town, segment.first)));
  });
  for (const event of events) {
    if (!event.when) continue;
    const dead = event.killed?.min ?? 0;
    chart.append(svg("circle", { class: "happened", cx: at(event.when.first), cy: DOTS, r: Math.min(7, 2 + Math.sqrt(dead) / 2) },
      svg("title", {}, `${type(event.event_type)}, ${short(event.when.first)}${dead ? `, ${dead} killed or more` : ""}`)));
  }
  years(chart, from, to, at);
  const x = at(day);
  chart.append(svg("line", { class: "today", x1: x, x2: x, y1: 2, y2: DOTS + 8 }));
  chart.addEventListener("click", (click) => {
    const box = chart.getBoundingClientRect();
    chosen(iso(Math.round(from + ((click.clientX - box.left) / box.width) * (to - from))));
  });
  return chart;
}

function bar(chart, segment, x, end, words) {
  const width = Math.max(1, end - x);
  const parties = segment.status === "held" ? [segment.controller] : segment.parties;
  const group = svg("g", {}, svg("title", {}, `${words}, from ${short(segment.first)}`));
  const lanes = segment.status === "unknown" || !parties.length ? [null] : parties;
  lanes.forEach((party, index) => {
    const height = BAR.height / lanes.length;
    const y = BAR.top + index * height;
    group.append(svg("rect", { x, y, width, height, fill: party ? look(party).colour : "url(#nobody)", opacity: segment.confidence < 0.6 ? 0.45 : 1 }));
    if (party && width > 14 && height > 8) {
      group.append(svg("text", { x: x + 5, y: y + height / 2 + 3.5, fill: look(party).ink, class: "letter" }, look(party).letter));
    }
  });
  if (segment.status === "contested") group.append(svg("rect", { x, y: BAR.top, width, height: BAR.height, fill: "url(#fought)" }));
  if (segment.besieged_by.length) {
    group.append(svg("rect", { x, y: SIEGE.top, width, height: SIEGE.height, fill: look(segment.besieged_by[0]).colour }));
    group.append(svg("rect", { x, y: SIEGE.top, width, height: SIEGE.height, fill: "url(#siege)" }));
  }
  chart.append(group);
}

function patterns() {
  return svg("defs", {},
    svg("pattern", { id: "nobody", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      svg("rect", { width: 6, height: 6, class: "nobody" }), svg("circle", { cx: 3, cy: 3, r: 1, class: "speck" })),
    svg("pattern", { id: "fought", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { width: 2, height: 6, class: "speck" })),
    svg("pattern", { id: "siege", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      svg("rect", { x: 4, width: 2, height: 6, class: "cut" })));
}

function years(chart, from, to, at) {
  const begin = Number(iso(from).slice(0, 4));
  const end = Number(iso(to).slice(0, 4));
  for (let year = begin; year <= end; year += 1) {
    const x = at(`${year}-01-01`);
    if (year > begin) chart.append(svg("line", { class: "year", x1: x, x2: x, y1: BAR.top, y2: DOTS + 10 }));
    if (at(`${year + 1}-01-01`) - x > 34) chart.append(svg("text", { x: x + 3, y: HEIGHT - 4, class: "axis" }, String(year)));
  }
}

function summary(town, segments) {
  const parts = segments.slice(-12).map((segment) => `from ${long(segment.first)} ${told(townAt(town, segment.first))}`);
  return `${some(segments.length, "stretch", "stretches")}: ${parts.join("; ")}`;
}
