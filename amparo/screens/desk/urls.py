from django.urls import path

from . import call_views, demo_views, return_views, stream, views

urlpatterns = [
    path("console", views.console, name="console"),
    *(path(f"console/{name}", views.part, {"name": name}, name=f"console-{name}") for name in views.PARTS),
    path("console/ringing", views.ringing, name="ringing"),
    path("live/console", stream.console, name="live-console"),
    path("live/alerts", stream.alerts, name="live-alerts"),
    path("seat/device", views.device, name="device"),
    path("seat/phone", views.phone, name="phone"),
    path("seat/<slug:state>", views.seat, name="seat"),
    path("calls/<uuid:pk>/answer", call_views.answer, name="answer"),
    path("calls/<uuid:pk>/join", call_views.join, name="join"),
    path("calls/<uuid:pk>/pass-on", call_views.pass_on, name="pass-on"),
    path("calls/<uuid:pk>/hold", call_views.hold, name="hold"),
    path("calls/<uuid:pk>/resume", call_views.resume, name="resume"),
    path("calls/<uuid:pk>/mute", call_views.mute, name="mute"),
    path("calls/<uuid:pk>/invite", call_views.invite, name="invite"),
    path("calls/<uuid:pk>/leave", call_views.leave, name="leave"),
    path("calls/<uuid:pk>/end", call_views.end, name="end"),
    path("calls/<uuid:pk>/danger", call_views.danger, name="danger"),
    path("calls/<uuid:pk>/silent", call_views.silent, name="silent"),
    path("messages/<uuid:pk>/sound", return_views.sound, name="message-sound"),
    path("messages/<uuid:pk>/call", return_views.call_message, name="message-call"),
    path("messages/<uuid:pk>/take", return_views.take_message, name="message-take"),
    path("messages/<uuid:pk>/done", return_views.message_done, name="message-done"),
    path("return-call/<uuid:pk>", return_views.call_contact, name="return-call"),
    path("demo/call", demo_views.call, name="demo-call"),
]
