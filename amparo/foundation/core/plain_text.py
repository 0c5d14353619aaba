"""Text as people type it into a search: lower case, without accents. `plain` in Python, and `Plain` in SQL."""

import unicodedata

from django.db import models
from django.db.models.functions import Lower

ACCENTED, BARE = "áéíóúüñàèìòùâêîôûäëïöç", "aeiouunaeiouaeiouaeioc"


def plain(text: str) -> str:
    return "".join(it for it in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(it)).strip()


class Plain(models.Func):
    """SQL function: a column in lower case and without accents, for the letters of Spanish and its neighbours."""

    function, template = "translate", f"%(function)s(%(expressions)s, '{ACCENTED}', '{BARE}')"
    output_field = models.TextField()

    def __init__(self, column: str) -> None:
        super().__init__(Lower(column))
