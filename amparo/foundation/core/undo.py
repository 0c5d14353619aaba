"""Offer the inverse of what was just done, for eight seconds: the verb happens at once, and so does its inverse.

Both are actions with an entry of their own. A signed cookie carries the offer to the next page and ends by itself. It
holds an address and ids of rows, never a name.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

SECONDS = 8
COOKIE = "undo"


@dataclass(frozen=True)
class Undo:
    done: str | Promise  # what was done, in words
    inverse: str | Promise  # the button that takes it back
    action: str  # address of the inverse
    fields: Mapping[str, Any]  # what its form sends


def offer_undo(response: HttpResponse, kind: str, action: str, **fields: Any) -> HttpResponse:
    """Let the next page offer the inverse: a form that sends `fields` to the address `action`. Returns the response.

    Only a redirection offers it: a refused form has nothing to undo. `kind` was registered with `label_undo`.
    """
    if response.status_code != HTTPStatus.FOUND:
        return response
    value = json.dumps([kind, action, {name: str(value) for name, value in fields.items()}])
    response.set_signed_cookie(
        COOKIE, value, max_age=SECONDS, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Strict"
    )
    return response


def offered_undo(request: HttpRequest) -> Undo | None:
    """Return the offer in the cookie; None: there is none, its eight seconds are over, or somebody changed it."""
    try:
        kind, action, fields = json.loads(request.get_signed_cookie(COOKIE, "", max_age=SECONDS) or "null")
        done, inverse = LABELS[kind]
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        return None
    return Undo(done, inverse, action, fields)


class UndoMiddleware:
    """Delete the offer after the next form that is done: its banner would undo an action before that one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        was_form = request.method == "POST" and response.status_code == HTTPStatus.FOUND
        if was_form and COOKIE in request.COOKIES and COOKIE not in response.cookies:
            response.delete_cookie(COOKIE, samesite="Strict")
        return response


LABELS: dict[str, tuple[str | Promise, str | Promise]] = {}


def label_undo(kind: str, done: str | Promise, inverse: str | Promise) -> None:
    """Register, for a kind of action, the sentence that confirms it and the label of the button that undoes it."""
    LABELS[kind] = done, inverse
