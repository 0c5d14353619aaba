from django.urls import path

from . import search_views, views

urlpatterns = [
    path("home", views.home, name="home"),
    path("home/tour/leave", views.leave_tour, name="tour-leave"),
    path("search", search_views.search_page, name="search"),
    path("find/<str:code>", search_views.go_to_code, name="find"),
]
