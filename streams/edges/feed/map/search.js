// Finds towns by name, and events by place and kind.

import { h } from "./dom.js";
import { stretch } from "./days.js";
import { type } from "./names.js";

const MOST = 8;

// Cut short first: to put a million marks in order takes a browser for ever.
const LONGEST = 200;
const folded = (text) => text.slice(0, LONGEST).normalize("NFD").replace(/[\u0300-\u036f'’ʿ`-]/g, "").toLowerCase().replace(/^(al|ar|as|at|ad|ez|el) ?/, "");

/** Wires a search field. `places` and `events` give what there is; `typed` hears the words, `go` takes the choice. */
export function search(field, list, { places, events, typed, go }) {
  let found = [];
  let active = -1;

  function look() {
    const wanted = folded(field.value.trim());
    found = wanted ? [...inPlaces(wanted, places()), ...inEvents(wanted, events())].slice(0, MOST) : [];
    active = found.length ? 0 : -1;
    show();
  }

  function show() {
    list.replaceChildren(...found.map((one, index) => h("li", {
      role: "option", id: `found-${index}`, "aria-selected": String(index === active), pointerdown: (event) => { event.preventDefault(); choose(index); },
    }, one.text, h("span", { class: "meta" }, one.more))));
    if (field.value.trim() && !found.length) list.append(h("li", { class: "meta" }, "Nothing by that name"));
    list.hidden = !field.value.trim();
    field.setAttribute("aria-expanded", String(!list.hidden));
    if (active >= 0) field.setAttribute("aria-activedescendant", `found-${active}`);
    else field.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    const one = found[index];
    if (!one) return;
    field.value = "";
    found = [];
    show();
    typed("");
    go(one.to);
  }

  field.addEventListener("input", () => { look(); typed(field.value.trim()); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      active = found.length ? (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length : -1;
      show();
    } else if (event.key === "Escape") { field.value = ""; look(); typed(""); }
  });
  field.addEventListener("blur", () => { list.hidden = true; field.setAttribute("aria-expanded", "false"); });
  field.addEventListener("focus", look);
  field.form.addEventListener("submit", (event) => { event.preventDefault(); choose(Math.max(0, active)); });
}

function inPlaces(wanted, places) {
  return places
    .filter(({ place }) => folded(place.name).includes(wanted) || folded(place.text).includes(wanted))
    .sort((a, b) => folded(b.place.name).startsWith(wanted) - folded(a.place.name).startsWith(wanted) || a.place.name.localeCompare(b.place.name))
    .map(({ key, place }) => ({ text: place.name, more: ` ${place.admin1 ?? ""}`, to: { town: key } }));
}

function inEvents(wanted, events) {
  return events
    .filter((event) => folded(`${type(event.event_type)} ${event.place.name}`).includes(wanted))
    .map((event) => ({ text: `${type(event.event_type)} in ${event.place.name}`, more: ` ${stretch(event.when)}`, to: { event: event.event_id } }));
}
