"""Code names for people: a plant or an animal, and an adjective. They are Spanish in every language, as names are."""

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
