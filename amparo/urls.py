"""Two URL tables: what anybody may open, and what needs a sign-in."""

from django.urls import include, path

from amparo.screens import health

public_urls = [
    path("healthz", health.healthz),
    path("", include("amparo.screens.site.urls")),
]
staff_urls = [
    path("", include("amparo.ground.access.urls")),
    path("", include("amparo.line.contacts.urls")),
    path("", include("amparo.screens.desk.urls")),
]
urlpatterns = public_urls + staff_urls

handler400 = "amparo.ground.core.pages.unreadable"
handler404 = "amparo.ground.core.pages.not_here"
handler500 = "amparo.ground.core.pages.broken"
