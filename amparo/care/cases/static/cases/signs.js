/** The list of all signs: saves each answer at once, and updates the summary of what is known and missing. */

const form = document.getElementById("answers");

form.dataset.ready = "";
form.dispatchEvent(new CustomEvent("answers:ready")); // panel.js waits for it before it ticks

let kept = Promise.resolve(); // saves run one after the other, in the order of the ticks

form.addEventListener("change", (event) => {
  const { name, value } = event.target;
  kept = kept.then(() => keep(name, value));
});

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
