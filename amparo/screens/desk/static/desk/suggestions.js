/** Articles whose keywords stand in the notes, below the tabs. The page has all keywords, so what is typed is compared
 * here and asked of nobody. Nothing is read out and nothing moves: who is busy does not notice. */

const AT_MOST = 3; // articles
const PAUSE = 400; // ms without a key
const SHORTEST = 3; // letters of a keyword; shorter ones say nothing: "129-A"
const SAME = 7; // letters; of a keyword that is shorter, only the last letter may differ

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
  return keywords.filter((keyword) => keyword.length >= SHORTEST).filter((keyword) => {
    const stem = keyword.slice(0, keyword.length < SAME ? Math.max(SHORTEST, keyword.length - 1) : -2);
    return noted.some((word) => (keyword.length === SHORTEST ? word === keyword : word.startsWith(stem)));
  }).length;
}

/** The words of a text, in small letters and without accents. @param {string} text */
function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").match(/[\p{L}\p{N}]+/gu) ?? [];
}
