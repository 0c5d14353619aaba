"""Numbers beside a plural noun in a message without a plural form: «1 llamadas» is read by somebody one day.

A message whose number can be one has a plural form (`ngettext`, `blocktranslate count`), or names the noun first:
«Respuestas correctas: 1 de 1».
"""

import re
from collections.abc import Iterable

import polib

BESIDE = re.compile(r"%\((\w+)\)[sd] ([a-záéíóúñ]{3,}s)\b|%([sd]) ([a-záéíóúñ]{3,}s)\b")
# Pairs of placeholder and noun whose number is never one: limits of the code or the law, what is shown from ten on or
# from two on, rounded figures, and totals of a line that has long begun.
NEVER_ONE = {
    "minutes minutos", "hours horas", "week horas", "rest horas", "stretch horas", "days días", "soon días",
    "talk minutos", "patience segundos", "most caracteres", "d caracteres", "d letras", "letters letras",
    "lines líneas", "d pasos", "d preguntas", "d opciones", "rows filas", "columns columnas", "mark puntos",
    "many vistas", "many fechas", "lists listas", "resamples remuestreos", "people personas", "least personas",
    "total contactos", "lost abandonadas", "all puertos",
    "times veces", "high veces",
}  # fmt: skip


def without_plural(catalogue: Iterable[polib.POEntry]) -> list[str]:
    """The pairs of number and plural noun, each with its message, that lack a plural form."""
    single = [entry for entry in catalogue if not entry.msgid_plural]
    return [f"{pair} in «{entry.msgid}»" for entry in single for pair in _pairs(entry.msgstr) if pair not in NEVER_ONE]


def _pairs(words: str) -> list[str]:
    """Placeholder and noun, such as `number llamadas`."""
    return [f"{a or b} {noun or other}" for a, noun, b, other in BESIDE.findall(words)]
