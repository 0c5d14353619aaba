"""Code names of two gentle words: a plant or an animal, and how it is. They are Spanish, as names are."""

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
STRIDE = 1237  # prime to PAIRS: neighbours have names far apart, and none comes back before all were given


def code_name(number: int) -> str:
    """The name of the person of this number, from 1; the same again after `PAIRS` others."""
    first, second = divmod(number * STRIDE % PAIRS, len(SECOND))
    return f"{FIRST[first]} {SECOND[second]}"
