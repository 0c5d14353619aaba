"""Comparing two pages that must not differ for their reader."""

import re

TOKEN = re.compile(r'((?:csrfmiddlewaretoken" value|data-csrf)=")\w+')


def body(answer) -> str:
    """The page without its own address and its form tokens, which are masked anew for every page."""
    path = answer.wsgi_request.path
    text = answer.content.decode()
    for part in [path, *path.split("/")]:
        text = text.replace(part.replace("/", "%2F"), "") if len(part) > 20 else text
    return TOKEN.sub(r"\1", text)
