from django.urls import path

from . import views

# The preview is in screens/site/text_views.py: it draws a version with the public page's own template.
urlpatterns = [
    path("texts", views.texts, name="texts"),
    path("texts/<int:pk>/send", views.send, name="text-send"),
    path("texts/<int:pk>/publish", views.publish, name="text-publish"),
    path("texts/<int:pk>/return", views.give_back, name="text-return"),
    path("texts/<slug:page>/<slug:language>", views.text, name="text"),
    path("texts/<slug:page>/<slug:language>/change", views.change, name="text-change"),
    path("texts/<slug:page>/<slug:language>/<int:number>/restore", views.restore, name="text-restore"),
]
