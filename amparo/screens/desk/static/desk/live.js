/** The one live stream of the page. It carries notes of what changed, never what it says. */

import { notice } from "./asking.js";

const RETRY = 2000; // ms, where the browser gives up by itself

/** Dispatches `amparo:note` on the document, with the note as detail. */
export function follow() {
  const stream = new EventSource("/live/console");
  let wasAway = false;
  stream.addEventListener("note", (event) => tell(event.data));
  stream.onopen = () => {
    if (wasAway) notice("");
    wasAway = false;
    tell("everything"); // what changed while nobody listened
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
