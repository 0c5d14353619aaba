"""A kit for journalists, radios and schools: a poster with the line's number, and words to read aloud."""

import io

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A3
from reportlab.pdfgen.canvas import Canvas

from amparo.foundation.line_settings.hours import is_always_open
from amparo.foundation.line_settings.rules import current

from .rendering import line_number, render_page

PAPER, INK, BAND = HexColor(0xF8F5EF), HexColor(0x221D17), HexColor(0x24457A)


@require_GET
def media(request: HttpRequest) -> HttpResponse:
    return render_page(request, "site/media.html")


@require_GET
def logo(request: HttpRequest) -> HttpResponse:
    """Download the emblem that the poster shows. It names nobody, so it may stand beside the number on anything."""
    return _download(render_to_string("site/logo.svg").encode(), "image/svg+xml", "logo.svg")


@require_GET
def poster_svg(request: HttpRequest) -> HttpResponse:
    drawing = render_to_string(
        "site/poster.svg", {"number": _number_or_404(), "lines": _poster_lines(), "name": current().name}
    )
    return _download(drawing.encode(), "image/svg+xml", "poster.svg")


@require_GET
def poster_pdf(request: HttpRequest) -> HttpResponse:
    """The poster on A3, without any metadata but its title."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A3, invariant=1)
    width, height = A3
    canvas.setTitle(_poster_lines()[0])
    canvas.setFillColor(PAPER)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    canvas.setFillColor(BAND)
    canvas.rect(0, 0, width, height / 5, stroke=0, fill=1)
    canvas.setFillColor(INK)
    for place, (line, size) in enumerate(zip(_poster_lines(), (48, 48, 26, 26), strict=True)):
        canvas.setFont("Times-Bold" if size == 48 else "Helvetica", size)
        canvas.drawString(60, height * 0.62 - 62 * place, line)
    canvas.setFillColor(HexColor(0xFFFFFF))
    canvas.setFont("Times-Bold", 84)
    canvas.drawCentredString(width / 2, height / 10 - 26, _number_or_404())
    canvas.setFont("Helvetica", 26)
    canvas.drawCentredString(width / 2, height / 5 - 44, current().name)
    canvas.save()
    return _download(file.getvalue(), "application/pdf", "poster.pdf")


def _poster_lines() -> list[str]:
    return [
        _("Is the work not"), _("what they offered you?"), _("Look twice. Call for free,"),
        _("day and night, without your name.") if is_always_open(current()) else _("without your name."),
    ]  # fmt: skip


def _number_or_404() -> str:
    """Return the line's number. Raises `Http404` without one, because there is nothing to print."""
    if not (number := line_number()):
        raise Http404
    return number


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
