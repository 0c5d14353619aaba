/** The search of every page (Ctrl K). What can be done on this screen is found here; everything else by the server,
 * which knows what this person may open. A code (C-2031) opens at once with Enter. */

const box = document.querySelector("#palette");
const words = box.querySelector("input");
const list = box.querySelector("#palette-found");
const nothing = box.querySelector("[role=status]");
const noMatch = nothing.textContent;
const CODE = /^[CLDR][ -]?\d{1,9}$/i; // contacts, cases, police reports, referrals
const PAUSE = 200; // ms without a key before the server is asked

let cameFrom = null;
let timer = 0;
let requested = ""; // what the server was asked last

export function openPalette() {
  if (box.matches(":popover-open")) return;
  cameFrom = document.activeElement;
  box.showPopover();
  words.value = "";
  show();
  words.focus();
}

words.addEventListener("input", show);
box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && event.target === words) choose(list.querySelector('[aria-selected="true"]'));
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));

/** Everything that can be activated on this screen: buttons, keys, the bar, and the menu of the account. */
function everything() {
  const targets = [...document.querySelectorAll('[data-key], [form="desk"], .main-nav a')].filter((each) => !each.closest("[popover]") && each.checkVisibility());
  return [...targets, ...document.querySelectorAll("#menu-profile a, #menu-profile button")].map((target) => ({ target, label: labelOf(target) }));
}

/** @param {HTMLElement} target */
function labelOf(target) {
  const row = target.closest(".queue-row");
  const label = target.querySelector("span:not(.count)")?.textContent ?? target.getAttribute("aria-label") ?? target.firstChild?.nextSibling?.textContent ?? target.textContent;
  const key = target.querySelector("kbd")?.textContent ?? "";
  const about = row ? `${row.querySelector(".language").textContent} ${row.querySelector(".wait").textContent}` : "";
  return { words: [label.trim(), about.trim()].filter(Boolean).join(" · "), key };
}

function show() {
  const wanted = plain(words.value).split(/\s+/);
  const found = everything().filter(({ label }) => wanted.every((word) => plain(label.words).includes(word)));
  const here = found.length ? [group(list.dataset.here, found.map(item))] : [];
  const code = words.value.trim();
  list.replaceChildren(...(CODE.test(code) ? [group("", [codeItem(code.toUpperCase())])] : []), ...here);
  clearTimeout(timer);
  requested = code;
  if (code) timer = setTimeout(ask, PAUSE);
  tell(code !== "");
}

/** Ask the server, and put what it found before what this screen has. */
async function ask() {
  const typed = requested;
  const body = new URLSearchParams({ q: typed });
  const answer = await fetch(box.dataset.search, { method: "POST", body, redirect: "manual", headers: { "X-CSRF-Token": box.dataset.csrf } }).catch(() => null);
  if (answer?.status !== 200 || typed !== requested) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  const chosen = list.querySelector('[aria-selected="true"]');
  if (CODE.test(typed) && found.querySelector("[data-address]")) list.querySelector("#found-code")?.parentElement.remove();
  list.prepend(...found.children);
  tell(false, chosen?.isConnected && list.querySelector("#found-code") ? chosen : null);
}

/** Select the first line, and say when there is none. @param {boolean} waits whether the server has not answered yet @param {Element | null} [chosen] */
function tell(waits, chosen) {
  nothing.textContent = noMatch;
  nothing.hidden = waits || options().length > 0;
  select(chosen ?? options()[0] ?? null);
}

/** @param {string} label @param {Element[]} lines */
function group(label, lines) {
  const part = document.createElement("ul");
  part.setAttribute("role", "group");
  if (label) {
    part.setAttribute("aria-label", label);
    part.append(Object.assign(document.createElement("li"), { className: "kind", textContent: label, role: "presentation" }));
  }
  part.append(...lines);
  return part;
}

/** @param {{target: HTMLElement, label: {words: string, key: string}}} one @param {number} index */
function item({ target, label }, index) {
  const line = option(`found-here-${index}`, label.words);
  if (label.key) line.append(Object.assign(document.createElement("kbd"), { textContent: label.key }));
  line.target = target;
  line.words = label.words;
  return line;
}

/** @param {string} code */
function codeItem(code) {
  const line = option("found-code", `${list.dataset.open} ${code}`);
  line.code = code;
  return line;
}

/** @param {string} id @param {string} text */
function option(id, text) {
  const line = document.createElement("li");
  line.id = id;
  line.setAttribute("role", "option");
  line.append(Object.assign(document.createElement("span"), { textContent: text }));
  return line;
}

const options = () => [...list.querySelectorAll("[role=option]")];

/** Open a record by its code, or show the refusal. @param {string} code */
async function open(code) {
  clearTimeout(timer);
  requested = ""; // what the server still answers is not shown over the refusal
  const answer = await fetch(`/find/${encodeURIComponent(code)}`, { redirect: "manual" }).catch(() => null);
  const text = answer ? await answer.text() : document.body.dataset.away;
  if (answer?.status === 200) return go(text);
  nothing.textContent = text;
  nothing.hidden = false;
}

/** Go to a page as a link would, so that a call goes on. @param {string} address */
function go(address) {
  close();
  const link = Object.assign(document.createElement("a"), { href: address });
  if (address.startsWith("/help/")) link.target = "_blank";
  document.querySelector("#main").append(link);
  link.click();
  link.remove();
}

/** @param {Element | null} line */
function select(line) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === line));
  words.setAttribute("aria-activedescendant", line?.id ?? "");
  line?.scrollIntoView({ block: "nearest" });
}

/** @param {number} step */
function move(step) {
  const lines = options();
  const at = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
  if (lines.length) select(lines[(at + step + lines.length) % lines.length]);
}

/** Open or press what a line stands for. Its button may have been drawn anew since. @param {(HTMLElement & {target?:
 * HTMLElement, words?: string}) | null} line */
function choose(line) {
  if (!line) return;
  if (line.code) return open(line.code);
  if (line.dataset.address) return go(line.dataset.address);
  close();
  const target = line.target.isConnected ? line.target : everything().find(({ label }) => label.words === line.words)?.target;
  if (target?.matches("textarea, input")) target.focus();
  else target?.click();
}

function close() {
  box.hidePopover();
  if (cameFrom?.isConnected) cameFrom.focus();
}

/** Lower case without accents. @param {string} text */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
