"""Normalise spellings, so that different spellings of one name, number or word get equal search tokens.

A search may find names that only sound alike. A false match is better than a missed name: a person reads the results.
"""

import re
import unicodedata
from itertools import combinations

MARKS = str.maketrans("", "", "'’‘ʼʻ`´′ʹˈ")  # people write ejectives with any mark that the keyboard has
PARTICLES = {"de", "del", "la", "las", "los", "el", "y", "e", "da", "do", "dos", "das", "di", "vda", "viuda"}
SHORTEST_REGISTER = 3  # letters and digits
MOST_PARTS = 8  # of a name: 28 pairs
COUNTRY, LIMA = "51", "1"  # Peru: a number without a country code is Peruvian; its mobiles have 9 digits

# Spanish and Quechua spellings of the same sounds, in this order. Official Quechua (RM 1218-85-ED) has three vowels,
# plain, aspirated and glottalised stops, and w; registries wrote what they heard: Huamán, Guamán, Waman.
SOUNDS = [
    (r"(?<![cpktqs])hu(?=[aeio])|gu(?=[aeio])", "w"),
    (r"c+h+", "č"),
    (r"qu(?=[ei])|q", "k"),
    (r"c(?=[ei])|z", "s"),
    (r"c", "k"),
    (r"v", "b"),
    (r"h", ""),  # silent in Spanish; after p, t, k it marks an aspiration that Spanish does not write
    (r"y(?![aeiou])", "i"),
    (r"e", "i"),
    (r"o", "u"),
    (r"(.)\1+", r"\1"),
]


def without_diacritics(text: str) -> str:
    """Lower case without diacritics."""
    small = unicodedata.normalize("NFKD", text.translate(MARKS)).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.combining(c))


def name_forms(text: str) -> frozenset[str]:
    """Return every pair of parts of a name, each pair in alphabetical order. A name of one part gives that part.

    We store pairs because people often give only two of their four names. A token of one common surname would be
    frequent in the table, and so reveal which surname it is.
    """
    parts = [part for part in re.findall(r"[^\W\d_]{2,}", without_diacritics(text)) if part not in PARTICLES]
    heard = sorted({_sound(part) for part in parts[:MOST_PARTS]} - {""})
    return frozenset(" ".join(pair) for pair in combinations(heard, 2)) if len(heard) > 1 else frozenset(heard)


def number_forms(text: str) -> frozenset[str]:
    """Return each telephone number in a text with its country code and without signs, such as 51987654321.

    Extensions and short numbers are left out, because they identify nobody.
    """
    text = re.split(r"\b(?:anexo|anx|ext|int)\b", unicodedata.normalize("NFKC", text).casefold())[0]
    return frozenset(filter(None, map(_normalise_number, re.split(r"[/;,|\n]|\b[ouy]\b", text))))


def word_forms(text: str) -> frozenset[str]:
    """Return every word of three letters or more, in lower case without diacritics."""
    return frozenset(re.findall(r"[^\W\d_]{3,}", without_diacritics(text)))


def plate_forms(text: str) -> frozenset[str]:
    """Return plates of vehicles and numbers of documents: groups with letters and digits, without the signs between."""
    found = re.findall(r"[^\W_]+(?:[-. ][^\W_]+)*", without_diacritics(text))
    signs = {"".join(c for c in each if c.isalnum()) for each in found}
    return frozenset(each for each in signs if re.search(r"\d", each) and re.search(r"[^\W\d]", each))


def register_number_forms(text: str) -> frozenset[str]:
    """Return the number under which an authority keeps a file, as letters and digits alone; empty if too short."""
    signs = "".join(c for c in without_diacritics(text) if c.isalnum())
    return frozenset([signs] if len(signs) >= SHORTEST_REGISTER and re.search(r"\d", signs) else [])


def _sound(part: str) -> str:
    for written, heard in SOUNDS:
        part = re.sub(written, heard, part)
    return part


def _normalise_number(text: str) -> str:
    """Return one telephone number with its country code; blank if it is too short to be a person's."""
    digits = "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())
    before = text[: next((n for n, c in enumerate(text) if c.isdecimal()), 0)]
    abroad = "+" in before or digits.startswith("00")
    digits = digits.lstrip("0")
    if len(digits) < 6:
        return ""
    if abroad or (digits.startswith(COUNTRY) and len(digits) in (10, 11)):
        return COUNTRY + digits[2:].lstrip("0") if digits.startswith(COUNTRY) else digits
    if len(digits) == 7:
        return COUNTRY + LIMA + digits
    is_peruvian = len(digits) == 8 or (len(digits) == 9 and digits[0] == "9")
    return COUNTRY + digits if is_peruvian else digits
