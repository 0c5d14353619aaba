/** Command search (Ctrl K): find an action on this screen by a few letters and do it, or open a record by code
 * (C-2031). */

const box = document.querySelector("#palette");
const words = box.querySelector("input");
const list = box.querySelector("ul");
const nothing = box.querySelector("p");
const noMatch = nothing.textContent;
const CODE = /^[CLDR][ -]?\d{1,9}$/i; // contacts, cases, police reports, referrals

let cameFrom = null;

export function openPalette() {
  cameFrom = document.activeElement;
  box.showPopover();
  words.value = "";
  show();
  words.focus();
}

words.addEventListener("input", show);
box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter") choose(list.querySelector('[aria-selected="true"]'));
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
list.addEventListener("click", (event) => choose(event.target.closest("li")));

/** Everything that can be activated on this screen: buttons, keys, the main navigation. */
function everything() {
  const targets = document.querySelectorAll('[data-key], [form="desk"], .main-nav a');
  return [...targets].filter((each) => !each.closest("[popover]") && each.checkVisibility()).map((target) => ({ target, label: labelOf(target) }));
}

/** @param {HTMLElement} target */
function labelOf(target) {
  const row = target.closest(".queue-row");
  const label = target.querySelector("span")?.textContent ?? target.getAttribute("aria-label") ?? target.textContent;
  const key = target.querySelector("kbd")?.textContent ?? "";
  const about = row ? `${row.querySelector(".language").textContent} ${row.querySelector(".wait").textContent}` : "";
  return { words: [label.trim(), about.trim()].filter(Boolean).join(" · "), key };
}

function show() {
  const wanted = plain(words.value).split(/\s+/);
  const found = everything().filter(({ label }) => wanted.every((word) => plain(label.words).includes(word)));
  list.replaceChildren(...found.map(item));
  const code = words.value.trim();
  if (CODE.test(code)) list.prepend(codeItem(code.toUpperCase()));
  nothing.textContent = noMatch;
  nothing.hidden = list.children.length > 0;
  select(list.firstElementChild);
}

/** @param {{target: HTMLElement, label: {words: string, key: string}}} one @param {number} index */
function item({ target, label }, index) {
  const line = document.createElement("li");
  line.id = `found-${index}`;
  line.setAttribute("role", "option");
  line.append(label.words);
  if (label.key) line.append(Object.assign(document.createElement("kbd"), { textContent: label.key }));
  line.target = target;
  return line;
}

/** @param {string} code */
function codeItem(code) {
  const line = document.createElement("li");
  line.id = "found-code";
  line.setAttribute("role", "option");
  line.append(`${list.dataset.open} ${code}`);
  line.code = code;
  return line;
}

/** Open a record as a link would, so that a call goes on; or show the refusal. @param {string} code */
async function open(code) {
  const answer = await fetch(`/find/${encodeURIComponent(code)}`, { redirect: "manual" }).catch(() => null);
  const text = answer ? await answer.text() : document.body.dataset.away;
  if (answer?.status !== 200) {
    nothing.textContent = text;
    nothing.hidden = false;
    return;
  }
  close();
  const link = Object.assign(document.createElement("a"), { href: text });
  document.querySelector("#main").append(link);
  link.click();
  link.remove();
}

/** @param {Element | null} line */
function select(line) {
  for (const each of list.children) each.setAttribute("aria-selected", String(each === line));
  words.setAttribute("aria-activedescendant", line?.id ?? "");
  line?.scrollIntoView({ block: "nearest" });
}

/** @param {number} step */
function move(step) {
  const lines = [...list.children];
  const at = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
  if (lines.length) select(lines[(at + step + lines.length) % lines.length]);
}

/** @param {(HTMLElement & {target?: HTMLElement}) | null} line */
function choose(line) {
  if (!line) return;
  if (line.code) return open(line.code);
  close();
  if (line.target.matches("textarea, input")) line.target.focus();
  else line.target.click();
}

function close() {
  box.hidePopover();
  if (cameFrom?.isConnected) cameFrom.focus();
}

/** Lower case without accents. @param {string} text */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
