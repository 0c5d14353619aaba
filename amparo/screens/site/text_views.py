"""Public pages whose texts editors write (programme/texts): signs, what happens if you tell us, rights, privacy."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from amparo.programme.texts import public
from amparo.programme.texts.picklists import PublicPage

from .rendering import language_query, render_page

PAGES = [page.value for page in PublicPage if page != PublicPage.START]  # the start page is views.index


@require_GET
def text(request: HttpRequest, name: str) -> HttpResponse:
    return render_page(
        request, "site/text.html", text=public.text(name, request.LANGUAGE_CODE, language_query(request))
    )
