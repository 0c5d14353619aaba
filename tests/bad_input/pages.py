"""What every page may be asked, read off the code: its address, and the names that its view reads from a request."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver

NAME = re.compile(r"[a-z][a-z_0-9]{0,23}")
EVERYWHERE = {"language": ("es", "en", "qu")}  # which no view reads (foundation/core/language.py)


@dataclass(frozen=True)
class Page:
    route: str  # such as "/contacts/<uuid:pk>/draft"
    words: Mapping[str, tuple[str, ...]]  # a name that the view reads: what a form of it allows, where it says so

    def __repr__(self) -> str:
        return self.route


def pages(urls: list[URLPattern | URLResolver], above: str = "/") -> Iterator[Page]:
    for url in urls:
        route = above + str(url.pattern)
        if isinstance(url, URLResolver):
            yield from pages(url.url_patterns, route)
        else:
            yield Page(route, EVERYWHERE | _words(inspect.unwrap(url.callback)))


def _words(view: Any) -> dict[str, tuple[str, ...]]:
    """The fields of every form that a view names, and every text in its code that could be the name of one.

    Followed into what it calls in its own room. A word too many does no harm: it is one more thing that is sent.
    """
    found: dict[str, tuple[str, ...]] = {}
    seen, waiting = {view}, [view]
    while waiting:
        function = waiting.pop()
        found = dict.fromkeys(filter(NAME.fullmatch, _texts(function.__code__)), ()) | found
        for named in _named(function):
            if isinstance(named, type) and issubclass(named, forms.BaseForm):
                found |= {name: _allowed(field) for name, field in named.base_fields.items()}
            elif isinstance(named, FunctionType) and _room(named) == _room(view) and named not in seen:
                seen.add(named)
                waiting.append(inspect.unwrap(named))
    return found


def _named(function: Any) -> list[Any]:
    """What the names in its code stand for: its own globals, and what it takes of a module."""
    names, known = function.__code__.co_names, function.__globals__
    globally = [known[name] for name in names if name in known]
    modules = [it for it in globally if isinstance(it, ModuleType)]
    return globally + [vars(module)[name] for module in modules for name in names if name in vars(module)]


def _texts(code: CodeType) -> Iterator[str]:
    for it in code.co_consts:
        if isinstance(it, str):
            yield it
        elif isinstance(it, CodeType):
            yield from _texts(it)


def _room(function: Any) -> str:
    return str(function.__module__).rpartition(".")[0]


def _allowed(field: forms.Field) -> tuple[str, ...]:
    return tuple(str(value) for value, _label in getattr(field, "choices", ()))
