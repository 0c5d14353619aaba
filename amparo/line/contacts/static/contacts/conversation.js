/** The conversation form during a call: facts, markers, safe-contact card and places follow what is typed. */
import { suggest } from "../core/places.js";
import { keepDraft } from "./draft.js";
import { label, read } from "./page.js";

const UNKNOWN = new Set(["", "not_asked"]);

/** @param {HTMLFormElement} form #conversation or #wrap-up */
export function keepConversation(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault(); // Enter never sends
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name === "limits") form.querySelector(".safety details").open = !target.checked; // read: make room for what is asked next
  });
  const show = () => { partStates(form); facts(form); card(form); heard(form); };
  for (const event of ["input", "change", "draft:shown", "draft:saved"]) form.addEventListener(event, show);
  form.addEventListener("draft:saved", (event) => stamp(form, event.detail.fields.includes("limits"), event.detail.at));
  form.addEventListener("draft:shown", (event) => stamp(form, event.detail?.name === "limits", event.detail?.at));
  const datalist = form.querySelector("[data-places]");
  if (datalist) suggest(form.querySelector("[name=place]"), datalist);
  show();
  return keepDraft(form);
}

/** Keys 1 to 9 choose the type while no text field has focus; letters continue the notes. @param {HTMLFormElement} form #wrap-up */
export function keepEndings(form) {
  document.addEventListener("keydown", (event) => {
    const writes = event.target.matches?.("textarea, select, input:not([type=radio], [type=checkbox])");
    if (!form.isConnected || writes || event.altKey || event.ctrlKey || event.metaKey) return;
    const key = [...form.querySelectorAll(".endings kbd")].find((kbd) => kbd.textContent && kbd.textContent === event.key);
    if (key) return key.closest("label").querySelector("input").click();
    const isLetter = event.key === "Dead" || /^[^\s?]$/u.test(event.key);
    if (isLetter && event.target.closest?.(".endings")) writeOn(document.querySelector("#conversation .notes textarea"));
  });
}

/** Focus the field with the cursor at the end, so that the pressed letter is written there. @param {HTMLTextAreaElement | null} field */
function writeOn(field) {
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

/** @param {HTMLFormElement} form */
function partStates(form) {
  for (const section of form.querySelectorAll("[data-parts]")) {
    const names = section.dataset.parts.split(" ");
    const known = names.filter((name) => !UNKNOWN.has(read(form, name))).length;
    section.dataset.state = known === names.length ? "done" : known ? "part" : "";
  }
}

/** @param {HTMLFormElement} form */
function facts(form) {
  for (const fact of form.querySelectorAll("[data-fact]")) fact.textContent = label(form, fact.dataset.fact) || "—";
  const back = form.querySelector("[data-call-back]");
  if (!back) return;
  const hours = read(form, "safe_any_hour") || (read(form, "safe_from") && read(form, "safe_to"));
  back.textContent = read(form, "safe_number") && hours ? back.dataset.yes : back.dataset.no;
}

/** Enable the card only after the limits are explained, and never for an anonymous person. @param {HTMLFormElement} form */
function card(form) {
  const fields = form.querySelector("[data-card]");
  if (!fields) return;
  const holds = read(form, "safe_number") || read(form, "safe_who") || read(form, "safe_story") || read(form, "safe_word");
  const may = read(form, "limits") && read(form, "privacy_choice") !== "anonymous";
  fields.disabled = !may && !holds; // an existing card can always be erased
  form.querySelector("[data-card-needs]").hidden = !!may;
}

/** Enable the question how they heard of us only after the one about safety. @param {HTMLFormElement} form */
function heard(form) {
  const fields = form.querySelector("[data-heard]");
  if (!fields) return;
  const safety = read(form, "safe_to_talk");
  fields.disabled = !safety || safety === "not_asked";
  form.querySelector("[data-heard-needs]").hidden = !fields.disabled;
}

/** Show when the limits were explained. @param {HTMLFormElement} form @param {boolean} changed @param {string} at hh:mm[:ss] */
function stamp(form, changed, at = "") {
  if (changed) form.querySelector("[data-limits-at]").textContent = read(form, "limits") ? at.slice(0, 5) : "";
}
