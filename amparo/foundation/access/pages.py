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
    """The request of a view decorated with `staff`: its user is signed in, and one of ours."""

    user: User


def staff(may: Callable[[User], bool]) -> Callable[[View], View]:
    """Decorate a view for signed-in users for whom `may(user)` is true; others get a 404.

    It runs in one transaction as the user, and no browser caches its answer.
    """

    def decorate(view: View) -> View:
        @answer_refusals
        @login_required
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            assert isinstance(user, User)
            if not may(user):
                raise Http404
            with acting_as(user.acting(), asynchronous_commit=request.method == "GET"):
                response = view(request, *args, **kwargs)
            add_never_cache_headers(response)
            return response

        answer.may = may  # type: ignore[attr-defined]  # the catalogue of permissions reads it
        return answer

    return decorate
