from django.urls import path

from . import views

urlpatterns = [
    path("installation", views.installation, name="installation"),
    path("installation/retention", views.retention, name="retention"),
    path("installation/settings", views.set_by_environment, name="settings"),
    path("installation/line", views.line, name="line-settings"),
    path("installation/lists", views.lists, name="word-lists"),
    path("installation/lists.csv", views.lists_csv, name="word-lists-csv"),
    path("installation/institutions", views.all_institutions, name="institutions"),
    path("installation/version", views.running, name="version"),
]
