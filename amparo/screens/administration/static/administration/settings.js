/** Each setting saves itself when it was changed. What the server answers replaces the list of changes and what can be undone; a
 * refusal stands beside the field. Nothing else on the page moves. Without this script, each setting has its own button. */

for (const form of document.querySelectorAll(".settings form")) {
  const field = form.querySelector("[name=value]");
  field.addEventListener("change", () => form.requestSubmit());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form, field);
  });
}

/** @param {HTMLFormElement} form @param {HTMLInputElement | HTMLSelectElement} field */
async function save(form, field) {
  if (field.value === field.dataset.saved) return;
  const sent = field.value;
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  } catch {
    form.submit(); // the browser's own page says that the network is away
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("#state")) {
    form.submit(); // the sign-in has ended: let the server say it
    return;
  }
  const refused = form.parentElement.querySelector(".refused");
  refused.textContent = answer.ok ? "" : page.querySelector(".error-summary p").textContent;
  field.setAttribute("aria-invalid", String(!answer.ok));
  if (!answer.ok) return;
  field.dataset.saved = sent;
  const parts = "#state, #changed, #answers details > div";
  const anew = page.querySelectorAll(parts);
  document.querySelectorAll(parts).forEach((part, place) => part.replaceChildren(...anew[place].childNodes));
  document.querySelector("#state .saved").hidden = false;
}
