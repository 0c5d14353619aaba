"""Pages for signed-in people: each runs in one transaction as this person."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.pages import View, answer_refusals

from .models import User


class StaffRequest(HttpRequest):
    """A request that passed `staff`."""

    user: User


def staff(may: Callable[[User], bool]) -> Callable[[View], View]:
    """Decorate a page for people for whom `may` is true; for others it is a 404. No browser caches it."""

    def decorate(view: View) -> View:
        @answer_refusals
        @login_required
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            assert isinstance(user, User)
            if not may(user):
                raise Http404
            with acting_as(user.acting(), only_reads=request.method == "GET"):
                response = view(request, *args, **kwargs)
            add_never_cache_headers(response)
            return response

        answer.may = may  # type: ignore[attr-defined]  # the catalogue of permissions reads it
        return answer

    return decorate
