from django.urls import path

from . import unit_views, views

urlpatterns = [
    path("units", unit_views.units, name="units"),
    path("units/<uuid:pk>/leave", unit_views.remove_area, name="unit-leave"),
    path("units/<int:pk>/telephone", unit_views.set_telephone, name="unit-telephone"),
    path("cases/<uuid:pk>/people/<uuid:person>/report", views.compose, name="case-report"),
    path("reports/late/<uuid:pk>/settle", views.settle_escalation, name="escalation-settle"),
    path("reports", views.reports, name="reports"),
    path("reports/<uuid:pk>", views.report, name="report"),
    path("reports/<uuid:pk>/open", views.record_purpose, name="report-open"),
    path("reports/<uuid:pk>/pdf", views.download_pdf, name="report-pdf"),
    path("reports/<uuid:pk>/receive", views.receive_report, name="report-receive"),
    path("reports/<uuid:pk>/decide", views.record_decision, name="report-decide"),
    path("reports/<uuid:pk>/by-telephone/received", views.note_received, name="report-note-received"),
    path("reports/<uuid:pk>/by-telephone/decided", views.note_decided, name="report-note-decided"),
    path("reports/<uuid:pk>/recall", views.recall_report, name="report-recall"),
    path("reports/<uuid:pk>/say/<slug:kind>", views.add_message, name="report-say"),
]
