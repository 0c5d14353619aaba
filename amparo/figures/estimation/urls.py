from django.urls import path

from . import views

urlpatterns = [
    path("estimates", views.estimates, name="estimates"),
    path("estimates/<int:pk>", views.estimate, name="estimate"),
    path("estimates/<int:pk>/discard", views.discard, name="estimate-discard"),
]
