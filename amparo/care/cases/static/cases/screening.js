/** The conversation of a screening: an answer is saved at once, and the next question takes its place. The keys that the
 * buttons show press them while no text is being typed; Backspace asks the last question again. P leads to the person's
 * own words, Enter back to the question. */

const MARGIN = 12; // pixels above what is known and the question, in a frame

document.addEventListener("submit", ask);
document.addEventListener("keydown", press);
// In a frame without the focus, the cursor stays where it is. After a refusal it stays at the error summary.
if (document.hasFocus() && !document.querySelector(".error-summary")) arrive();

let isBusy = false; // an answer is on its way: a second press would answer the next question unseen

/** @param {SubmitEvent} event */
async function ask(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-asks]")) return;
  event.preventDefault();
  if (isBusy) return;
  isBusy = true;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const headers = { "X-CSRF-Token": document.body.dataset.csrf };
  const answer = await fetch(form.action, { method: "POST", headers, body, redirect: "manual" }).catch(() => null);
  isBusy = false;
  if (answer?.ok) show(await answer.text());
  else refuse((answer?.status && (await answer.text())) || document.body.dataset.away);
}

/** @param {string} html */
function show(html) {
  const isOpen = document.querySelector(".law")?.open;
  document.querySelector("#asking").outerHTML = html;
  if (isOpen) document.querySelector(".law")?.setAttribute("open", "");
  if (document.hasFocus()) arrive();
}

/** The cursor goes to the question, or to the field of the age. */
function arrive() {
  const question = document.querySelector("#question");
  (question?.querySelector("input[type=number]") ?? question)?.focus({ preventScroll: true });
  if (question && window === top) question.scrollIntoView({ block: "nearest" });
  else scrollTo(0, scrollY + document.querySelector("#asking").getBoundingClientRect().top - MARGIN); // not what is around
}

/** @param {string} why */
function refuse(why) {
  const question = document.querySelector("#question");
  question.querySelector("[role=alert]")?.remove();
  const alert = Object.assign(document.createElement("p"), { className: "banner", textContent: why });
  alert.dataset.tone = "wait";
  alert.setAttribute("role", "alert");
  question.prepend(alert);
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  if (event.target.id === "own-words" && event.key === "Enter") return arrive(); // then 1 to 4 answer
  if (event.target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  if (event.key === "Backspace") return [...document.querySelectorAll(".answered-questions button")].at(-1)?.click();
  const target = document.querySelector(`[data-press="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.closest(".sign-form") || target.matches("input")) target.focus({ preventScroll: window !== top }); // to sign is a second press
  else target.click();
}
