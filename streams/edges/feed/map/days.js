// Days as ISO text, and as whole numbers since 1970 to reckon with.

const MS = 86400000;

export const number = (day) => Math.round(Date.parse(`${day}T00:00:00Z`) / MS);
export const iso = (count) => new Date(count * MS).toISOString().slice(0, 10);
export const plus = (day, count) => iso(number(day) + count);
export const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") && !Number.isNaN(Date.parse(text));

const LONG = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

export const long = (day) => LONG.format(number(day) * MS);
export const short = (day) => SHORT.format(number(day) * MS);
export const moment = (text) => `${MOMENT.format(Date.parse(text))} UTC`;

/** A stretch of days in words. */
export function stretch(when) {
  if (!when) return "day not stated";
  if (when.first === when.last) return short(when.first);
  return `${short(when.first)} – ${short(when.last)}`;
}
