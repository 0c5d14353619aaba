/** Consent: a bundle fills the table, and the server says after each change what would be shared and recorded. It listens
 * on the document, so that a page may fetch the part (`#consent`) at any time and put it anywhere. It never moves the focus.
 */

/** @type {AbortController | null} */
let newest = null; // the preview under way; the next change ends it
/** @type {Promise<void> | null} */
let pending = null;

document.addEventListener("change", ({ target }) => {
  const form = formOf(target);
  if (!form) return;
  if (target.name === "bundle") fill(form, target);
  if (target.name === "expires_at" && target.value) form.querySelector("[name=duration][value='']").checked = true;
  preview(form);
});

document.addEventListener("click", ({ target }) => {
  const all = target.closest("#consent [data-read-all]");
  if (!all) return;
  for (const box of all.closest("form").querySelectorAll("[name=informed]")) box.checked = true;
  preview(all.closest("form"));
});

document.addEventListener("keydown", (event) => {
  const { target } = event;
  const root = target.closest?.("#consent") ?? document.querySelector("#consent:not([data-panel])");
  const isWriting = target.matches?.("textarea, select, input:not([type=checkbox], [type=radio])");
  if (!root || isWriting || event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  const bundle = root.querySelectorAll("[name=bundle]")[Number(event.key) - 1];
  if (!bundle) return;
  event.preventDefault();
  bundle.checked = true;
  fill(bundle.form, bundle);
  preview(bundle.form);
});

document.addEventListener("submit", (event) => {
  const form = formOf(event.target);
  if (!form) return;
  const isPanel = form.closest("#consent").matches("[data-panel]");
  if (!pending && !isPanel) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  if (pending) pending.then(() => form.requestSubmit(submitter));
  else record(form);
});

/** @param {EventTarget} element @returns {HTMLFormElement | null} */
function formOf(element) {
  return element.closest?.("#consent form") ?? null;
}

/** @param {HTMLFormElement} form @param {EventTarget} bundle an input */
function fill(form, bundle) {
  const cells = bundle.dataset.cells.split(" ");
  for (const box of form.querySelectorAll("[name=permit]")) box.checked = cells.includes(box.value);
  form.querySelector("[name=purpose]").value = bundle.dataset.purpose;
}

/** Show what the server says to the form as it is now. @param {HTMLFormElement} form */
function preview(form) {
  newest?.abort();
  const own = new AbortController();
  newest = own;
  const request = send(form, "preview", own.signal).then((answer) => {
    if (own.signal.aborted) return;
    if (answer) show(form, answer);
    if (newest === own) newest = pending = null;
  });
  pending = request;
}

/** Record from a panel, and show the part anew in its place. @param {HTMLFormElement} form */
async function record(form) {
  const answer = await send(form, "record");
  if (!answer) return;
  const root = form.closest("#consent");
  const focused = root.contains(document.activeElement) ? document.activeElement.id : "";
  root.replaceWith(answer);
  if (focused) document.getElementById(focused)?.focus();
}

/** @param {HTMLFormElement} form @param {string} what @param {AbortSignal} [signal] @returns {Promise<Element | null>} */
async function send(form, what, signal) {
  const root = form.closest("#consent");
  const body = new URLSearchParams(new FormData(form));
  body.set("do", what);
  try {
    const answer = await fetch(root.dataset.part, { method: "POST", body, signal });
    const text = await answer.text();
    const part = new DOMParser().parseFromString(text, "text/html").querySelector("#consent");
    if (!part) refuse(root, text);
    return part;
  } catch {
    if (!signal?.aborted) refuse(root, root.dataset.away);
    return null;
  }
}

/** @param {Element} root @param {string} why */
function refuse(root, why) {
  const banner = root.querySelector("#consent-refusal");
  banner.querySelector("span").textContent = why;
  banner.hidden = false;
}

/** Take over what changed, and leave everything else, so that the focus stays. @param {HTMLFormElement} form @param {Element} part */
function show(form, part) {
  const root = form.closest("#consent");
  root.querySelector("#consent-refusal").hidden = true;
  const rows = root.querySelector(".permit tbody");
  const fresh = [...part.querySelectorAll(".permit tbody tr")];
  for (const row of rows.querySelectorAll("tr")) if (!fresh.some((it) => it.id === row.id)) row.remove();
  for (const row of fresh) if (!document.getElementById(row.id)) rows.append(row.cloneNode(true));
  for (const it of part.querySelectorAll("[data-fresh]")) {
    const shown = document.getElementById(it.id);
    if (it.matches("input")) Object.assign(shown, { value: it.value, checked: it.checked });
    else if (shown && shown.innerHTML !== it.innerHTML) shown.replaceChildren(...it.cloneNode(true).childNodes);
  }
}
