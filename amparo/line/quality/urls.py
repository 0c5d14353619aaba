from django.urls import path

from . import views

urlpatterns = [
    path("quality", views.quality, name="quality"),
    path("quality/ask", views.ask_for_review, name="quality-ask"),
    path("samples/draw", views.draw_last_week, name="quality-draw"),
    path("quality/<uuid:pk>", views.sample, name="quality-sample"),
    path("quality/<uuid:pk>/notes", views.open_notes, name="quality-notes"),
    path("quality/<uuid:pk>/review", views.review, name="quality-review"),
    path("quality/<uuid:pk>/answer", views.answer, name="quality-answer"),
]
