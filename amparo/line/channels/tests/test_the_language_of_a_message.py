"""The language of the first answer is that of the message, where it is clear."""

import pytest

from amparo.line.channels.language import LANGUAGES, language_of
from amparo.line.switchboard.models import Language

ES, EN, QU = Language.SPANISH, Language.ENGLISH, Language.QUECHUA


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola, necesito ayuda por favor", ES),
        ("no me dejan salir de la casa y tienen mi DNI", ES),
        ("Hello, I need help please", EN),
        ("they took my passport and I can’t leave", EN),
        ("I'm in Puerto Maldonado, they don't let us go", EN),
        ("Ñuqa kaypi kachkani, yanapaway", QU),
        ("help", None),
        ("baja", None),
        ("", None),
        ("12345 !!", None),
        ("Hola, I need ayuda please, por favor help", None),  # as many of one as of the other
        ("Preciso de ajuda, estou presa", None),  # Portuguese: nothing is guessed
    ],
)
def test_a_text_has_a_language_only_where_it_is_clear(text, language):
    assert language_of(text) == language


def test_no_word_counts_for_two_languages():
    for one in LANGUAGES:
        for other in LANGUAGES:
            assert one == other or not LANGUAGES[one] & LANGUAGES[other]
