"""The Spanish of the screens keeps one meaning for a word, names nobody's sex, and promises nothing absolute."""

import re

import polib
import pytest

from amparo.catalogues import LOCALE
from tests.catalogues import path

# the texts of the public pages as they are shipped, by name
PUBLIC = {
    file.name.split(".")[0]: file.read_text() for file in (LOCALE.parent / "programme/texts/shipped").glob("*.es.md")
}
WORDS = {
    "a person is «la persona»": r"\b(a|con|de|que|por|mientras|si|como|cuando) ella (?!no se)\w+|^[Ee]lla\b",
    "a role is named by its work": r"\b[Ss]upervisora\b|\buna (colega|auditora)\b|responsable de acogida|\bOperadora\b",
    "a password is a «contraseña»": r"\b[Cc]laves?\b(?<!en clave)",
    "a bed is reserved": r"[Gg]uard(ar|ada|adas|ó|e) (otra vez )?(una |2 )?(cama|horas)",
    "the unit gives a number": r"\b[Ff]olio",
    "nothing absolute": r"contamos a nadie|no quién llamó|[Aa]quí no queda nada|No pierde ninguna ayuda|o con nadie",
    "a silent call is no prank": r"\b[Bb]roma",
    "a sign is no evidence": r"\b[Ii]ndicios",
    "the law requires": r"se debe decir",
    "a report is not withdrawn": r"Retiramos su denuncia|Retirada de la unidad",
    "a person under 18 is no «menor»": r"protección de menores|Un menor",
    "an error says what happened": r"Algo nuestro falló|no está un momento",
    "calling by browser costs data": r"sin gastar saldo",
    "who has a code reads the answers": r"puede preguntar en su lugar",
    "safety is asked again only unheard": r"[Qq]ue ella se lo repita",
}  # fmt: skip


@pytest.mark.parametrize("rule", WORDS)
def test_no_spanish_string_breaks(rule):
    catalogue = polib.pofile(str(path("es")))
    texts = [words for entry in catalogue for words in (entry.msgstr, *entry.msgstr_plural.values()) if words]
    assert len(texts) > 2000
    texts += PUBLIC.values()
    assert [words for words in texts if re.search(WORDS[rule], words)] == []


BEFORE = {
    "a person is «la persona»": "Con quien ella diga, lo que ella diga.",
    "a role is named by its work": "Otra supervisora",
    "a password is a «contraseña»": "Clave nueva, de al menos 12 signos",
    "a bed is reserved": "Guardar 2 horas",
    "the unit gives a number": "El folio de la unidad",
    "nothing absolute": "Este chat terminó. Cierre la página: aquí no queda nada.",
    "a silent call is no prank": "Broma o malintencionada",
    "a sign is no evidence": "sin indicios de trata",
    "the law requires": "se debe decir: su nombre",
    "a report is not withdrawn": "Retirada de la unidad",
    "a person under 18 is no «menor»": "Un menor está en riesgo",
    "an error says what happened": "Algo nuestro falló.",
    "calling by browser costs data": "Llame sin gastar saldo",
    "who has a code reads the answers": "Quien lo tenga puede preguntar en su lugar",
    "safety is asked again only unheard": "Que ella se lo repita",
}


@pytest.mark.parametrize("rule", WORDS)
def test_what_stood_there_before_would_be_found(rule):
    assert re.search(WORDS[rule], BEFORE[rule])


GONE = {
    "one keeps by «guardar», save": r"[Dd]ej(ar|e)(lo)? así|[Kk]eep it so",
    "a heading can be understood alone": r"[Ww]hom what|[Ii]t is (its own|so now)\b|^All is invented",
    "a gender is no sentence": r"^([Ff]eminine|[Mm]asculine|[Ff]emenin[ao]|[Mm]asculin[ao])\.$",
    "a role fits on a button": r"trabajador(a)? o trabajador(a)?",
    "an empty page says what will come": r"^Nada espera\.$",
    "a written conversation is no call": r"llamada difícil para usted|difficult call for you",
    "an operator reads what to do": r"^(Pruébela|Sin llamadas para usted|que se le lea)$|nunca silenciosa",
    "a row of a table says which it is": r"^El mejor resultado con esas horas$|^The best with so many hours$",
    "a number is one of a telephone": r"^Número o dirección SIP$",
    "a question is asked, not ranked": r"La mejor pregunta ahora, sobre",
}
USED_TO_STAND = {
    "one keeps by «guardar», save": ["Dejarlo así", "Keep it so"],
    "a heading can be understood alone": ["Whom what may be told now", "It is its own", "It is so now"],
    "a gender is no sentence": ["Feminine."],
    "a role fits on a button": ["trabajador o trabajadora de casos"],
    "an empty page says what will come": ["Nada espera."],
    "a written conversation is no call": ["¿Fue una llamada difícil para usted?"],
    "an operator reads what to do": ["Pruébela", "Sin llamadas para usted", "que se le lea"],
    "a row of a table says which it is": ["El mejor resultado con esas horas"],
    "a number is one of a telephone": ["Número o dirección SIP"],
    "a question is asked, not ranked": ["La mejor pregunta ahora, sobre «x»"],
}  # fmt: skip


@pytest.mark.parametrize("rule", GONE)
def test_no_string_of_either_language_is_one_that_nobody_understood(rule):
    catalogue = polib.pofile(str(path("es")))
    texts = [
        words
        for entry in catalogue
        for words in (entry.msgid, entry.msgid_plural, entry.msgstr, *entry.msgstr_plural.values())
    ]
    assert [words for words in texts if re.search(GONE[rule], words)] == []
    assert all(re.search(GONE[rule], words) for words in USED_TO_STAND[rule])  # control


WRONG_UNIT = "Your report had gone to the wrong unit. It is not dropped: call us, and we send it to the right one."
# Sentences in which a wrong word could harm a person, each with what its Spanish has to say.
SAFE = {
    WRONG_UNIT: "llegó por error a otra unidad. No se ha retirado: llámenos",
    "Raise danger alert": "Alertar peligro",
    "We may call back. We share only what the law requires.": "Solo compartimos lo que exige la ley",
    "Malicious (silence alone is not)": "callar no lo es",
    "Ask for it to be repeated, if nobody hears.": "si nadie oye",
    "no signs of trafficking so far": "sin señales de trata por ahora",
    "required by law": "comunicar por ley",
    "In silence, on this page. It is not kept on this device; the line keeps it.": "la línea sí lo guarda",
    "By internet: it uses data or wifi.": "usa datos o wifi",
}  # fmt: skip


@pytest.mark.parametrize("words", SAFE)
def test_the_spanish_says(words):
    assert SAFE[words] in polib.pofile(str(path("es"))).find(words).msgstr


def test_the_public_pages_promise_no_secret_that_the_law_may_break():
    assert "salvo lo que exige la ley" in PUBLIC["start"]
    for case in ("puede morir", "menor de 18", "juez", "comunicar un delito"):
        assert case in PUBLIC["telling"]
