from django.urls import path

from . import views

urlpatterns = [
    path("cases/<uuid:pk>/htcds", views.export_case, name="case-export"),
    path("exchange", views.exchange, name="exchange"),
    path("exchange/export", views.export_all, name="exchange-export"),
    path("exchange/import", views.import_cases, name="exchange-import"),
]
