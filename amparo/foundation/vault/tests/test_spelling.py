import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.foundation.vault.spelling import PARTICLES, name_forms, number_forms, without_diacritics, word_forms

SAME_NAMES = [
    ("Huamán", "Waman", "Guamán", "HUAMAN"),
    ("Quispe", "Qispi", "Kispe", "quispi"),
    ("Ccori", "Qori", "Quri", "Kori"),
    ("Choquehuanca", "Chuqiwanka", "Choqewanca"),
    ("Yupanqui", "Yupanki"),
    ("T'ito", "Tito", "Thito", "T’ito", "Tʼitu"),
    ("Sonco", "Sonqo", "Sunqu"),
    ("Atahualpa", "Atawallpa", "Ataguallpa"),
    ("Phuyu", "Puyu", "P'uyu"),
    ("Rodríguez", "Rodriguez", "RODRIGUES"),
    ("Céspedes", "Sespedes", "Cespedez"),
    ("Benavides", "Venavides", "Benavidez"),
    ("Hilario", "Ilario"),
    ("Núñez", "Nuñes", "Nunez"),
    ("María de la Cruz", "Cruz María", "maria DE CRUZ", "María y Cruz"),
    ("Rosa F. Mamani", "Mamani, Rosa"),
]
OTHER_NAMES = [
    ("Julio", "Julia"),
    ("Quispe", "Mamani"),
    ("Huamán", "Mamani"),
    ("Rosa Quispe", "Rosa Mamani"),
    ("Ana", "Ena"),
]


@pytest.mark.parametrize("spellings", SAME_NAMES)
def test_one_name_in_many_spellings_is_one(spellings):
    assert len({name_forms(spelling) for spelling in spellings}) == 1
    assert name_forms(spellings[0])


@pytest.mark.parametrize(("one", "other"), OTHER_NAMES)
def test_other_names_stay_others(one, other):
    assert name_forms(one) != name_forms(other)


def test_two_of_somebodys_four_names_are_among_their_pairs():
    assert name_forms("quispe fernanda") < name_forms("María Fernanda Quispe Huamán")
    assert not name_forms("Fernanda Mamani") <= name_forms("María Fernanda Quispe Huamán")
    assert not name_forms("Fernanda") & name_forms("María Fernanda Quispe Huamán")


SAME_NUMBERS = [
    ("987654321", "987 654 321", "+51 987 654 321", "0051987654321", "51 987654321", "(+51) 987-654-321",
     "٩٨٧٦٥٤٣٢١", "９８７６５４３２１"),
    ("01 234 5678", "(01) 234-5678", "2345678", "+51 1 2345678", "+51 (01) 234 5678", "01-2345678 anexo 12"),
    ("084 123456", "84 123456", "+51 84 123456", "0051 84 123456"),
    ("+34 612 345 678", "0034 612345678", "tel. +34612345678"),
]  # fmt: skip


@pytest.mark.parametrize("written", SAME_NUMBERS)
def test_one_number_in_many_forms_is_one(written):
    assert len({number_forms(each) for each in written}) == 1
    assert len(number_forms(written[0])) == 1


def test_two_numbers_give_two_tokens_and_a_short_one_gives_none():
    assert (
        number_forms("987654321 / 912345678") == number_forms("912345678 o 987654321") == {"51987654321", "51912345678"}
    )
    assert number_forms("105") == number_forms("no sé") == number_forms("") == frozenset()
    assert number_forms("987654321") != number_forms("987654322")
    assert number_forms("+34 987654321") != number_forms("987654321")


def test_words_are_normalised_and_short_ones_dropped():
    assert word_forms("La tejedora, Ñusta y él; LA TEJEDORA") == {"tejedora", "nusta"}


@given(st.text())
def test_whatever_is_typed_has_forms_that_do_not_depend_on_how_it_is_encoded(text):
    for forms in (name_forms, number_forms, word_forms):
        assert forms(unicodedata.normalize("NFC", text)) == forms(unicodedata.normalize("NFD", text))


@given(st.lists(st.from_regex(r"[a-zñáéíóú]{2,9}", fullmatch=True), min_size=1, max_size=6), st.randoms())
def test_the_order_and_size_of_letters_do_not_matter(parts, chance):
    shuffled = chance.sample(parts, len(parts))
    assert name_forms(" ".join(parts)) == name_forms(" de la ".join(shuffled).upper())
    assert bool(name_forms(" ".join(parts))) is any(
        part.strip("h") and without_diacritics(part) not in PARTICLES for part in parts
    )
