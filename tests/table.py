"""Every URL of a URL table, as a person might type it."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver

# One value per converter; a missing converter fails loudly.
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "slug": "x", "int": "1", "str": "x", "path": "x"}


def urls(patterns: list[URLPattern | URLResolver], above: str = "/") -> Iterator[str]:
    for pattern in patterns:
        here = above + re.sub(r"<(?:(\w+):)?\w+>", lambda it: SAMPLES[it[1] or "str"], str(pattern.pattern))
        yield from urls(pattern.url_patterns, here) if isinstance(pattern, URLResolver) else [here]
