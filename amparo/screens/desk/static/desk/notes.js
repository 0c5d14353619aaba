/** What the words of a text may mean: signs of screening, and places of Peru. Pure functions; nothing is sent.
 *
 * @typedef {{ plain: string, exact: string, isCapital: boolean, begins: boolean, sentence: number, clause: number }} Word
 *   plain: small letters without accents; exact: the same, but ñ stays ñ ("puño" is not Puno)
 * @typedef {{ key: string, label: string, phrases: string[] }} Sign
 * @typedef {{ names: Record<string, string>, capitals: Record<string, string>, everyday: string[] }} Vocabulary
 */

const BETWEEN = 4; // words that may stand between two words of a phrase
const BEFORE = 2; // words before a phrase among which one denies it
const NOT = new Set(["no", "ni", "nunca", "tampoco", "not", "never"]);
const IN = new Set(["en", "desde", "hacia", "hasta", "in", "from", "near"]);
const FIRST = new Set(["el", "la", "los", "las", "dos", "tres", "nueve"]); // of names that begin as everyday words do

/** @param {string} text @returns {Word[]} */
export function wordsOf(text) {
  const words = [];
  let sentence = 0, clause = 0, begins = true;
  for (const [token] of text.normalize("NFC").matchAll(/[\p{L}\p{N}]+|[.,;:!?\n]/gu)) {
    if (/[\p{L}\p{N}]/u.test(token)) {
      words.push({ plain: plain(token), exact: exact(token), isCapital: /^\p{Lu}/u.test(token), begins, sentence, clause });
      begins = false;
    } else {
      clause += 1;
      if (token !== ",") [sentence, begins] = [sentence + 1, true];
    }
  }
  return words;
}

/** The signs of which a phrase stands in the words, those with the longest phrases first. @param {Word[]} words @param {Sign[]} signs */
export function signsIn(words, signs) {
  const weighed = signs.map((sign) => ({ sign, weight: weigh(sign, words) })).filter(({ weight }) => weight);
  return weighed.sort((a, b) => b.weight - a.weight).map(({ sign }) => sign);
}

/** How many words of the sign's phrases stand in the notes. @param {Sign} sign @param {Word[]} words */
function weigh(sign, words) {
  const parts = sign.phrases.map((phrase) => phrase.split(" ").map((part) => part.split("|")));
  return parts.filter((each) => words.some((_word, at) => stands(each, words, at))).reduce((sum, each) => sum + each.filter(isWanted).length, 0);
}

/** Whether the phrase wants this part, and not that it is absent. @param {string[]} part */
function isWanted([first]) {
  return !first.startsWith("-");
}

/** Whether the phrase begins with this word, and nothing denies it. @param {string[][]} parts @param {Word[]} words @param {number} at */
function stands(parts, words, at) {
  if (!fits(parts[0], words[at])) return false;
  const before = words.slice(Math.max(0, at - BEFORE), at);
  if (before.some((word) => word.clause === words[at].clause && NOT.has(word.plain))) return false;
  let place = at;
  for (const part of parts.filter((each) => !isWanted(each))) {
    const absent = [part[0].slice(1), ...part.slice(1)];
    if (words.some((word) => word.sentence === words[at].sentence && fits(absent, word))) return false;
  }
  for (const part of parts.filter(isWanted).slice(1)) {
    const next = words.slice(place + 1, place + 2 + BETWEEN).findIndex((word) => word.sentence === words[at].sentence && fits(part, word));
    if (next < 0) return false;
    place += 1 + next;
  }
  return true;
}

/** @param {string[]} part @param {Word} word */
function fits(part, { plain: word }) {
  return part.some((each) => (each.endsWith("*") ? word.startsWith(each.slice(0, -1)) : word === each));
}

/** The places that the words name, as `[code, label]`: the narrowest first. A name of several places is none, unless a
 * place around one of them is named too. @param {Word[]} words @param {Vocabulary} vocabulary @returns {[string, string][]} */
export function placesIn(words, vocabulary) {
  const mentioned = mentions(words, indexOf(vocabulary), new Set(vocabulary.everyday));
  const meant = mentioned.map((codes, at) => onlyOne(codes, mentioned.filter((_codes, other) => other !== at).flat()));
  const found = [...new Set(meant.filter((code) => code !== null))];
  const narrow = found.filter((code) => !found.some((other) => other !== code && other.startsWith(code)));
  return narrow.sort((a, b) => b.length - a.length).map((code) => [code, label(code, vocabulary.names)]);
}

/** The codes of each name that stands in the words. @param {Word[]} words @param {Map<string, string[]>} index @param {Set<string>} everyday */
function mentions(words, index, everyday) {
  const longest = Math.max(...[...index.keys()].map((name) => name.split(" ").length));
  const found = [];
  for (let at = 0; at < words.length; at += 1) {
    for (let count = Math.min(longest, words.length - at); count; count -= 1) {
      const name = words.slice(at, at + count);
      const codes = name.at(-1).sentence === name[0].sentence && index.get(name.map((word) => word.exact).join(" "));
      if (!codes || !isName(name, words[at - 1], everyday)) continue;
      found.push(codes);
      at += count - 1;
      break;
    }
  }
  return found;
}

/** Whether the words are a place's name and not everyday words: "en Mala", "La Libertad". @param {Word[]} name @param {Word | undefined} before @param {Set<string>} everyday */
function isName(name, before, everyday) {
  if (name.length > 1) return name.at(-1).isCapital || !FIRST.has(name[0].plain);
  return !everyday.has(name[0].plain) || (name[0].isCapital && !name[0].begins && IN.has(before?.plain ?? ""));
}

/** The widest of the places of one name; null: there are several. @param {string[]} codes @param {string[]} others codes of the other names */
function onlyOne(codes, others) {
  const within = codes.filter((code) => others.some((other) => other.length < code.length && code.startsWith(other)));
  const possible = within.length ? within : codes;
  const width = Math.min(...possible.map((code) => code.length));
  const widest = possible.filter((code) => code.length === width);
  return widest.length === 1 ? widest[0] : null;
}

/** @type {Map<string, string[]>} */
const index = new Map();

/** The codes of each name, made once. @param {Vocabulary} vocabulary */
function indexOf({ names, capitals }) {
  if (index.size) return index;
  for (const [code, name] of [...Object.entries(names), ...Object.entries(capitals)]) {
    for (const way of new Set([spelt(name, exact), spelt(name, plain)])) { // ñ, or n where the keyboard has no ñ
      const codes = index.get(way) ?? [];
      if (!codes.includes(code)) index.set(way, [...codes, code]);
    }
  }
  return index;
}

/** @param {string} name @param {(word: string) => string} by */
function spelt(name, by) {
  return (name.match(/[\p{L}\p{N}]+/gu) ?? []).map(by).join(" ");
}

/** With the places around it, as the field of the place has it. @param {string} code @param {Record<string, string>} names */
function label(code, names) {
  return [6, 4, 2].filter((digits) => digits <= code.length).map((digits) => names[code.slice(0, digits)]).join(", ");
}

/** @param {string} word */
function plain(word) {
  return word.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

/** @param {string} word */
function exact(word) {
  return [...word.normalize("NFC").toLowerCase()].map((letter) => (letter === "ñ" ? letter : plain(letter))).join("");
}
