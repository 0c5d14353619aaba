from django.urls import path

from . import views

# The page of one note, with its figures, is in screens/desk/news_views.py: it also reads the published figures.
urlpatterns = [
    path("notes", views.notes, name="notes"),
    path("notes/<int:pk>/change", views.change, name="note-change"),
]
