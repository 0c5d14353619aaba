/** How many alerts wait, in the bar of every page, and the list on theirs: fetched anew when a note says so. */

const RETRY = 2000; // ms, where the browser gives up by itself
const parts = document.querySelectorAll("[data-alerts]");

/** @type {EventSource | null} */
let stream = null;

/** A page that nobody sees keeps no connection: a browser has few for one host. */
function follow() {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else if (!stream) {
    stream = new EventSource("/live/alerts");
    stream.onopen = refresh; // what changed while nobody listened
    stream.addEventListener("note", refresh);
    stream.onerror = () => {
      if (stream?.readyState !== EventSource.CLOSED) return;
      stream = null;
      setTimeout(follow, RETRY);
    };
  }
}

async function refresh() {
  for (const part of parts) {
    const answer = await fetch(`/alerts/${part.dataset.alerts}`, { redirect: "manual" }).catch(() => null);
    if (answer?.status !== 200 || part.contains(document.activeElement)) continue; // nobody loses the button they are on
    part.innerHTML = await answer.text();
  }
}

document.addEventListener("visibilitychange", follow);
follow();
