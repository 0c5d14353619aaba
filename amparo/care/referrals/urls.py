from django.urls import path

from . import views

urlpatterns = [
    path("cases/<uuid:pk>/people/<uuid:person>/report", views.compose, name="case-report"),
    path("reports/late/<uuid:pk>/settle", views.settle, name="escalation-settle"),
    path("reports", views.reports, name="reports"),
    path("reports/<uuid:pk>", views.report, name="report"),
    path("reports/<uuid:pk>/open", views.open_, name="report-open"),
    path("reports/<uuid:pk>/pdf", views.pdf, name="report-pdf"),
    path("reports/<uuid:pk>/receive", views.receive, name="report-receive"),
    path("reports/<uuid:pk>/decide", views.decide, name="report-decide"),
    path("reports/<uuid:pk>/say/<slug:kind>", views.say, name="report-say"),
]
