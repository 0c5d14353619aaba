/** The wallboard: its part is fetched again at each notification, and every half minute because time passes too. */

import { follow } from "/static/core/shared_stream.js";
import { startClocks, tick } from "/static/desk/clock.js";

const PAUSE = 500; // ms between two fetches; a busy line sends many notifications
const EVERY = 30000; // ms

const part = document.querySelector("[data-board]");
const away = document.querySelector("[data-away]");
let isFetching = false;
let isStale = false;

startClocks();
follow(null, (note) => {
  if (note) refresh();
  else away.hidden = false;
});
setInterval(refresh, EVERY);

async function refresh() {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  while (isStale) {
    isStale = false;
    const answer = await fetch(part.dataset.board, { redirect: "manual" }).catch(() => null);
    away.hidden = answer?.status === 200;
    if (answer?.status === 200) draw(await answer.text());
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  isFetching = false;
}

/** Draw the part, and leave the focus on the same link. What somebody types or chooses is left as it is. @param {string} html */
function draw(html) {
  if (part.querySelector("form:focus-within")) return;
  const link = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.innerHTML = html;
  tick();
  if (link) part.querySelector(`[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
}
