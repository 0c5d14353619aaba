/** Looking things up during a call. A page loses its connections when it is left. So while this console carries the
 * audio, links and forms open in a frame beside it, above the call bar. The address then ends in `#beside=` with the
 * path of that page, so that a reloaded console opens it again. */

import { goHome } from "./cursor.js";
import { prepare } from "./dialling.js";
import { hear, letGo } from "./keys.js";

const MARK = "#beside=";
const STAYS = ["/sign-out", "/lock"]; // these act on the whole window
const back = document.querySelector("#beside-toggle");

/** @type {HTMLIFrameElement | null} */
let frame = null;
let isTyped = false; // somebody typed in the frame and has not sent it yet
let carries = () => false;

/** Start. @param {() => boolean} whether tells whether this page carries the audio of a call */
export function keep(whether) {
  carries = whether;
  // on the window, so that it runs after all listeners on the document
  addEventListener("click", (event) => follow(event));
  addEventListener("submit", (event) => send(event));
  back.addEventListener("click", toggle);
  if (!location.hash.startsWith(MARK)) return;
  const there = address(location.hash.slice(MARK.length));
  const inCall = document.querySelector("[data-join]");
  if (there?.origin === location.origin && inCall) open().src = there.href;
  else history.replaceState(null, "", location.pathname);
}

/** What the mark names, or null for what is no address. @param {string} written */
function address(written) {
  try {
    return new URL(decodeURIComponent(written), location.origin);
  } catch {
    return null;
  }
}

/** Show the console again. The frame stays behind it if something was typed there. */
export function hide() {
  if (!frame) return;
  if (!isTyped) remove();
  else show("console");
}

/** Close the frame after the call ended, unless something typed there would be lost. */
export function hideIfDone() {
  if (!isTyped) remove();
}

export function toggle() {
  if (!frame) return;
  if (document.body.dataset.shown === "beside") hide();
  else show("beside");
}

/** @param {MouseEvent} event */
function follow(event) {
  const link = event.target.closest("a[href]");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.defaultPrevented || !carries()) return;
  if ((link.target && link.target !== "_self") || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname === location.pathname && link.hash) return;
  event.preventDefault();
  if (link.pathname !== location.pathname) open().src = link.href;
  else if (link.search) speak(link.href);
  else hide();
}

/** Change the language: parts of the page at once, the rest at the next reload. @param {string} href */
async function speak(href) {
  await fetch(href).catch(() => null);
  document.dispatchEvent(new CustomEvent("amparo:note", { detail: "everything" }));
}

/** Send a form to where its answer will be shown. @param {SubmitEvent} event */
function send(event) {
  const form = event.target;
  if (event.defaultPrevented || form.target || !carries() || STAYS.includes(new URL(form.action).pathname)) return;
  form.target = open().name;
  setTimeout(() => form.removeAttribute("target"));
}

function open() {
  if (!frame) {
    frame = Object.assign(document.createElement("iframe"), { name: "beside", className: "beside" });
    frame.addEventListener("load", arrive);
    document.querySelector("main").after(frame);
  }
  show("beside");
  return frame;
}

function remove() {
  if (!frame) return;
  frame.remove();
  frame = null;
  isTyped = false;
  show("console");
}

/** @param {"beside" | "console"} what */
function show(what) {
  const isBeside = frame !== null && what === "beside";
  document.body.dataset.shown = isBeside ? "beside" : "console";
  back.hidden = !frame;
  back.querySelector("span").textContent = isBeside ? back.dataset.back : back.dataset.again;
  if (isBeside) return frame.focus();
  history.replaceState(null, "", location.pathname);
  goHome();
}

/** A page has loaded in the frame: give it the keys of the console. The console itself never stays in the frame. */
function arrive() {
  const there = frame.contentWindow.location;
  if (there.href === "about:blank") return;
  if (there.pathname === location.pathname) return remove();
  const page = frame.contentDocument;
  isTyped = false;
  frame.title = page.title;
  if (document.body.dataset.shown === "beside") {
    history.replaceState(null, "", `${location.pathname}${MARK}${encodeURIComponent(there.pathname + there.search)}`);
  }
  page.body.dataset.keepsAwake = ""; // somebody who listens touches nothing, and the page must not lock
  page.addEventListener("keydown", hear);
  page.addEventListener("keyup", letGo);
  page.addEventListener("input", () => { isTyped = true; });
  for (const form of page.forms) if (STAYS.includes(new URL(form.action).pathname)) form.target = "_top";
  page.addEventListener("click", prepare);
  page.addEventListener("click", (event) => leave(event));
}

/** Links to the console show it. Without audio, a link leaves the frame. @param {MouseEvent} event in the frame */
function leave(event) {
  const link = event.target.closest("a[href]");
  if (!link || link.target || event.defaultPrevented) return;
  if (link.pathname === location.pathname && !link.search) {
    event.preventDefault();
    hide();
  } else if (!carries()) link.target = "_top";
}
