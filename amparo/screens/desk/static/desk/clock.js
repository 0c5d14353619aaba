/** Running clocks: every <time data-since> shows the time elapsed, by the server's clock. What has `data-late-from` gets
 * `data-late` at that time. */

// ms between this machine's clock, which may be wrong, and the server's
const ahead = Date.parse(document.body.dataset.now) - Date.now();

export function startClocks() {
  tick();
  setInterval(tick, 250);
}

export function tick() {
  const now = Date.now() + ahead;
  for (const each of document.querySelectorAll("[data-late-from]")) {
    each.toggleAttribute("data-late", now >= Date.parse(each.dataset.lateFrom));
  }
  for (const time of document.querySelectorAll("time[data-since]")) {
    const text = shapes[time.dataset.shape](Math.max(0, Math.floor((now - Date.parse(time.dataset.since)) / 1000)));
    if (time.textContent !== text) time.textContent = text;
  }
}

const two = (number) => String(number).padStart(2, "0");

const shapes = {
  /** 0:48 in a list */
  clock: (s) => (s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`),
  /** 00:48 in the call bar */
  long: (s) => (s < 3600 ? `${two(Math.floor(s / 60))}:${two(s % 60)}` : shapes.clock(s)),
  /** 6 s on a ring card */
  seconds: (s) => `${s} s`,
};
