from django.urls import path

from . import views

urlpatterns = [
    path("installation", views.installation, name="installation"),
    path("installation/retention", views.retention, name="retention"),
    path("installation/settings", views.set_by_environment, name="settings"),
]
