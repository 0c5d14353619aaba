/** The bar of every page: its menus close when something in them was chosen, the theme changes without a reload, Ctrl K
 * opens the search, Ctrl Enter sends what one writes, and `?` is the manual where the page has no list of keys. */

import { openPalette } from "./palette.js";

if (window !== top) parent.document.dispatchEvent(new CustomEvent("amparo:framed", { detail: window.name })); // panel.js

document.querySelector("[data-palette]")?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPalette();
});
document.addEventListener("keydown", (event) => {
  if (window !== top) return; // the console hears the keys of a page beside it
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyK" && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    openPalette();
  } else if (event.key === "?" && !document.querySelector("#keys") && !event.target.matches?.("input, textarea, select")) {
    document.querySelector("[data-help]")?.click();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest?.("form[data-sends]")?.requestSubmit();
});
document.querySelector("[data-prints]")?.addEventListener("click", () => print());

document.addEventListener("click", ({ target }) => target.closest("a, .menu-list button")?.closest(".menu-list")?.hidePopover());
for (const choice of document.querySelectorAll("[data-theme-choice]")) choice.addEventListener("click", choose);

// After a form, the focus goes to the page's `autofocus`, or else to the `#place` of its address, or else to its heading.
const [arrival] = performance.getEntriesByType("navigation");
if (window === top && (arrival?.redirectCount || "answers" in document.body.dataset)) begin();

function begin() {
  if (document.activeElement !== document.body) return; // the person or a script of the page has already placed it
  if ([...document.querySelectorAll("[autofocus]")].some((it) => it.checkVisibility())) return;
  const place = document.getElementById(location.hash.slice(1)) ?? document.querySelector("h1");
  if (place?.tabIndex < 0) place.tabIndex = -1; // now it takes the focus
  place?.focus({ preventScroll: true });
}

/** @param {MouseEvent} event */
function choose(event) {
  event.preventDefault();
  const choice = event.currentTarget;
  const theme = choice.dataset.themeChoice;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const each of choice.parentElement.children) each.removeAttribute("aria-current");
  choice.setAttribute("aria-current", "true");
  fetch(choice.href).catch(() => null); // without a network the theme lasts until the page is left
}
