"""Comparing two pages that must not differ for their reader."""

import re

TOKEN = re.compile(r'((?:csrfmiddlewaretoken" value|data-csrf)="|[?&]next=)[\w%.-]+')


def body(answer) -> str:
    """The page without its own address and its form tokens, which are masked anew for every page."""
    return TOKEN.sub(r"\1", answer.content.decode())
