"""Four URL tables: public pages, staff pages, the programs' API with a token, and monitoring."""

from django.urls import include, path

from amparo.screens import health, manual
from amparo.screens.site.preview_views import preview

public_urls = [
    path("", include("amparo.screens.site.urls")),
]
staff_urls = [
    path("", include("amparo.foundation.access.urls")),
    path("", include("amparo.foundation.oversight.urls")),
    path("", include("amparo.foundation.integrations.urls")),
    path("", include("amparo.line.roster.urls")),
    path("", include("amparo.line.knowledge.urls")),
    path("", include("amparo.line.contacts.urls")),
    path("", include("amparo.line.quality.urls")),
    path("", include("amparo.care.cases.urls")),
    path("", include("amparo.care.directory.urls")),
    path("", include("amparo.care.shelters.urls")),
    path("", include("amparo.care.police_reports.urls")),
    path("", include("amparo.care.referrals.urls")),
    path("", include("amparo.care.returning.urls")),
    path("", include("amparo.care.exchange.urls")),
    path("", include("amparo.programme.campaigns.urls")),
    path("", include("amparo.programme.events.urls")),
    path("", include("amparo.programme.plan.urls")),
    path("", include("amparo.programme.news.urls")),
    path("", include("amparo.programme.texts.urls")),
    path("", include("amparo.programme.training.urls")),
    path("", include("amparo.figures.estimation.urls")),
    path("", include("amparo.figures.publishing.urls")),
    path("", include("amparo.screens.desk.urls")),
    path("", include("amparo.screens.home.urls")),
    path("", include("amparo.screens.supervision.urls")),
    path("", include("amparo.screens.administration.urls")),
    path("texts/<slug:page>/<slug:language>/<int:number>/preview", preview, name="text-preview"),
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


class Public:
    """The public side's table. Its error pages are public pages too, with the exit button."""

    urlpatterns = public_urls
    handler400 = "amparo.screens.site.views.unreadable"
    handler403 = "amparo.screens.site.views.refused"
    handler404 = "amparo.screens.site.views.not_here"
    handler405 = "amparo.screens.site.views.method_not_allowed"
    handler500 = "amparo.screens.site.views.broken"


class Staff:
    urlpatterns = staff_urls + machine_urls
    handler400, handler404, handler405, handler500 = handler400, handler404, handler405, handler500


class Api:
    """Under the staff's host name, but without session and cookie: a token. Errors are JSON."""

    urlpatterns = api_urls
    handler400 = "amparo.screens.api.refusals.unreadable"
    handler404 = "amparo.screens.api.refusals.not_here"
    handler405 = "amparo.screens.api.refusals.method_not_allowed"
    handler500 = "amparo.screens.api.refusals.broken"


class Machine:
    """Requests under no host name of ours, such as this machine's address."""

    urlpatterns = machine_urls
    handler400, handler404, handler405, handler500 = handler400, handler404, handler405, handler500
