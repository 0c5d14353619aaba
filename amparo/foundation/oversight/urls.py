from django.urls import path

from . import ledger_views, views

urlpatterns = [
    path("alerts", views.alerts, name="alerts"),
    *(path(f"alerts/{name}", views.alerts_part, {"name": name}, name=f"alerts-{name}") for name in ("bar", "list")),
    path("alerts/<int:number>/answer", views.answer_alert, name="alert-answer"),
    path("ledger", ledger_views.ledger, name="ledger"),
    path("ledger/group", ledger_views.ledger_group, name="ledger-group"),
    path("ledger.csv", ledger_views.ledger_csv, name="ledger-csv"),
    path("ledger/entries", ledger_views.entries, name="ledger-entries"),
]
