"""The page of what callers hear: listen, record, upload, and go back to what Amparo ships."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of
from amparo.line.switchboard import recordings
from amparo.line.switchboard.media import g711
from amparo.line.switchboard.prompts.manifest import ANY, SPANISH, Manifest, Prompt

MICROPHONE = "microphone=(self), camera=(), geolocation=()"
NAMES = {
    SPANISH: gettext_lazy("Spanish"), "quy": gettext_lazy("Quechua"), "en": gettext_lazy("English"),
    ANY: gettext_lazy("Tone and music"),
}  # fmt: skip


@staff(permissions.keep_installation)
@require_GET
def all_recordings(request: StaffRequest) -> HttpResponse:
    return _page(request, request.GET.get("spoken", ""))


@staff(permissions.keep_installation)
@require_GET
def play(request: StaffRequest, language: str, prompt: str) -> HttpResponse:
    """Send what callers hear of a prompt as a WAV file."""
    found = _prompt(language, prompt)
    if found is None:
        return _page(request, language, _("There is no such recording. Load the page anew."))
    sound = recordings.sound_of(found, settings.ENVIRONMENT.home)
    return HttpResponse(g711.as_wav(sound), content_type="audio/wav")


@staff(permissions.keep_installation)
@require_POST
def record(request: StaffRequest, language: str, prompt: str) -> HttpResponse:
    """Play the uploaded WAV file `sound` from now on."""
    file = request.FILES.get("sound")
    if file is None:
        return _page(request, language, _("Choose a file, or record one, before you save."))
    return _do(request, language, prompt, lambda it: recordings.record_prompt(it, file.read(), by=request.user))


@staff(permissions.keep_installation)
@require_POST
def play_shipped(request: StaffRequest, language: str, prompt: str) -> HttpResponse:
    return _do(request, language, prompt, lambda it: recordings.play_shipped(it, by=request.user))


@staff(permissions.keep_installation)
@require_POST
def play_own_again(request: StaffRequest, language: str, prompt: str) -> HttpResponse:
    return _do(request, language, prompt, lambda it: recordings.play_own_again(it, by=request.user))


def _do(request: StaffRequest, language: str, prompt: str, act: Callable[[Prompt], object]) -> HttpResponse:
    found = _prompt(language, prompt)
    if found is None:
        return _page(request, language, _("There is no such recording. Load the page anew."))
    if refusal := refusal_of(lambda: act(found)):
        return _page(request, language, refusal)
    return redirect(f"{reverse('recordings')}?spoken={language}#prompt-{prompt}")


def _prompt(language: str, prompt: str) -> Prompt | None:
    return Manifest().prompts.get((prompt, language))


def _page(request: StaffRequest, language: str, refusal: str = "") -> HttpResponse:
    language = language if language in NAMES else SPANISH
    context = {
        "languages": NAMES.items(), "spoken": language, "refusal": refusal, "longest": recordings.LONGEST,
        "heard": recordings.heard_in(language, settings.ENVIRONMENT.home), "room": "administration-line",
    }  # fmt: skip
    answer = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    response = render(request, "administration/recordings.html", context, status=answer)
    response.headers["Permissions-Policy"] = MICROPHONE
    return response
