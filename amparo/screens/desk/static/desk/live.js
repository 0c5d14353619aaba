/** The page's live stream. Notifications say what changed and carry no data. */

import { notice } from "./asking.js";

const RETRY = 2000; // ms; for when the browser stops reconnecting

/** Dispatch `amparo:note` on the document for each notification, which is its detail. */
export function follow() {
  const stream = new EventSource("/live/console");
  let wasAway = false;
  stream.addEventListener("note", (event) => tell(event.data));
  stream.onopen = () => {
    if (wasAway) notice("");
    wasAway = false;
    tell("everything"); // announces what changed while nobody listened
  };
  stream.onerror = () => {
    wasAway = true;
    notice(document.body.dataset.away);
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, RETRY);
  };
}

/** @param {string} note */
function tell(note) {
  document.dispatchEvent(new CustomEvent("amparo:note", { detail: note }));
}
