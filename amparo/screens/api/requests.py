"""What every endpoint shares: the program's user, validation by a form, and execution once per idempotency key."""

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
from amparo.foundation.integrations.idempotency import Answer, execute_once

from .refusals import KEY
from .schemas import Refusal

Key = Annotated[UUID, Header(alias=KEY, description="A new UUID for each thing that you do.")]

OF_ALL = dict.fromkeys((400, 401, 404, 422, 429), Refusal)
SHOWN = 100  # records in one answer
LARGEST = 2**31 - 1


def program_user(request: Any) -> User:
    user: User = request.auth
    return user


def do_once(request: HttpRequest, key: UUID, do: Callable[[], Answer]) -> Answer:
    sent = f"{request.path}\n{request.body.decode(errors='replace')}"
    return execute_once(key, sent, do, by=program_user(request), now=timezone.now())


def cleaned_by(form: type[forms.Form], typed: Any) -> dict[str, Any]:
    """Return the data, cleaned by the form that the page uses, too. Raises `Refused` if the form is not valid."""
    bound = form(typed.dict())
    if not bound.is_valid():
        raise Refused(_("Something is empty, too long or unreadable: {fields}.").format(fields=", ".join(bound.errors)))
    return bound.cleaned_data
