"""The public pages and files of the published figures. Each edition and each year has an address of its own;
an address without a code shows the newest quarter or year that says something (`public.leading_edition`).
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from amparo.figures.publishing import public
from amparo.figures.publishing.sheets import ReadableEdition
from amparo.figures.publishing.trend import trend_of
from amparo.foundation.core.spreadsheets import as_xlsx

from .rendering import render_page


@require_GET
def figures(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """Show an edition with all its tables; without a code the leading one, or a sentence if nothing was published."""
    editions = public.editions()
    shown = _find_edition(editions, code)
    if shown is None and code is not None:
        raise Http404
    newest = next((it for it in editions if not it.is_of_a_year), None)
    year = next((it for it in editions if it.is_of_a_year), None)
    document = shown.document if shown else None
    whole_year = year.document if year and shown and not code and not shown.is_of_a_year else None
    context: dict[str, Any] = {
        "reading": ReadableEdition.of(document, shown.superseded_by) if shown and document else None,
        "newer": newest if newest and shown and newest.period.first >= shown.period.first_day_after else None,
        "year": year if year and shown and year.period != shown.period else None,
        "of_year": ReadableEdition.of(whole_year) if whole_year else None,
        "trend": None if code else trend_of(editions),
        "here": f"/figures/{code}" if code else "/figures",
    }  # fmt: skip
    return render_page(request, "site/figures.html", **context)


@require_GET
def crossed(request: HttpRequest, code: str) -> HttpResponse:
    """Show the tables of a year that cross two breakdowns. They belong to its first release. 404 without any."""
    reading = _reading_or_404(code)
    if not reading.crossed:
        raise Http404
    return render_page(request, "site/crossed.html", reading=reading)


@require_GET
def editions(request: HttpRequest) -> HttpResponse:
    """Every edition that was ever published, the superseded ones too."""
    return render_page(request, "site/editions.html", editions=public.editions())


@require_GET
def as_csv(request: HttpRequest, code: str | None = None) -> HttpResponse:
    return _download(_reading_or_404(code).as_csv(), "text/csv; charset=utf-8", _file_name(code, "csv"))


@require_GET
def as_ctdc(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """The published counts by the columns of the Counter-Trafficking Data Collaborative."""
    return _download(_reading_or_404(code).as_ctdc(), "text/csv; charset=utf-8", _file_name(code, "ctdc.csv"))


@require_GET
def as_dictionary(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """What each table and each of its cells means."""
    return _download(
        _reading_or_404(code).as_dictionary(), "text/csv; charset=utf-8", _file_name(code, "dictionary.csv")
    )


@require_GET
def as_spreadsheet(request: HttpRequest, code: str | None = None) -> HttpResponse:
    reading = _reading_or_404(code)
    return as_xlsx(reading.csv_rows(), _file_name(code), title=reading.period.first.isoformat())


@require_GET
def as_pdf(request: HttpRequest, code: str | None = None) -> HttpResponse:
    return _download(_reading_or_404(code).as_pdf(), "application/pdf", _file_name(code, "pdf"))


@require_GET
def as_dcat(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """Metadata of an edition for catalogues of open data."""
    record = _reading_or_404(code).as_dcat(request.build_absolute_uri("/figures"))
    return JsonResponse(record, content_type="application/ld+json")


FILES = {
    "csv": as_csv, "pdf": as_pdf, "xlsx": as_spreadsheet, "ctdc.csv": as_ctdc, "dictionary.csv": as_dictionary,
    "jsonld": as_dcat,
}  # fmt: skip


def urls() -> list[URLPattern]:
    addresses = {"figures": "figures", "figures/<slug:code>": "figures-edition"}
    return [
        path("figures/editions", editions, name="figures-editions"),
        path("figures/<slug:code>/crossed", crossed, name="figures-crossed"),
        *(path(address, figures, name=name) for address, name in addresses.items()),
        *(
            path(f"{address}.{extension}", view, name=f"{name}-{extension}")
            for address, name in addresses.items()
            for extension, view in FILES.items()
        ),
    ]


def _find_edition(editions: list[public.PublicEdition], code: str | None) -> public.PublicEdition | None:
    """The edition or year of this code; without a code the one that leads."""
    return next((it for it in editions if it.code == code), None) if code else public.leading_edition(editions)


def _reading_or_404(code: str | None) -> ReadableEdition:
    """Return the figures of the edition with this code; None: of the leading one. Raises `Http404` if there is none."""
    shown = _find_edition(public.editions(), code)
    document = shown.document if shown else None
    if shown is None or document is None:
        raise Http404
    return ReadableEdition.of(document, shown.superseded_by)


def _file_name(code: str | None, extension: str = "") -> str:
    """The name under which a file is saved."""
    return ".".join(filter(None, (f"figures-{code}" if code else "figures", extension)))


def _download(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
