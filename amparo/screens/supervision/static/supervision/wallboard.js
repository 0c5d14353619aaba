/** The wallboard: its part is fetched again at each notification, and every half minute because time passes too. */

import { startClocks, tick } from "/static/desk/clock.js";

const RETRY = 2000; // ms; for when the browser stops reconnecting
const PAUSE = 500; // ms between two fetches; a busy line sends many notifications
const EVERY = 30000; // ms

const part = document.querySelector("[data-board]");
const away = document.querySelector("[data-away]");
let isFetching = false;
let isStale = false;

startClocks();
follow();
setInterval(refresh, EVERY);

function follow() {
  const stream = new EventSource("/live/wallboard");
  stream.onopen = refresh; // fetches what changed while nobody listened
  stream.addEventListener("note", refresh);
  stream.onerror = () => {
    away.hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, RETRY);
  };
}

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

/** Draw the part, and leave the focus on the same link. @param {string} html */
function draw(html) {
  const link = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.innerHTML = html;
  tick();
  if (link) part.querySelector(`[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
}
