/** While many codes are guessed, a form that sends one does some work first; without it the page says what else to do. */

import { search } from "./work.js";

const PATIENCE = 60_000; // ms; longer than for a call: here nothing goes on without it

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
