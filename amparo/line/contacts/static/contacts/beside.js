/** Messages beside the fields: saved, refused, or edited by somebody else too. */

/** @typedef {import("./draft.js").Conflict} Conflict */

/**
 * @param {HTMLFormElement} form @param {string} [at] hh:mm:ss
 * @param {"saved" | "saving" | "offline" | "away" | "apart"} state
 */
export function say(form, state, at = "") {
  for (const saved of form.querySelectorAll(".saved")) {
    saved.dataset.state = ["saved", "saving"].includes(state) ? state : "offline";
    saved.querySelector("span").textContent = `${saved.dataset[state]} ${at}`.trim();
  }
}

/** Show why a field cannot be stored. @param {HTMLFormElement} form @param {string} name @param {string} sentence */
export function refusal(form, name, sentence) {
  if (form.querySelector(`[data-about="${name}"]`)?.textContent.trim() === sentence) return;
  const words = part(form, "refused");
  words.querySelector("span").textContent = sentence;
  place(form, name, words);
}

/**
 * Show both texts of a conflict, and let the user choose.
 * @param {HTMLFormElement} form @param {Conflict} conflict @param {(which: string) => void} choose mine, theirs or both
 */
export function offer(form, conflict, choose) {
  const banner = part(form, "conflict");
  const words = { by: conflict.by, time: conflict.at, mine: conflict.mine_label, theirs: conflict.theirs_label };
  for (const [name, text] of Object.entries(words)) banner.querySelector(`[data-${name}]`).textContent = text;
  const is_long = form.elements[conflict.field] instanceof HTMLTextAreaElement;
  banner.querySelector("[data-choose=both]").hidden = !is_long;
  for (const button of banner.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => choose(button.dataset.choose));
  }
  place(form, conflict.field, banner);
}

/** Remove the messages beside a field. @param {HTMLFormElement} form @param {string} name */
export function forgive(form, name) {
  for (const sentence of form.querySelectorAll(`[data-about="${name}"]`)) sentence.remove();
}

/** @param {HTMLFormElement} form @param {string} name @param {HTMLElement} words */
function place(form, name, words) {
  forgive(form, name);
  words.dataset.about = name;
  form.querySelector(`[name="${name}"]`).closest(".field, .choice, fieldset, label, textarea").after(words);
}

/** Return a copy of one of the form's templates. @param {HTMLFormElement} form @param {string} kind */
function part(form, kind) {
  return form.querySelector(`template[data-${kind}]`).content.cloneNode(true).firstElementChild;
}
