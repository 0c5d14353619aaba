/** Starting a chat, or returning to one. A moment of proof of work puts visitors before robots; without it they come
 * later. */

import { work } from "./work.js";

const begin = document.querySelector("#begin");

// Sending a form adds a history entry. Put the cover's address into the entry of this page first.
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
