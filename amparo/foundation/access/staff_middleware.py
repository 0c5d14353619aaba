"""Checks the session on every staff page: as a middleware, so that no view can forget it."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.pages import is_script, sentence_response

from .session_state import NOTED_EVERY, SessionState, session_state_of

WHY = {
    SessionState.EXPIRED: _("Your sign-in has ended. Sign in again."),
    SessionState.PARTIAL: _("First register how you show that it is you."),
    SessionState.FIRST_RUN: _("First finish the four steps of the first run."),
    SessionState.LOCKED: _("This desk is locked. Show that it is you."),
}


class StaffMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return None  # not signed in; the view itself requires it
        now = time.time()
        request.arrived_ms = int(now * 1000)  # type: ignore[attr-defined]  # the page shows no older state
        state = session_state_of(request.session, request.user, now)
        if state is SessionState.FULL:
            _note_activity(request, now)
            return None
        return None if state in getattr(view, "open_to", ()) else _refuse(request, state)


def _refuse(request: HttpRequest, state: SessionState) -> HttpResponse:
    if state is SessionState.EXPIRED:
        logout(request)
    if is_script(request):
        response = sentence_response(request, WHY[state], 403)
        response.headers["X-Session-State"] = state.value  # for lock.js, which covers the page and keeps it
        return response
    if state is SessionState.PARTIAL:
        return redirect("me")
    if state is SessionState.FIRST_RUN:
        return redirect("first-run")
    back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return redirect(f"{'/sign-in' if state is SessionState.EXPIRED else '/prove'}{'?' if back else ''}{back}")


def _note_activity(request: HttpRequest, now: float) -> None:
    """Record activity for the desk lock.

    Navigations and forms count; requests that scripts send by themselves do not.
    """
    is_activity = request.method != "GET" or not is_script(request)
    if is_activity and now - request.session.get("seen_at", 0.0) > NOTED_EVERY:
        request.session["seen_at"] = now
