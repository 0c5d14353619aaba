from django.urls import path

from . import provider_link_views, views

urlpatterns = [
    path("cases/<uuid:pk>/people/<uuid:person>/refer", views.compose, name="case-refer"),
    path("referrals", views.referrals, name="referrals"),
    path("referrals/<uuid:pk>", views.referral, name="referral"),
    path("referrals/<uuid:pk>/open", views.open_, name="referral-open"),
    path("referrals/<uuid:pk>/link", views.link, name="referral-link"),
    path("referrals/<uuid:pk>/turn", views.turn, name="referral-turn"),
    path("referrals/<uuid:pk>/call-off", views.call_off, name="referral-call-off"),
    path("joined", provider_link_views.joined, name="joined"),
    path("joined/<uuid:pk>/part", provider_link_views.part, name="joined-part"),
]
