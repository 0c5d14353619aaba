"""Four URL tables: public pages, staff pages, the programs' API with a token, and monitoring."""

from importlib import import_module

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

from amparo.screens import health, manual
from amparo.screens.site.preview_views import preview

ROOMS = (
    "foundation.access",
    "foundation.oversight",
    "foundation.integrations",
    "line.roster",
    "line.knowledge",
    "line.contacts",
    "line.quality",
    "care.cases",
    "care.directory",
    "care.shelters",
    "care.police_reports",
    "care.referrals",
    "care.returning",
    "care.exchange",
    "programme.campaigns",
    "programme.events",
    "programme.plan",
    "programme.news",
    "programme.texts",
    "programme.training",
    "figures.estimation",
    "figures.publishing",
    "screens.desk",
    "screens.home",
    "screens.supervision",
    "screens.administration",
    "screens.notices",
)


def _patterns_of(room: str) -> list[URLPattern]:
    """Return the URL patterns of a room."""
    patterns: list[URLPattern] = import_module(f"amparo.{room}.urls").urlpatterns
    return patterns


class FirstWordResolver(URLResolver):
    """A flat table that compares an address only with the routes that begin with the same word. Nested tables would
    raise an exception for each word that is another.
    """

    def __init__(self, patterns: list[URLPattern]) -> None:
        super().__init__(RoutePattern(""), patterns)
        self.by_word: dict[str, list[URLPattern]] = {}
        for pattern in patterns:
            word = _first_word(str(pattern.pattern))
            if "<" in word:
                raise ValueError(f"{pattern.pattern} begins with a variable: no first word leads to it.")
            self.by_word.setdefault(word, []).append(pattern)

    def resolve(self, path: str) -> ResolverMatch:
        """Return the match; raises Resolver404."""
        patterns = self.by_word.get(_first_word(path), [])
        for pattern in patterns:
            if match := pattern.resolve(path):
                return match
        raise Resolver404({"path": path, "tried": [[pattern] for pattern in patterns]})


def _first_word(path: str) -> str:
    return path.partition("/")[0]


public_urls = _patterns_of("screens.site")
staff_urls = [
    *(pattern for room in ROOMS for pattern in _patterns_of(room)),
    *(_patterns_of("demo") if settings.ENVIRONMENT.demo else []),
    path("texts/<slug:page>/<slug:language>/<int:number>/preview", preview, name="text-preview"),
    path("help", manual.manual, name="manual-address"),
    path("help/", manual.manual, name="manual"),
    path("help/<path:page>", manual.manual, name="manual-page"),
]
api_urls = [
    path("api/v1/", include("amparo.screens.api.urls")),
]
machine_urls = [
    path("healthz", health.healthz),
]
urlpatterns = public_urls + staff_urls + machine_urls  # no page links to the API

handler400 = "amparo.foundation.core.pages.bad_request"
handler404 = "amparo.foundation.core.pages.not_found"
handler405 = "amparo.foundation.core.pages.method_not_allowed"
handler500 = "amparo.foundation.core.pages.server_error"


class PublicUrls:
    """URL table of the public side. Its error pages are public pages too, with the exit button."""

    urlpatterns = [FirstWordResolver(public_urls)]
    handler400 = "amparo.screens.site.views.unreadable"
    handler403 = "amparo.screens.site.views.refused"
    handler404 = "amparo.screens.site.views.not_here"
    handler405 = "amparo.screens.site.views.method_not_allowed"
    handler500 = "amparo.screens.site.views.broken"


class StaffUrls:
    """URL table of the staff's side, and of monitoring."""

    urlpatterns = [FirstWordResolver(staff_urls + machine_urls)]
    handler400, handler404, handler405, handler500 = handler400, handler404, handler405, handler500


class ApiUrls:
    """URL table of the programs' API: under the staff's host name, with a token and no session. Errors are JSON."""

    urlpatterns = api_urls
    handler400 = "amparo.screens.api.refusals.unreadable"
    handler404 = "amparo.screens.api.refusals.not_here"
    handler405 = "amparo.screens.api.refusals.method_not_allowed"
    handler500 = "amparo.screens.api.refusals.broken"


class MachineUrls:
    """URL table for requests under no host name of ours, such as this machine's address: monitoring alone."""

    urlpatterns = machine_urls
    handler400, handler404, handler405, handler500 = handler400, handler404, handler405, handler500
