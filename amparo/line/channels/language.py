"""Recognise the language of a text by its most common words.

Libraries that know a hundred languages are larger than Amparo, and guess. Here a doubtful text has no language.
"""

import re

from amparo.line.switchboard.models import Language

SURE = 2  # words of one language, and twice as many as of any other
COMMON = {
    Language.SPANISH: """
        al ayuda ayudar ayúdame ayúdenme como con cuando de del dinero donde dónde ella ellos en eres es está
        están estoy favor gracias hay hola la las les lo los más mi mis muy necesito nos para pero porque por
        puede pueden puedo que qué quiero salir se señor señora ser si sí soy su sus también tengo
        tiene trabajo un una y ya yo
    """,
    Language.ENGLISH: """
        am an and are at be because but can could dear do don't for from get have hello help her here him his how i i'm
        i've if in is it my need not of on or out passport please she should that the there they this to us want was we
        were what when where who with work would you your
    """,
    Language.QUECHUA: """
        allin allinllachu chaypi kachkani kachkan kani kanki kaypi manam manan mana munani ñoqa ñuqa noqa nuqa ñuqayku
        paykuna pitaq yanapaway yanapawaychik yanapayta
    """,
}
LANGUAGES = {language: frozenset(words.split()) for language, words in COMMON.items()}


def language_of(text: str) -> Language | None:
    """Return the language of a text; None: it is not clear."""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold().replace("’", "'"))
    counts = {language: sum(word in common for word in words) for language, common in LANGUAGES.items()}
    best, second = sorted(counts, key=lambda language: counts[language], reverse=True)[:2]
    is_clear = counts[best] >= SURE and counts[best] >= 2 * counts[second]
    return best if is_clear else None
