from django.urls import path

from . import views

urlpatterns = [
    path("integrations", views.integrations, name="integrations"),
    path("integrations/add", views.add, name="machine-add"),
    path("integrations/<int:pk>/end", views.end, name="machine-end"),
    path("integrations/hook", views.hook, name="hook"),
    path("integrations/hook/end", views.end_webhook, name="hook-end"),
]
