"""Turn words into the symbols of Kokoro, by way of espeak-ng."""

import re
import subprocess

SENTENCE = re.compile(r"[^.!?]+[.!?]?")
CLAUSE = re.compile(r"([^,;:.!?]+)([,;:.!?]*)")
SILENT = str.maketrans("", "", '¿¡"«»()')

# Kokoro writes an affricate as one letter; espeak-ng ties two with ^.
TIED = [
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"),
    ("o^ʊ", "O"), ("ə^ʊ", "Q"), ("t^s", "ʦ"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("^", ""),
]  # fmt: skip
ENGLISH = [("ɜː", "ɜɹ"), ("ː", ""), ("ɚ", "əɹ"), ("r", "ɹ"), ("ɐ", "ə"), ("əl", "ᵊl"), ("o", "ɔ"), ("ɾ", "T")]
QUECHUA = [("`", ""), ("ʔ", "")]  # ejectives are lost; the Quechua of Ayacucho has none
OF_LANGUAGE = {"en-us": ENGLISH, "qu": QUECHUA}


def sentences(text: str) -> list[str]:
    """Split a text where a speaker would breathe."""
    return [sentence.strip() for sentence in SENTENCE.findall(text) if sentence.strip()]


def symbols(sentence: str, language: str) -> str:
    """Write a sentence in Kokoro's symbols. Punctuation stays, because it shapes the melody."""
    clauses = CLAUSE.findall(sentence.translate(SILENT))
    return " ".join(_kokoro(_espeak(words, language), language) + marks for words, marks in clauses if words.strip())


def _espeak(words: str, language: str) -> str:
    command = ["espeak-ng", "-q", "-v", language, "--ipa", "--tie=^", words]
    spoken = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"\([a-z-]+\)", "", " ".join(spoken.split()))  # "(en)" flags a word read in another language


def _kokoro(ipa: str, language: str) -> str:
    for written, symbol in TIED + OF_LANGUAGE.get(language, []):
        ipa = ipa.replace(written, symbol)
    return ipa
