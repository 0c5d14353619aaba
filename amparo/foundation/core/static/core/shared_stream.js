/** One live stream for all pages of this browser: a browser opens six connections to one host, and a page that finds
 * them all taken waits. The stream stays open in one page, hidden or not, which hands its notifications to the others.
 * Notifications say what changed and carry no data. */

const ADDRESS = "/live/pages";
const RETRY = 2000; // ms; for when the browser stops reconnecting
const EVERYTHING = "everything";

const pages = new BroadcastChannel("amparo-stream"); // all pages of this browser
const readers = new Set();
let isFollowed = false;
let isLost = false; // the stream, and what came meanwhile
let heardAt = 0; // ms; when the last notification came to this page by the stream

/** Run `work` in one page of this browser at a time; when it ends, another may. @param {string} name
 * @param {() => Promise<void>} work */
export function alone(name, work) {
  if (navigator.locks) navigator.locks.request(name, work);
  else work();
}

/** Call `react` with each notification of `topics`, or of all where that is null; with "everything" at first, when anything
 * changed while the page was loading, and when the stream opens again; with "" when it is lost. A page that nobody sees
 * reacts once it is seen again.
 * @param {string[] | null} topics @param {(note: string) => void} react @param {{evenHidden?: boolean, isFresh?: boolean}} [options] `isFresh`: what
 * the page shows was drawn with it, so that nothing is said at first */
export function follow(topics, react, { evenHidden = false, isFresh = false } = {}) {
  let isStale = false;
  const read = (note) => {
    if (topics && note && note !== EVERYTHING && !topics.includes(note.split(" ")[0])) return;
    if (document.hidden && !evenHidden) isStale = true;
    else react(note);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !isStale) return;
    isStale = false;
    react(EVERYTHING);
  });
  readers.add(read);
  if (!isFresh) queueMicrotask(() => read(EVERYTHING));
  if (isFollowed) return;
  isFollowed = true;
  pages.onmessage = ({ data }) => {
    if (!data.began) tell(data);
    else if (heardAt > data.began) pages.postMessage(EVERYTHING);
  };
  share();
  pages.postMessage({ began: performance.timeOrigin }); // the page with the stream may have heard what this one missed
}

/** Read the stream for all pages. When the browser gives it up, queue again: a hidden page, whose timers are slow, lets
 * another go first. */
function share() {
  alone("amparo-stream", async () => {
    await listen();
    const again = new Promise((done) => { setTimeout(done, RETRY); });
    again.then(share);
    if (!document.hidden) await again;
  });
}

/** Resolves when the browser gives the stream up. @returns {Promise<void>} */
function listen() {
  const announce = (note) => {
    if (note) heardAt = Date.now();
    pages.postMessage(note);
    tell(note);
  };
  const stream = new EventSource(`${ADDRESS}?since=${document.body.dataset.drawn ?? ""}`);
  stream.onopen = () => { if (isLost) announce(EVERYTHING); }; // what changed while nobody listened
  stream.addEventListener("note", (event) => announce(event.data));
  return new Promise((done) => {
    stream.onerror = () => {
      announce("");
      if (stream.readyState === EventSource.CLOSED) done();
    };
  });
}

/** @param {string} note */
function tell(note) {
  isLost = !note;
  for (const read of readers) read(note);
}
