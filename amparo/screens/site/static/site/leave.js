/** Quick exit: Esc three times, or the plain link. The public pages share one history entry, and the cover takes it:
 * Back leads to where the person was before. */

const COVER = "/cover";
const THRICE = 1500; // ms

let pressed = [];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const now = performance.now();
  pressed = [...pressed.filter((at) => now - at < THRICE), now];
  if (pressed.length >= 3) leave();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.pathname === COVER) leave();
  else location.replace(link.href);
});

// A page from the browser's back-forward cache must not reappear.
addEventListener("pagehide", blank);

function leave() {
  blank(); // at once, however slow the network is
  dispatchEvent(new Event("leave"));
  location.replace(COVER);
}

function blank() {
  document.body.replaceChildren();
}
