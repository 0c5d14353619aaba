/** The list of all signs: saves each answer at once, and updates the summary of what is known and missing. A digit answers
 * the row of the cursor. */

const form = document.getElementById("answers");

const filter = form.querySelector(".row-filter");
const rows = [...form.querySelectorAll(".answer")];
filter.hidden = false;
count();
filter.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) show(button);
});
form.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const answer = event.target.closest(".answer")?.querySelectorAll("input")[Number(event.key) - 1];
  answer?.focus();
  answer?.click();
});

let kept = Promise.resolve(); // saves run one after the other, in the order of the ticks

form.addEventListener("change", (event) => {
  const { name, value } = event.target;
  kept = kept.then(() => keep(name, value));
  count();
});

form.dataset.ready = "";
form.dispatchEvent(new CustomEvent("answers:ready")); // panel.js waits for it before it ticks

/** Show the rows that are answered at this moment, those that are not, or all. A row that is answered next stays in
 * sight. @param {HTMLButtonElement} button */
function show(button) {
  const which = button.dataset.show;
  for (const row of rows) row.hidden = which !== "" && which !== stateOf(row);
  for (const group of form.querySelectorAll("details")) {
    group.hidden = !group.querySelector(".answer:not([hidden])");
    group.open = which === "asked";
  }
  for (const each of filter.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === button));
}

/** Write on each button how many rows it shows. */
function count() {
  for (const button of filter.querySelectorAll("button")) {
    const { show: which } = button.dataset;
    button.querySelector("b").textContent = rows.filter((row) => !which || which === stateOf(row)).length;
  }
}

/** @param {HTMLFieldSetElement} row @returns {"asked" | "not_asked"} */
function stateOf(row) {
  return row.querySelector("input[value=not_asked]").checked ? "not_asked" : "asked";
}

/** @param {string} name of the item @param {string} value the answer */
async function keep(name, value) {
  const sent = new URLSearchParams({ [name]: value, version: standing().dataset.version });
  const headers = { "X-CSRF-Token": document.body.dataset.csrf };
  const answer = await fetch(location.pathname, { method: "POST", headers, body: sent }).catch(() => null);
  if (answer?.ok) standing().outerHTML = await answer.text();
  else refuse(standing(), answer ? await answer.text() : "");
}

/** The summary element. Every saved answer replaces it. */
function standing() {
  return document.getElementById("standing");
}

/** Shows why an answer was not saved. The tick stays as pressed. @param {HTMLElement} standing @param {string} why */
function refuse(standing, why) {
  let alert = standing.querySelector("[role=alert]");
  if (!alert) {
    alert = document.createElement("p");
    alert.className = "banner";
    alert.dataset.tone = "wait";
    alert.setAttribute("role", "alert");
    standing.prepend(alert);
  }
  alert.textContent = why || form.dataset.away;
}
