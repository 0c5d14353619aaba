/** The wallboard: its part is fetched again at each notification, and every half minute because time passes too. */

import { follow } from "../core/shared_stream.js";
import { startClocks, tick } from "../desk/clock.js";

const PAUSE = 500; // ms between two fetches; a busy line sends many notifications
const EVERY = 30000; // ms

const part = document.querySelector("[data-board]");
const away = document.querySelector("[data-away]");
let isFetching = false;
let isStale = false;

startClocks();
follow(null, (note) => {
  if (note) refresh();
  else away.hidden = false;
}, { isFresh: true });
setInterval(refresh, EVERY);

async function refresh() {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  while (isStale) {
    isStale = false;
    const answer = await fetch(part.dataset.board, { redirect: "manual" }).catch(() => null);
    away.hidden = answer?.status === 200;
    if (answer?.status === 200) draw(await answer.text());
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  isFetching = false;
}

/** Draw the part, and leave the focus on the same link or form. What somebody types or chooses is left as it is. @param {string} html */
function draw(html) {
  const drawn = document.createElement("div");
  drawn.innerHTML = html;
  for (const field of part.querySelectorAll("select[id], input[id]:not([type=hidden])")) {
    const same = drawn.querySelector(`#${CSS.escape(field.id)}`);
    if (same) same.value = field.value;
  }
  const form = part.querySelector("form:focus-within");
  const same = form && [...drawn.querySelectorAll("form")].find((each) => purpose(each) === purpose(form));
  if (same) return drawAround(form, same);
  const link = part.contains(document.activeElement) ? document.activeElement.closest("a[href]") : null;
  const place = link ? linksLike(link, part).indexOf(link) : -1;
  const next = link ? linksLike(link, drawn) : [];
  part.replaceChildren(...drawn.childNodes);
  tick();
  (next.find((each) => name(each) === name(link)) ?? next[place] ?? next[0])?.focus({ preventScroll: true });
}

/** Links to the same page. @param {Element} link @param {Element} within @returns {HTMLElement[]} */
function linksLike(link, within) {
  return [...within.querySelectorAll(`a[href="${CSS.escape(link.getAttribute("href"))}"]`)];
}

/** What a link is called, without the clocks in it. @param {Element} link */
function name(link) {
  const copy = /** @type {Element} */ (link.cloneNode(true));
  for (const clock of copy.querySelectorAll("time")) clock.remove();
  return copy.textContent;
}

/** @param {HTMLFormElement} form */
function purpose(form) {
  const alert = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=alert]"));
  return `${form.getAttribute("action")} ${form.querySelector("button").textContent} ${alert?.value ?? ""}`;
}

/** Draw all but the form in use: moving it would close its list and end the typing. @param {Element} form @param {Element} same */
function drawAround(form, same) {
  for (let [old, now] = [form, same]; old !== part; [old, now] = [old.parentElement, now.parentElement]) {
    const around = [...now.parentElement.childNodes];
    for (const each of [...old.parentElement.childNodes]) if (each !== old) each.remove();
    old.before(...around.slice(0, around.indexOf(now)));
    old.after(...around.slice(around.indexOf(now) + 1));
  }
  tick();
}
