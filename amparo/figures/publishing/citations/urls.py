from django.urls import path

from . import views

urlpatterns = [path("cited-figures", views.cited, name="cited-figures")]
