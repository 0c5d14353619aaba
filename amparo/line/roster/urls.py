from django.urls import path

from . import calendar_views, plan_views, swap_views, views

urlpatterns = [
    path("roster", views.roster, name="roster"),
    path("roster.ics", calendar_views.file, name="roster-calendar"),
    path("roster/calendar/make", calendar_views.make, name="roster-calendar-make"),
    path("roster/calendar/withdraw", calendar_views.withdraw, name="roster-calendar-withdraw"),
    path("calendar/<str:secret>.ics", calendar_views.feed, name="calendar-feed"),
    path("roster/wishes", plan_views.wish, name="roster-wish"),
    path("roster/wishes/<int:number>/withdraw", plan_views.withdraw, name="roster-withdraw"),
    path("shifts/staffing", plan_views.staffing, name="staffing"),
    path("shifts/staffing/rules", plan_views.staffing_rules, name="staffing-rules"),
    path("shifts/suggest", plan_views.suggest, name="plan-suggest"),
    path("shifts/choose", plan_views.choose, name="plan-choose"),
    path("shifts/suggestions/accept", plan_views.accept_all, name="plan-accept-all"),
    path("shifts/suggestions/discard", plan_views.discard, name="plan-discard"),
    path("shifts/suggestions/<int:number>/accept", plan_views.accept, name="plan-accept"),
    path("shifts/plan", views.plan, name="roster-plan"),
    path("shifts/copy", views.copy, name="roster-copy"),
    path("shifts/<int:number>/cancel", views.cancel, name="roster-cancel"),
    path("shifts/<int:number>/call-in", views.call_in, name="roster-call-in"),
    path("roster/shifts/<int:number>/offer", swap_views.offer, name="shift-offer"),
    path("roster/offers/<int:number>/withdraw", swap_views.withdraw, name="shift-offer-withdraw"),
    path("roster/offers/<int:number>/take", swap_views.take, name="shift-offer-take"),
    path("shifts/employment", views.employment, name="roster-employment"),
    path("shifts/mentor", views.mentor, name="roster-mentor"),
    path("certificates/issue", views.certify, name="roster-certify"),
    path("certificates/<int:number>/revoke", views.revoke, name="roster-revoke"),
    path("ringing-rules", views.rules, name="roster-rules"),
    path("ringing-rules/rest", views.rest, name="roster-rest"),
]
