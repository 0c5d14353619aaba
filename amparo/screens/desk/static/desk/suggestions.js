/** What the words in the notes suggest, below the tabs: articles, signs of screening, and the place. The page has the
 * words to look for, so what is typed is compared here and asked of nobody. Nothing is read out and nothing moves: who is
 * busy does not notice. A suggestion does nothing until it is pressed; panel.js then ticks the sign or opens the article. */

import { placesIn, signsIn, wordsOf } from "./notes.js";

const AT_MOST = 3; // of each kind
const PAUSE = 400; // ms without a key
const SHORTEST = 3; // letters of a keyword; shorter ones say nothing: "129-A"
const SAME = 7; // letters; of a keyword that is shorter, only the last letter may differ

const NOTHING = { signs: [], places: null };

let timer = 0;
/** @type {Promise<{ signs: any[], places: any }> | null} asked for once, when there are notes */
let vocabulary = null;
/** @type {Set<string>} contact and sign, pressed on this page */
const pressed = new Set();
let walkedTo = ""; // the words of the suggestion that has the cursor

document.addEventListener("focusin", ({ target }) => {
  walkedTo = target.closest("[data-suggestions]") ? target.textContent : "";
});
document.addEventListener("focusout", ({ target }) => queueMicrotask(() => {
  const isThere = document.activeElement?.closest("[data-suggestions]");
  if (target.checkVisibility() && !isThere) walkedTo = ""; // it was not redrawn: the person moved the focus away
}));

document.addEventListener("input", (event) => {
  if (event.target.id !== "id_notes") return;
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE);
});
document.addEventListener("change", (event) => event.target.name === "place" && suggest());
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-suggestions]")) event.preventDefault(); // the cursor stays in the notes
});
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-suggestions] :is(a, button)");
  if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { place, sign } = chosen.dataset;
  if (place) setPlace(place);
  if (sign) pressed.add(`${contact()} ${sign}`);
  const field = document.querySelector("#id_notes");
  if (field.checkVisibility()) field.focus(); // it was there, or came by key
  setTimeout(suggest); // panel.js reads the pressed link first
});

/** Show what fits the notes best, also after the tabs were drawn anew. */
export async function suggest() {
  suggestArticles(notes());
  rest();
  const { signs, places } = notes().trim() && document.querySelector("[data-suggestions]") ? await learn() : NOTHING;
  const words = wordsOf(notes());
  suggestSigns(signsIn(words, signs).filter(({ key }) => !pressed.has(`${contact()} ${key}`)));
  suggestPlaces(!places || placeField()?.value ? [] : placesIn(words, places));
  rest();
  giveCursorBack();
}

/** Return the focus to the same suggestion. Saved notes redraw the guide and its suggestions, which removes the focused link. */
function giveCursorBack() {
  if (!walkedTo || document.activeElement !== document.body) return;
  const offered = [...document.querySelectorAll("[data-suggestions] :is(a:not([hidden]), button)")];
  (offered.find((each) => each.textContent === walkedTo) ?? offered[0] ?? document.querySelector("#id_notes"))?.focus();
}

/** Read the words to look for. They are the same for everybody, and say nothing of this contact. */
async function learn() {
  vocabulary ??= fetch(document.querySelector("[data-suggestions]").dataset.suggestions).then((answer) => answer.json());
  return vocabulary.catch(() => {
    vocabulary = null; // no network: the next pause asks again
    return NOTHING;
  });
}

/** @param {string} text */
function suggestArticles(text) {
  const noted = wordsOf(text).map((word) => word.plain);
  const links = [...document.querySelectorAll("[data-suggested=articles] a")].map((link) => {
    return { link, number: matches(wordsOf(link.dataset.words).map((word) => word.plain), noted) };
  });
  const best = links.filter(({ number }) => number).sort((a, b) => b.number - a.number).slice(0, AT_MOST);
  for (const { link } of links) link.hidden = !best.some((each) => each.link === link);
}

/** @param {{ key: string, label: string }[]} signs */
function suggestSigns(signs) {
  const group = document.querySelector("[data-suggested=signs]");
  fill("signs", signs.map(({ key, label }) => {
    const link = Object.assign(document.createElement("a"), { href: group.dataset.page, target: "_blank", textContent: label });
    link.dataset.sign = key;
    return link;
  }));
}

/** @param {[string, string][]} places */
function suggestPlaces(places) {
  fill("places", places.map(([, label]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    button.dataset.place = label;
    return button;
  }));
}

/** Replace what is suggested, unless it is the same. @param {string} kind @param {HTMLElement[]} found */
function fill(kind, found) {
  const place = document.querySelector(`[data-suggested=${kind}] > span:last-child`);
  const [now, best] = [place?.textContent, found.slice(0, AT_MOST)];
  if (place && now !== best.map((each) => each.textContent).join("")) place.replaceChildren(...best);
}

/** Hide what has nothing to say. */
function rest() {
  for (const group of document.querySelectorAll("[data-suggested]")) group.hidden = !group.querySelector("a:not([hidden]), button");
  const all = document.querySelector("[data-suggestions]");
  if (all) all.hidden = !all.querySelector("[data-suggested]:not([hidden])");
}

/** Write the place as if it had been typed: the draft saves it. @param {string} label */
function setPlace(label) {
  const field = placeField();
  field.value = label;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @returns {HTMLInputElement | null} */
function placeField() {
  return document.querySelector("#conversation [name=place]");
}

function notes() {
  return document.querySelector("#id_notes")?.value ?? "";
}

function contact() {
  return document.querySelector("[data-tabs]")?.dataset.tabs ?? "";
}

/** How many keywords stand in the notes, whatever their ending. @param {string[]} keywords @param {string[]} noted */
function matches(keywords, noted) {
  return keywords.filter((keyword) => keyword.length >= SHORTEST).filter((keyword) => {
    const stem = keyword.slice(0, keyword.length < SAME ? Math.max(SHORTEST, keyword.length - 1) : -2);
    return noted.some((word) => (keyword.length === SHORTEST ? word === keyword : word.startsWith(stem)));
  }).length;
}
