"""The language of a page: chosen with `?language=`, kept in the session; Spanish until then."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class LanguageMiddleware:
    """Set the language of a request. It ignores Accept-Language: all shared computers of a room show the same
    language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known = dict(settings.LANGUAGES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("language")
        if chosen not in self.known:
            chosen = None
        language = chosen or self._language_in_session(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if chosen and not request.session.is_empty():  # also one that signing in has begun; the public pages have none
            request.session["language"] = chosen
        response.headers.setdefault("Content-Language", language)
        return response

    def _language_in_session(self, request: HttpRequest) -> str:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return settings.LANGUAGE_CODE
        kept = request.session.get("language")
        return kept if kept in self.known else settings.LANGUAGE_CODE
