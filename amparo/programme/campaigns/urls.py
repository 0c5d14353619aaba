from django.urls import path

from . import views

urlpatterns = [
    path("campaigns", views.campaigns, name="campaigns"),
    path("campaigns/<int:pk>", views.campaign, name="campaign"),
    path("campaigns/<int:pk>/change", views.change, name="campaign-change"),
    path("campaigns/<int:pk>/districts/<str:ubigeo>", views.districts, name="campaign-districts"),
    path("campaigns/<int:pk>/lift", views.expect_lift, name="campaign-lift"),
    path("campaigns/<int:pk>/spots", views.add_spot, name="spot-add"),
    path("campaigns/spots/<int:pk>", views.spot, name="spot"),
    path("campaigns/spots/<int:pk>/remove", views.remove_spot, name="spot-remove"),
]
