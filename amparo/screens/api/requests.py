"""What a program sends: who it is, whether it fits, and that it is done once."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header

from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.idempotency import Answer, once

from .refusals import KEY
from .schemas import Refusal

Key = Annotated[UUID, Header(alias=KEY, description="A new UUID for each thing that you do.")]

OF_ALL = dict.fromkeys((400, 401, 404, 422, 429), Refusal)
SHOWN = 100  # in one answer
LARGEST = 2**31 - 1


def who(request: Any) -> User:
    user: User = request.auth
    return user


def do_once(request: HttpRequest, key: UUID, do: Callable[[], Answer]) -> Answer:
    sent = f"{request.path}\n{request.body.decode(errors='replace')}"
    return once(key, sent, do, by=who(request), now=timezone.now())


def fitting(form: type[forms.Form], typed: Any) -> dict[str, Any]:
    """As on the page: the same lengths, and the same sentence."""
    filled = form(typed.dict())
    if not filled.is_valid():
        raise Refused(
            _("Something is empty, too long or unreadable: {fields}.").format(fields=", ".join(filled.errors))
        )
    return filled.cleaned_data
