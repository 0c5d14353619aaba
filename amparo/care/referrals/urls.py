from django.urls import path

from . import provider_link_views, views

urlpatterns = [
    path("cases/<uuid:pk>/people/<uuid:person>/refer", views.compose, name="case-refer"),
    path("referrals", views.referrals, name="referrals"),
    path("referrals/<uuid:pk>", views.referral, name="referral"),
    path("referrals/<uuid:pk>/open", views.record_purpose, name="referral-open"),
    path("referrals/<uuid:pk>/link", views.issue_link, name="referral-link"),
    path("referrals/<uuid:pk>/turn", views.record_event, name="referral-turn"),
    path("referrals/<uuid:pk>/cancel", views.cancel_referral, name="referral-cancel"),
    path("joined", provider_link_views.provider_links, name="joined"),
    path("joined/<uuid:pk>/part", provider_link_views.unlink_provider, name="joined-part"),
]
