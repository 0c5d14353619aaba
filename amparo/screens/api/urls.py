"""The API's routes, one router per room. A documentation page would load foreign scripts, so there is none."""

from django.urls import path
from django.views.decorators.cache import never_cache
from ninja import NinjaAPI

from . import referrals, reports
from .authentication import Token
from .refusals import add_handlers

api = NinjaAPI(
    title="Amparo", version="1", docs_url=None, auth=Token(), urls_namespace="api",
    description="Police reports, for programs of the unit that they were sent to, and referrals, for programs of the"
    " institution whose services are asked. How to begin: docs/en/integrator.md.",
)  # fmt: skip
add_handlers(api)
api.add_decorator(never_cache, mode="view")
api.add_router("reports", reports.router)
api.add_router("referrals", referrals.router)

urlpatterns = [path("", api.urls)]
