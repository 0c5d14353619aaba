from django.urls import path

from . import triage_views, views

urlpatterns = [
    path("wallboard", views.wallboard, name="wallboard"),
    path("wallboard/now", views.wallboard_now, name="wallboard-now"),
    path("wallboard/screen", views.big_screen, name="wallboard-screen"),
    path("wallboard/screen/now", views.big_screen_now, name="wallboard-screen-now"),
    path("wallboard/<slug:what>", views.rows_behind_number, name="wallboard-counted"),
    path("waiting", triage_views.who_waits, name="triage"),
    path("waiting/now", triage_views.who_waits_now, name="triage-now"),
    path("calls/<uuid:pk>/pass-to", triage_views.pass_call, name="pass-call-to"),
    path("chats/<uuid:pk>/pass-to", triage_views.pass_chat, name="pass-chat-to"),
    path("chats/<uuid:pk>/unsent", triage_views.unsent_answers, name="unsent-answers"),
    path("chats/<uuid:pk>/unsent/<uuid:message>/take-back", triage_views.take_back_unsent, name="take-back-unsent"),
    path("shifts/demand/count", views.count_expected_calls, name="demand-count"),
    path("month", views.month, name="month"),
    path("month.csv", views.month_csv, name="month-csv"),
    path("month.xlsx", views.month_xlsx, name="month-xlsx"),
    path("month.pdf", views.month_pdf, name="month-pdf"),
]
