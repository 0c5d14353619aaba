"""A version of a text, drawn as the public will see it: for its editors, on the staff's side."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import override
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.programme.texts.models import Version
from amparo.programme.texts.picklists import PublicPage
from amparo.programme.texts.public import PublicText
from amparo.programme.texts.shipped import Words, shipped_text

from .rendering import render_page


@staff(permissions.write_news)
@require_GET
def preview(request: StaffRequest, page: str, language: str, number: int) -> HttpResponse:
    """Draw a version in its own language; number 0: the shipped text."""
    if number:
        version = get_object_or_404(Version, page=page, language=language, number=number)
        words: Words | None = Words(version.title, version.body)
    else:
        words = shipped_text(page, language) if page in PublicPage.values else None
    if words is None:
        raise Http404
    template = "site/index.html" if page == PublicPage.START else "site/text.html"
    request.LANGUAGE_CODE = language
    with override(language):
        # No links to other languages: on the staff's side they would change the language of the desk.
        return render_page(request, template, text=PublicText(*words, language), preview=True, languages=())
