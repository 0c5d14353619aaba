/**
 * The lock over a desk that was left: 15 minutes without a hand, or the button. The page stays as it is below, with
 * its words and its call; it only cannot be seen or used until the same person shows that it is they. While a call goes
 * on (`data-keeps-awake`) the desk does not lock by itself: an operator who listens touches nothing.
 */

const IDLE = 15 * 60_000; // ms; the server counts the same (standing.py)
const TELL = 60_000; // ms: how often the server hears that a hand was there
const LOOK = 5_000; // ms
const HANDS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];
const dialog = document.querySelector("#lock");
const tabs = new BroadcastChannel("amparo-lock"); // all tabs of this browser are one desk

let touched = Date.now();
let announced = Date.now();

for (const name of HANDS) addEventListener(name, touch, { capture: true, passive: true });
setInterval(look, LOOK);
document.addEventListener("visibilitychange", look); // a machine that slept wakes up locked

tabs.onmessage = ({ data }) => {
  if (data === "touched") touched = Date.now();
  else if (data === "locked") cover();
  else uncover();
};

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-locks]")) {
    event.preventDefault();
    lock();
  } else if (dialog.contains(event.target)) {
    event.preventDefault();
    prove(/** @type {HTMLFormElement} */ (event.target));
  }
});

// The keys of the page below listen on the document; none of them may hear what is pressed over it.
dialog.addEventListener("keydown", (event) => event.stopPropagation());
addEventListener("keydown", (event) => {
  if (dialog.open && !dialog.contains(event.target)) event.stopImmediatePropagation();
}, { capture: true });
dialog.addEventListener("cancel", (event) => event.preventDefault());
dialog.addEventListener("close", () => {
  if (dialog.hasAttribute("data-locked")) dialog.showModal();
});

function touch() {
  const now = Date.now();
  if (now - touched > IDLE) return look(); // a hand that comes too late finds the desk locked
  if (now - touched > LOOK) tabs.postMessage("touched");
  touched = now;
}

function look() {
  if (dialog.open) return;
  const now = Date.now();
  if (document.querySelector("[data-keeps-awake]")) touched = now;
  if (now - touched > IDLE) lock();
  else if (touched > announced && now - announced > TELL) tell();
}

document.addEventListener("amparo:note", async () => {
  const where = document.body.dataset.ringing;
  if (!dialog.open || !where) return;
  const reply = await fetch(where, { redirect: "manual" }).catch(() => null);
  dialog.querySelector(".rings").textContent = reply?.status === 200 ? await reply.text() : "";
});

async function tell() {
  announced = Date.now();
  const reply = await post("/awake").catch(() => null);
  if (reply?.status === 403) cover(reply.headers.get("X-Session-State"));
}

function lock() {
  cover();
  tabs.postMessage("locked");
  post("/lock").catch(() => {}); // without network the server locks by its own clock
}

/** @param {string | null} state "expired": the sign-in has ended, and this page cannot renew it */
function cover(state = "locked") {
  const shown = state === "expired" ? "over" : "locked";
  for (const part of dialog.querySelectorAll("[data-shown]")) part.hidden = part.dataset.shown !== shown;
  dialog.dataset.locked = "";
  if (!dialog.open) dialog.showModal();
}

function uncover() {
  dialog.removeAttribute("data-locked");
  if (dialog.open) dialog.close();
  touched = announced = Date.now();
  dialog.querySelector(".rings").textContent = "";
  for (const form of dialog.querySelectorAll("form")) form.reset();
  document.dispatchEvent(new CustomEvent("amparo:note", { detail: "everything" })); // what changed meanwhile
}

/** @param {HTMLFormElement} form */
async function prove(form) {
  const body = new URLSearchParams(new FormData(form));
  if (form.dataset.passkey) {
    const { answer } = await import("./passkey.js"); // few pages need it
    const credential = await answer(form);
    if (!credential) return;
    body.set("credential", credential);
  }
  const reply = await post("/prove", body).catch(() => null);
  if (reply?.status === 204) {
    uncover();
    tabs.postMessage("open");
  } else if (reply?.headers.get("X-Session-State") === "expired") cover("expired");
  else form.querySelector(".says").textContent = reply ? await reply.text() : dialog.dataset.away;
}

/** @param {string} url @param {URLSearchParams} body */
function post(url, body = new URLSearchParams()) {
  body.set("csrfmiddlewaretoken", dialog.querySelector("[name=csrfmiddlewaretoken]").value);
  return fetch(url, { method: "POST", body, redirect: "manual" });
}
