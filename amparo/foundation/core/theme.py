"""Light or dark: chosen with `?theme=`, kept in the session; without a choice the device decides."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES = ("light", "dark")


class ThemeMiddleware:
    """Set `request.theme`: "light", "dark", or blank for the device's own. Any other choice clears it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.theme = ""  # type: ignore[attr-defined]
        if settings.SESSION_COOKIE_NAME in request.COOKIES:  # the public pages keep no cookie
            request.theme = self._theme_in_session(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _theme_in_session(self, request: HttpRequest) -> str:
        chosen = request.GET.get("theme")
        if chosen is not None and request.session.get("_auth_user_id"):
            request.session["theme"] = chosen if chosen in THEMES else ""
        kept = request.session.get("theme", "")
        return kept if kept in THEMES else ""
