"""Code names for people: a plant or an animal, and an adjective. They are Spanish in every language, as names are."""

from collections.abc import Iterable

from amparo.foundation.core.plain_text import plain

FIRST = (
    "Ceibo", "Retama", "Quinual", "Cantuta", "Molle", "Amancay", "Achira", "Aliso", "Tara", "Cedro", "Tilo", "Sauce",
    "Junco", "Trébol", "Romero", "Salvia", "Tomillo", "Menta", "Malva", "Lirio", "Azahar", "Jazmín", "Dalia", "Nardo",
    "Violeta", "Acacia", "Olivo", "Laurel", "Palma", "Totora", "Algodón", "Lúcuma", "Capulí", "Pacae", "Níspero",
    "Cacao", "Quinua", "Kiwicha", "Maíz", "Avena", "Colibrí", "Tórtola", "Zorzal", "Jilguero", "Gaviota", "Garza",
    "Parihuana", "Calandria", "Alondra", "Golondrina", "Perdiz", "Tucán", "Paloma", "Cóndor", "Vicuña", "Alpaca",
    "Guanaco", "Nutria", "Delfín", "Tortuga", "Mariposa", "Luciérnaga", "Abeja", "Caracol",
)  # fmt: skip
SECOND = (
    "Azul", "Verde", "Celeste", "Suave", "Dulce", "Alegre", "Amable", "Leve", "Libre", "Fuerte", "Paciente", "Noble",
    "Gentil", "Fiel", "Feliz", "Grande", "Tenaz", "Veloz", "Hábil", "Sutil", "Ágil", "Afable", "Amante", "Brillante",
    "Constante", "Prudente", "Radiante", "Valiente", "Silvestre", "Fragante", "Naciente", "Vigilante",
)  # fmt: skip
PAIRS = len(FIRST) * len(SECOND)
STRIDE = 1237  # coprime to PAIRS: consecutive numbers get dissimilar names, and all pairs are used before one repeats


def code_name(number: int) -> str:
    """Return the code name for a person's number, counted from 1. A name repeats after `PAIRS` numbers."""
    first, second = divmod(number * STRIDE % PAIRS, len(SECOND))
    return f"{FIRST[first]} {SECOND[second]}"


def remainders_of_names(words: Iterable[str]) -> list[int]:
    """Return people's numbers, modulo `PAIRS`, whose code name matches: each of `words` begins a word of that name.

    `words` are in lower case without accents (core/plain_text.py).
    """
    back = pow(STRIDE, -1, PAIRS)
    names = ([plain(first), plain(second)] for first in FIRST for second in SECOND)
    return [
        place * back % PAIRS
        for place, name in enumerate(names)
        if all(any(part.startswith(word) for part in name) for word in words)
    ]
