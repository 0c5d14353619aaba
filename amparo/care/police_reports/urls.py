from django.urls import path

from . import unit_views, views

urlpatterns = [
    path("units", unit_views.units, name="units"),
    path("units/<uuid:pk>/leave", unit_views.leave, name="unit-leave"),
    path("units/<int:pk>/telephone", unit_views.telephone, name="unit-telephone"),
    path("cases/<uuid:pk>/people/<uuid:person>/report", views.compose, name="case-report"),
    path("reports/late/<uuid:pk>/settle", views.settle, name="escalation-settle"),
    path("reports", views.reports, name="reports"),
    path("reports/<uuid:pk>", views.report, name="report"),
    path("reports/<uuid:pk>/open", views.open_, name="report-open"),
    path("reports/<uuid:pk>/pdf", views.pdf, name="report-pdf"),
    path("reports/<uuid:pk>/receive", views.receive, name="report-receive"),
    path("reports/<uuid:pk>/decide", views.decide, name="report-decide"),
    path("reports/<uuid:pk>/by-telephone/received", views.note_received, name="report-note-received"),
    path("reports/<uuid:pk>/by-telephone/decided", views.note_decided, name="report-note-decided"),
    path("reports/<uuid:pk>/call-back", views.call_back, name="report-call-back"),
    path("reports/<uuid:pk>/say/<slug:kind>", views.say, name="report-say"),
]
