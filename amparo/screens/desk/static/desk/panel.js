/** The panel beside the notes of a call or a chat. Each tab is a frame with a page of the room it belongs to, so nothing that happens there
 * touches the notes, the bar or the voice. A tab keeps its page while the contact stays. A key shows its tab and leaves
 * the cursor in the notes; the same key again moves the cursor into the tab, and Esc brings it back. Keys that are pressed
 * while the cursor waits for a page of the tab are kept, and go to that page. */

import { prepare } from "./dialling.js";
import { goBack, hear, letGo } from "./keys.js";
import { suggest } from "./suggestions.js";

const START = "/console/panel/"; // of the pages that only lead on, or offer to open a case
const CONSOLE = "/console";
const NARROW = matchMedia("(max-width: 56rem)"); // notes and tab one at a time
/** Where the cursor goes in a tab: the first of these that its page has. */
const FIRST = [
  "#question input[type=number]", "#question", "[data-first]", "main input[name=ubigeo]", "main .button[data-kind=first]", "main h1",
];
const SIGNS = "form#answers"; // the list of all signs
const PATIENCE = 20_000; // ms to wait for a page
const WRITES = "textarea, select, input:not([type=radio], [type=checkbox])";
const GUIDE = "guide"; // the tab without a frame

/** @type {Map<string, HTMLIFrameElement>} */
const frames = new Map();
let shown = GUIDE;
let contact = "";
/** The suggested signs that were pressed, until their page is there. @type {string[]} */
let signs = [];
/** The tab whose next page the cursor waits for; null: none. @type {HTMLIFrameElement | null} */
let awaited = null;
/** Keys pressed meanwhile. @type {string[]} */
let meanwhile = [];
let timer = 0;

/** Start. */
export function keepPanel() {
  document.addEventListener("click", choose);
  document.addEventListener("keydown", keep, { capture: true });
  document.addEventListener("focusin", giveUp);
  document.addEventListener("amparo:framed", (event) => {
    for (const frame of frames.values()) if (frame.name === event.detail) arrive(frame);
  });
}

/** The parts of the console were drawn: another contact has an empty panel. */
export function panelDrawn() {
  const now = document.querySelector("[data-tabs]")?.dataset.tabs ?? "";
  if (now !== contact) {
    for (const frame of frames.values()) frame.remove();
    frames.clear();
    shown = GUIDE;
  }
  contact = now;
  mark();
  suggest();
}

/** Where there is room for one, the notes take the place of the tab again. */
export function rest() {
  if (!document.querySelector(".notes textarea")?.checkVisibility()) show(GUIDE);
}

/** @param {MouseEvent} event */
function choose(event) {
  const suggested = event.target.closest("[data-suggestions] a");
  const tab = event.target.closest("a[data-tab]");
  if (!(tab || suggested) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (suggested) return follow(suggested);
  const name = tab.dataset.tab;
  if (name === "notes") return goBack();
  const isByKey = event.detail === 0;
  if (name === shown && isByKey) return enter();
  if (name !== GUIDE) load(name, tab);
  show(name);
  if (NARROW.matches && isByKey) enter();
}

/** Open the page of a suggestion in its tab. @param {HTMLAnchorElement} link */
function follow(link) {
  const name = link.dataset.sign ? "screening" : "articles";
  load(name, document.querySelector(`[data-tab=${name}]`));
  show(name);
  if (link.dataset.sign) signs.push(link.dataset.sign);
  const frame = frames.get(name);
  if (link.dataset.sign && frame.contentDocument?.querySelector(SIGNS)) return tick(frame);
  frame.removeAttribute("data-ready");
  frame.src = link.href;
}

/** Tick the signs that were pressed, where the list of signs is ready. What is answered already is only shown.
 * @param {HTMLIFrameElement} frame */
function tick(frame) {
  const list = frame.contentDocument.querySelector(SIGNS);
  if (!list || !signs.length) return;
  if (!("ready" in list.dataset)) return list.addEventListener("answers:ready", () => tick(frame), { once: true });
  for (const sign of signs.splice(0)) {
    const of = (value) => list.querySelector(`[name="${sign}"][value=${value}]`);
    const row = of("yes")?.closest("fieldset"), group = row?.closest("details");
    if (!row) continue;
    if (group) Object.assign(group, { open: true, hidden: false });
    row.hidden = false; // a filter may have hidden it, and its group
    row.scrollIntoView({ block: "center" });
    clearTheBar(frame.getBoundingClientRect().top + row.getBoundingClientRect().bottom);
    if (of("not_asked").checked) of("yes").click();
  }
}

/** Scroll on if this lies under the call bar, which covers much of a telephone. @param {number} bottom in the window */
function clearTheBar(bottom) {
  const bar = document.querySelector(".call-bar");
  if (bar) scrollBy(0, Math.max(0, bottom - bar.getBoundingClientRect().top + 8));
}

/** Open the page of a tab, unless it is open already. A page that only offers to open a case is read again.
 * @param {string} name @param {HTMLAnchorElement} tab */
function load(name, tab) {
  let frame = frames.get(name);
  if (!frame) {
    frame = Object.assign(document.createElement("iframe"), { name: `panel-${name}`, className: "tab-frame" });
    frame.title = tab.querySelector("span").textContent;
    frame.src = tab.href;
    frames.set(name, frame);
    frame.dataset.start = tab.href;
    document.querySelector(".guide").append(frame);
  } else if (frame.contentWindow.location.pathname.startsWith(START)) {
    frame.removeAttribute("data-ready"); // the same key again waits for the new page
    frame.contentWindow.location.reload();
  }
}

/** @param {string} name */
function show(name) {
  if (name !== shown) {
    giveUp();
    signs = [];
  }
  shown = name;
  mark();
}

/** Show which tab is chosen, also after the tabs were drawn anew. */
function mark() {
  document.body.dataset.tab = shown;
  for (const tab of document.querySelectorAll("a[data-tab]")) {
    if (tab.dataset.tab === shown) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  for (const [name, frame] of frames) frame.hidden = name !== shown;
}

/** Move the cursor into the tab: to its question or field, or to the page. If its page is on its way, wait for it. */
function enter() {
  const frame = frames.get(shown);
  if (!frame) return;
  if (!("ready" in frame.dataset)) return wait(frame);
  const page = frame.contentDocument;
  frame.contentWindow.focus();
  const target = FIRST.map((place) => page.querySelector(place)).find(Boolean) ?? page.body;
  if (target.matches("h1, h2")) target.tabIndex = -1;
  target.focus();
}

/** The next page of this tab gets the cursor, and the keys until then. @param {HTMLIFrameElement} frame */
function wait(frame) {
  clearTimeout(timer);
  timer = setTimeout(giveUp, PATIENCE);
  awaited = frame;
  meanwhile = [];
  window.focus();
  document.activeElement?.blur(); // a letter must not fall into the notes
}

/** The cursor went elsewhere. */
function giveUp() {
  awaited = null;
  meanwhile = [];
}

/** @param {KeyboardEvent} event */
function keep(event) {
  if (!awaited) return;
  if (event.ctrlKey || event.altKey || event.metaKey || !(event.key.length === 1 || event.key === "Enter")) return;
  meanwhile.push(event.key);
  event.preventDefault();
  event.stopPropagation();
}

/** Press a kept key where the cursor is in a page: its own listeners first, then what a browser does with it.
 * @param {Document} page @param {string} key */
function press(page, key) {
  const target = page.activeElement ?? page.body;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  if (!target.dispatchEvent(event)) return;
  if (key === " " && target.matches("button, [type=radio], [type=checkbox]")) target.click();
  else if (key === "Enter" && target.matches("input")) target.form?.requestSubmit();
  else if (key === "Enter" && !target.matches("textarea")) target.click();
  else if (target.matches(WRITES) && !target.matches("select")) {
    target.value += key === "Enter" ? "\n" : key;
    target.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

/** A page stands in a tab (shell.js says so before it is painted): it gets the keys of the console, and no bar of its
 * own. The cursor stays where it was, unless it waits for this page. @param {HTMLIFrameElement} frame */
function arrive(frame) {
  const page = frame.contentDocument;
  const where = frame.contentWindow.location;
  if ([location.pathname, CONSOLE].includes(where.pathname)) return where.replace(frame.dataset.start); // the console never stands in itself
  page.body.dataset.panel = "";
  page.body.dataset.keepsAwake = "";
  frame.dataset.ready = "";
  page.addEventListener("keydown", (event) => (event.key === "Escape" ? goBack() : hear(event)));
  page.addEventListener("keyup", letGo);
  frame.contentWindow.addEventListener("submit", (event) => leave(frame, event));
  page.addEventListener("click", prepare);
  frame.contentWindow.addEventListener("click", (event) => event.target.closest("a[href]") && leave(frame, event));
  frame.contentWindow.addEventListener("pagehide", () => frame.removeAttribute("data-ready"));
  if (frame.name === "panel-screening") tick(frame);
  if (awaited !== frame) return;
  const kept = meanwhile;
  giveUp();
  enter();
  for (const key of kept) awaited ? meanwhile.push(key) : press(page, key); // one of them may lead to the next page
}

/** A link or a form leads from this page to another: the cursor waits for that one.
 * @param {HTMLIFrameElement} frame @param {any} event of a click or a form */
function leave(frame, event) {
  const to = event.target.closest("a[href], form");
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (event.defaultPrevented || !isPlain || (to.target && to.target !== "_self") || to.hasAttribute("download")) return;
  if (to.href && !/^https?:/.test(to.href)) return; // tel:, and no page
  if (to.hash && to.pathname === frame.contentWindow.location.pathname) return;
  if (document.activeElement === frame) wait(frame);
}
