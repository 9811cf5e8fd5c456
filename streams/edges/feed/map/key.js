// A feed that asks for a key is shown one: typed in once, kept by the browser where no script can read it.

import { $, h } from "./dom.js";
import { Refused } from "./data.js";

/** Begins; where a key is needed, asks for it and begins again. */
export async function letIn(begin) {
  try {
    await begin();
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    await shown();
    location.reload();
  }
}

/** Asks until the feed knows the key. */
function shown() {
  return new Promise((done) => {
    const field = h("input", { id: "key-field", type: "password", autocomplete: "current-password", required: true });
    const said = h("p", { class: "warn", role: "alert" });
    const form = h("form", { method: "dialog", submit: (event) => { event.preventDefault(); enter(field.value.trim(), said, done); } },
      h("h2", { id: "key-title" }, "This feed asks for a key"),
      h("p", { class: "meta" }, "Whoever runs it gives out keys. This browser keeps yours for thirty days."),
      h("label", { for: "key-field" }, "Key"), field, said, h("button", { type: "submit" }, "Enter"));
    $("key").replaceChildren(form);
    $("key").addEventListener("cancel", (event) => event.preventDefault());
    $("key").showModal();
  });
}

async function enter(key, said, done) {
  const answer = await fetch("/v1/session", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key }) });
  if (answer.ok) done();
  else said.textContent = "The feed does not know this key.";
}
