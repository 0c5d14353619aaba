from django.urls import path

from . import views

urlpatterns = [
    path("practice", views.practices, name="practices"),
    path("practice/<int:number>", views.practice, name="practice"),
    path("practice/<int:number>/finish", views.finish, name="practice-finish"),
    path("practice/courses/<slug:code>/begin", views.begin, name="practice-begin"),
]
