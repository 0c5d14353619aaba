/** Each tick is kept at once, and what is known and missing follows it. */

const form = document.getElementById("answers");

let kept = Promise.resolve(); // whoever ticks fast is answered in the order in which they ticked

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

/** Drawn anew by every answer. */
function standing() {
  return document.getElementById("standing");
}

/** What was not kept is said, and the tick stays as it was pressed. @param {HTMLElement} standing @param {string} why */
function refuse(standing, why) {
  let said = standing.querySelector("[role=alert]");
  if (!said) {
    said = document.createElement("p");
    said.className = "banner";
    said.dataset.tone = "wait";
    said.setAttribute("role", "alert");
    standing.prepend(said);
  }
  said.textContent = why || form.dataset.away;
}
