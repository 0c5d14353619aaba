/** How many alerts wait, in the bar of every page, and the list on theirs: fetched anew when a note says so. */

import { follow } from "../core/shared_stream.js";

const parts = document.querySelectorAll("[data-alerts]");

follow(["alert"], (note) => { if (note) refresh(); }, { isFresh: true });

async function refresh() {
  for (const part of parts) {
    const answer = await fetch(`/alerts/${part.dataset.alerts}`, { redirect: "manual" }).catch(() => null);
    if (answer?.status !== 200 || part.contains(document.activeElement)) continue; // nobody loses the button they are on
    part.innerHTML = await answer.text();
  }
}
