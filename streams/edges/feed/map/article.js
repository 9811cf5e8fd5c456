// An article with the sentences marked that were read in it. Offsets count code points, as the server's do.

import { $, h, outward } from "./dom.js";
import { moment } from "./days.js";
import { claim, outlet, toll, type, words } from "./names.js";
import { get, id } from "./data.js";

/** Opens an article; the mention asked for stands out. */
export async function openArticle(articleId, mentionId, closed) {
  const dialog = $("article");
  const { article, mentions, retraction, known_at: knownAt } = await get(`articles/${id(articleId)}`);
  const chosen = mentions.find(({ mention_id: one }) => one === mentionId) ?? mentions[0];
  dialog.replaceChildren(
    h("div", { class: "head" },
      h("p", { class: "meta" }, `${outlet(article.outlet)} · ${moment(article.published_at)}`),
      h("button", { type: "button", class: "close", click: () => dialog.close() }, "Close"),
      h("h2", { id: "article-title", dir: "auto" }, marked(article.title ?? "Without a title", "title", mentions, chosen)),
      retraction && h("p", { class: "warn" }, `Its outlet took this article back, ${moment(retraction.published_at)}. ${retraction.reason}`)),
    h("div", { class: "text", tabindex: "0", dir: "auto" }, marked(article.body, "body", mentions, chosen)),
    h("div", { class: "foot" },
      h("p", { class: "meta" }, mentions.length
        ? `${mentions.length} statements were read in it. In the log since ${moment(knownAt)}. `
        : `Nothing was read in it. In the log since ${moment(knownAt)}. `,
      outward(article.url, "Where it stands")),
      h("ol", { class: "readings" }, mentions.map((mention) => h("li", { class: mention === chosen ? "chosen" : null }, reading(mention))))));
  dialog.onclose = closed;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("mark.chosen")?.scrollIntoView({ block: "center" });
}

/** What a mention says, in one line. */
export function reading(mention) {
  const place = mention.place.district ? `${mention.place.district}, ${mention.place.name}` : mention.place.name;
  const what = mention.kind === "event" ? `${type(mention.event_type)}: ${place}` : claim(mention, place);
  const more = [toll(mention.killed, "killed"), toll(mention.wounded, "wounded"), mention.source && `says ${mention.source}`,
    mention.modality !== "reported" && words(mention.modality)];
  return [what, ...more.filter(Boolean)].join(", ");
}

function marked(text, field, mentions, chosen) {
  const points = Array.from(text);
  const spans = mentions.filter((mention) => mention.evidence.field === field).map((mention) => ({
    start: mention.evidence.start, end: mention.evidence.end, chosen: mention === chosen }));
  const edges = [...new Set([0, points.length, ...spans.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  return edges.slice(0, -1).map((start, index) => {
    const end = edges[index + 1];
    const over = spans.filter((span) => span.start <= start && span.end >= end);
    const part = points.slice(start, end).join("");
    if (!over.length) return part;
    return h("mark", { class: over.some((span) => span.chosen) ? "chosen" : null }, part);
  });
}
