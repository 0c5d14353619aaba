/** While somebody guesses codes, a form with a code does proof of work first. Without script the page says what else
 * to do. */

import { search } from "./work.js";

const PATIENCE = 60_000; // ms; longer than for a call, because nothing goes on here without it

for (const form of document.querySelectorAll("form[data-bits]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const moment = form.querySelector(".moment"), challenge = form.elements.challenge.value;
    moment.textContent = moment.dataset.moment;
    form.querySelector("button").disabled = true;
    const value = await search(`${challenge}.`, Number(form.dataset.bits), PATIENCE);
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "found", value: value ?? "" }));
    form.submit();
  });
}
