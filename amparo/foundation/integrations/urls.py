from django.urls import path

from . import views

urlpatterns = [
    path("integrations", views.integrations, name="integrations"),
    path("integrations/add", views.add_program, name="machine-add"),
    path("integrations/<int:pk>/end", views.end_token, name="machine-end"),
    path("integrations/hook", views.set_webhook, name="hook"),
    path("integrations/hook/end", views.end_webhook, name="hook-end"),
]
