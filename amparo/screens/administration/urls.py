from django.urls import path

from . import line_views, readiness_views, views

urlpatterns = [
    path("installation", views.installation, name="installation"),
    path("installation/retention", views.retention, name="retention"),
    path("installation/settings", views.set_by_environment, name="settings"),
    path("installation/line", line_views.line, name="line-settings"),
    path("installation/line/change", line_views.change_setting, name="change-setting"),
    path("installation/line/undo", line_views.undo_change, name="undo-setting"),
    path("installation/lists", views.lists, name="word-lists"),
    path("installation/lists.csv", views.lists_csv, name="word-lists-csv"),
    path("installation/institutions", views.all_institutions, name="institutions"),
    path("ready", readiness_views.ready, name="ready"),
    path("ready/<slug:question>/state", readiness_views.state, name="ready-state"),
    path("ready/open", readiness_views.press, {"opens": True}, name="ready-open"),
    path("ready/close", readiness_views.press, {"opens": False}, name="ready-close"),
    path("installation/version", views.running, name="version"),
]
