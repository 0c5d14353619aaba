from django.urls import path

from . import views

urlpatterns = [
    path("roster", views.roster, name="roster"),
    path("shifts/plan", views.plan, name="roster-plan"),
    path("shifts/copy", views.copy, name="roster-copy"),
    path("shifts/<int:number>/cancel", views.cancel, name="roster-cancel"),
    path("certificates/issue", views.certify, name="roster-certify"),
    path("certificates/<int:number>/revoke", views.revoke, name="roster-revoke"),
    path("ringing-rules", views.rules, name="roster-rules"),
    path("ringing-rules/rest", views.rest, name="roster-rest"),
]
