from django.urls import path

from . import views

urlpatterns = [
    path("machines", views.machines, name="machines"),
    path("machines/add", views.add, name="machine-add"),
    path("machines/<int:pk>/end", views.end, name="machine-end"),
    path("machines/hook", views.hook, name="hook"),
    path("machines/hook/end", views.end_hook, name="hook-end"),
]
