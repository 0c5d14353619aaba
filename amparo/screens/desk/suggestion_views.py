"""The words that suggestions.js looks for in the notes. It looks in the browser: the notes are not sent."""

from dataclasses import asdict

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from amparo.care.screening.rules import signs_with_phrases
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.places.places import place_vocabulary

from .answering import for_operators


@for_operators
@require_GET
def suggestion_words(request: StaffRequest) -> HttpResponse:
    """Return as JSON the phrases of each sign, for users who may screen, and the names of places."""
    signs = [asdict(sign) for sign in signs_with_phrases()] if permissions.follow_cases(request.user) else []
    return JsonResponse({"signs": signs, "places": place_vocabulary()})
