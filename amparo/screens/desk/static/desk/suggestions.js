/** Articles whose keywords stand in the notes, below the tabs. The page has all keywords, so what is typed is compared
 * here and asked of nobody. Nothing is read out and nothing moves: who is busy does not notice. */

const AT_MOST = 3; // articles
const PAUSE = 400; // ms without a key
const SHORTEST = 4; // letters of a word that are compared; a shorter word must be the same

let timer = 0;

document.addEventListener("input", (event) => {
  if (event.target.id !== "id_notes") return;
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE);
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-suggestions]")) event.preventDefault(); // the cursor stays in the notes
});

/** Show the articles that fit the notes best, also after the tabs were drawn anew. */
export function suggest() {
  const place = document.querySelector("[data-suggestions]");
  if (!place) return;
  const noted = plain(document.querySelector("#id_notes")?.value ?? "");
  const links = [...place.querySelectorAll("a")].map((link) => ({ link, number: matches(plain(link.dataset.words), noted) }));
  const best = links.filter(({ number }) => number).sort((a, b) => b.number - a.number).slice(0, AT_MOST);
  for (const { link } of links) link.hidden = !best.some((each) => each.link === link);
  place.hidden = !best.length;
}

/** How many keywords stand in the notes, whatever their ending. @param {string[]} keywords @param {string[]} noted */
function matches(keywords, noted) {
  return keywords.filter((keyword) => {
    const stem = keyword.slice(0, Math.max(SHORTEST, keyword.length - 2));
    return noted.some((word) => (stem.length < SHORTEST ? word === stem : word.startsWith(stem)));
  }).length;
}

/** The words of a text, in small letters and without accents. @param {string} text */
function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").match(/[\p{L}\p{N}]+/gu) ?? [];
}
