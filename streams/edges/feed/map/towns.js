// A town as of a day, from its timeline: the same reckoning as the server's, so that the slider needs no network.

import { number } from "./days.js";
import { list, party, percent } from "./names.js";

export const UNSURE = 0.6;

let fading = null;

/** Takes in how knowledge wears off in this theatre. */
export const learn = (theatre) => { fading = theatre; };

/** The state of a town on a day; null before anything is known of it. */
export function townAt(town, day) {
  const segments = [...town.timeline, ...town.outlook];
  let index = segments.length - 1;
  while (index >= 0 && segments[index].first > day) index -= 1;
  if (index < 0) return null;
  const segment = segments[index];
  const past = index < town.timeline.length - 1;
  const confirmed = lastConfirmed(town, segment, past, day);
  const confidence = faded(town, segment, past, day);
  const same = segment.status === town.status && segment.first === town.timeline[town.timeline.length - 1].first;
  return {
    status: segment.status,
    controller: segment.controller,
    parties: segment.parties,
    // How great the parts were is not kept for the past: they are drawn alike.
    shares: same ? town.shares : segment.parties.map((id) => ({ party: id, share: null, districts: [] })),
    besieged: segment.besieged_by,
    since: segment.first,
    confidence,
    confirmed,
    stale: confirmed === null || number(day) - number(confirmed) > fading.stale_days,
    unsure: segment.status === "unknown" || confidence < UNSURE,
    before: segment.status === "unknown" ? lastHeld(segments.slice(0, index)) : null,
  };
}

/** The last standing before knowledge ran out. */
function lastHeld(segments) {
  return segments.reverse().find(({ status, parties }) => status !== "unknown" && parties.length) ?? null;
}

function lastConfirmed(town, segment, past, day) {
  if (segment.status === "unknown") return null;
  if (past || town.last_confirmed === null) return day;
  return day < town.last_confirmed ? day : town.last_confirmed;
}

function faded(town, segment, past, day) {
  if (segment.status === "unknown") return 0;
  const confirmed = town.last_confirmed ?? segment.first;
  const worth = past ? day : confirmed > segment.first ? confirmed : segment.first;
  const { prior, half_life_days: halfLife } = segment.status === "contested" ? fading.fight : fading.hold;
  const left = 2 ** (-Math.max(0, number(day) - number(worth)) / halfLife);
  return Math.round((prior + (segment.confidence - prior) * left) * 1000) / 1000;
}

/** The state in one sentence without a full stop. */
export function told(state) {
  if (!state) return "nothing known yet";
  const parts = [holder(state)];
  if (state.besieged.length) parts.push(`besieged by ${list(state.besieged.map(party))}`);
  if (state.status === "unknown") return parts.join(", ");
  if (state.stale) parts.push("not confirmed for a while");
  if (state.unsure) parts.push("unsure");
  return parts.join(", ");
}

function holder(state) {
  if (state.status === "held") return `held by ${party(state.controller)}`;
  if (state.status === "divided" && state.parties.length === 1) return `held in part by ${party(state.parties[0])}`;
  if (state.status === "divided") return `divided between ${list(state.parties.map(party))}`;
  if (state.status === "contested") {
    return state.parties.length ? `contested by ${list(state.parties.map(party))}` : "contested";
  }
  return state.before ? `holder unknown, last ${heldBefore(state.before)}` : "holder unknown";
}

function heldBefore({ status, controller, parties, first }) {
  const how = status === "held" ? `held by ${party(controller)}` : `${status} by ${list(parties.map(party))}`;
  return `${status === "divided" ? `divided between ${list(parties.map(party))}` : how} (${first.slice(0, 4)})`;
}

/** The confidence in words and as a share. */
export const sureness = (state) => `${percent(state.confidence)} sure`;

/** Whether a party has to do with a town on a day. */
export const concerns = (state, id) => !id || state.parties.includes(id) || state.controller === id || state.besieged.includes(id);
