from django.urls import path

from . import first_run_views, line_views, readiness_views, recording_views, views, word_views

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
    path("installation/lists", word_views.lists, name="word-lists"),
    path("installation/lists.csv", word_views.lists_csv, name="word-lists-csv"),
    path("installation/lists/<slug:name>", word_views.word_list, name="word-list"),
    path("installation/lists/<slug:name>/rename", word_views.rename_word, name="rename-word"),
    path("installation/lists/<slug:name>/add", word_views.add_word, name="add-word"),
    path("installation/lists/<slug:name>/retire", word_views.retire_word, name="retire-word"),
    path("installation/lists/<slug:name>/back", word_views.bring_word_back, name="bring-word-back"),
    path("installation/lists/<slug:name>/move", word_views.move_word, name="move-word"),
    path("installation/lists/<slug:name>/undo", word_views.undo_word_change, name="undo-word"),
    path("installation/institutions", views.all_institutions, name="institutions"),
    path("ready", readiness_views.ready, name="ready"),
    path("ready/<slug:question>/state", readiness_views.state, name="ready-state"),
    path("ready/open", readiness_views.press, {"opens": True}, name="ready-open"),
    path("ready/close", readiness_views.press, {"opens": False}, name="ready-close"),
    path("first-link/<str:token>", first_run_views.enter_by_link, name="first-link"),
    path("first-run", first_run_views.resume, name="first-run"),
    path("first-run/line", first_run_views.line, name="first-run-line"),
    path("first-run/ways", first_run_views.ways, name="first-run-ways"),
    path("first-run/ways/passkey/options", first_run_views.passkey_options, name="first-run-passkey-options"),
    path("first-run/ways/passkey", first_run_views.add_passkey, name="first-run-passkey"),
    path("first-run/ways/app", first_run_views.app, name="first-run-app"),
    path("first-run/sheet", first_run_views.sheet, name="first-run-sheet"),
    path("first-run/sheet/read-back", first_run_views.read_back, name="first-run-read-back"),
    path("installation/version", views.running, name="version"),
]
