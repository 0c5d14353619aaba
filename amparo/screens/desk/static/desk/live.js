/** The page's live stream. Notifications say what changed and carry no data. */

import { notice } from "./asking.js";

const RETRY = 2000; // ms; for when the browser stops reconnecting

/** Dispatch `amparo:note` on the document for each notification, which is its detail. The server says "everything" at first
 * if anything changed since it drew the page. @param {boolean} [wasAway] whether an earlier stream was lost */
export function follow(wasAway = false) {
  const stream = new EventSource(`/live/console?since=${document.body.dataset.drawn}`);
  stream.addEventListener("note", (event) => tell(event.data));
  stream.onopen = () => {
    if (!wasAway) return;
    wasAway = false;
    notice("");
    tell("everything"); // announces what changed while nobody listened
  };
  stream.onerror = () => {
    wasAway = true;
    notice(document.body.dataset.away);
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => follow(true), RETRY);
  };
}

/** @param {string} note */
function tell(note) {
  document.dispatchEvent(new CustomEvent("amparo:note", { detail: note }));
}
