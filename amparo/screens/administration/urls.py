from django.urls import path

from . import line_views, readiness_views, recording_views, views

urlpatterns = [
    path("installation", views.installation, name="installation"),
    path("installation/retention", views.retention, name="retention"),
    path("installation/settings", views.set_by_environment, name="settings"),
    path("installation/line", line_views.line, name="line-settings"),
    path("installation/line/change", line_views.change_setting, name="change-setting"),
    path("installation/line/undo", line_views.undo_change, name="undo-setting"),
    path("installation/recordings", recording_views.all_recordings, name="recordings"),
    path("installation/recordings/<slug:language>/<slug:prompt>/sound", recording_views.play, name="recording-sound"),
    path(
        "installation/recordings/<slug:language>/<slug:prompt>/record", recording_views.record, name="recording-record"
    ),
    path(
        "installation/recordings/<slug:language>/<slug:prompt>/shipped",
        recording_views.play_shipped,
        name="recording-shipped",
    ),
    path(
        "installation/recordings/<slug:language>/<slug:prompt>/again",
        recording_views.play_own_again,
        name="recording-again",
    ),
    path("installation/lists", views.lists, name="word-lists"),
    path("installation/lists.csv", views.lists_csv, name="word-lists-csv"),
    path("installation/institutions", views.all_institutions, name="institutions"),
    path("ready", readiness_views.ready, name="ready"),
    path("ready/<slug:question>/state", readiness_views.state, name="ready-state"),
    path("ready/open", readiness_views.press, {"opens": True}, name="ready-open"),
    path("ready/close", readiness_views.press, {"opens": False}, name="ready-close"),
    path("installation/version", views.running, name="version"),
]
