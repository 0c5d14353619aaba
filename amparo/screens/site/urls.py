from django.urls import path

from . import views

urlpatterns = [
    path("", views.index, name="index"),
    path("call", views.call, name="call"),
    path("call/offer", views.offer, name="call-offer"),
    path("call/riddle", views.riddle, name="call-riddle"),
    path("chat", views.chat, name="chat"),
    path("again", views.again, name="again"),
    path("reply", views.reply, name="reply"),
    path("figures", views.figures, name="figures"),
    path("figures.csv", views.figures_csv, name="figures-csv"),
    path("cover", views.cover, name="cover"),
    path("favicon.ico", views.favicon, name="favicon"),
]
