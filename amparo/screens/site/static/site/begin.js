/** Somebody begins to write, or comes back. A moment's work puts them before robots; without it they come later. */

import { work } from "./work.js";

const begin = document.querySelector("#begin");

// What is sent takes a new place in the history: this page leaves the cover's address in its own.
document.addEventListener("submit", () => history.replaceState(null, "", "/cover"));

begin.addEventListener("submit", async (event) => {
  event.preventDefault();
  const moment = begin.querySelector(".moment");
  moment.textContent = moment.dataset.moment;
  begin.querySelector("button").disabled = true;
  for (const [name, value] of Object.entries(await work())) {
    begin.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  begin.submit();
});
