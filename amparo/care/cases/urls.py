from django.urls import path

from . import consent_views, person_views, screening_views, task_views, views

urlpatterns = [
    path("cases", views.cases, name="cases"),
    path("cases/from/<uuid:contact>", views.open_from, name="case-from-contact"),
    path("cases/<uuid:pk>", views.case, name="case"),
    path("cases/<uuid:pk>/open", views.open_, name="case-open"),
    path("cases/<uuid:pk>/situation", views.situation, name="case-situation"),
    path("cases/<uuid:pk>/notes", views.write, name="case-notes"),
    path("cases/<uuid:pk>/take", views.take, name="case-take"),
    path("cases/<uuid:pk>/team", views.join, name="case-team"),
    path("cases/<uuid:pk>/team/<int:user>/leave", views.leave, name="case-leave"),
    path("cases/<uuid:pk>/hand-overs", views.leave_to_the_next, name="case-hand-overs"),
    path("cases/<uuid:pk>/hand-overs/<uuid:hand_over>/read", views.read, name="case-hand-over-read"),
    path("cases/<uuid:pk>/close", views.close, name="case-close"),
    path("cases/<uuid:pk>/reopen", views.reopen, name="case-reopen"),
    path("cases/<uuid:pk>/tasks", task_views.plan, name="case-tasks"),
    path("cases/<uuid:pk>/tasks/<uuid:task>/finish", task_views.finish, name="case-task-finish"),
    path("cases/<uuid:pk>/tasks/<uuid:task>/move", task_views.move, name="case-task-move"),
    path("cases/<uuid:pk>/people", person_views.add, name="case-people"),
    path("cases/<uuid:pk>/people/<uuid:person>", person_views.person, name="case-person"),
    path("cases/<uuid:pk>/people/<uuid:person>/events", person_views.event, name="case-person-events"),
    path("cases/<uuid:pk>/people/<uuid:person>/identity", person_views.identity, name="case-identity"),
    path("cases/<uuid:pk>/people/<uuid:person>/identity/open", person_views.open_identity, name="case-identity-open"),
    path("cases/<uuid:pk>/people/<uuid:person>/screening", screening_views.screening, name="case-screening"),
    path("cases/<uuid:pk>/people/<uuid:person>/screening/sign", screening_views.sign, name="case-screening-sign"),
    path("cases/<uuid:pk>/people/<uuid:person>/consent", consent_views.consent, name="case-consent"),
    path("cases/<uuid:pk>/consents/<uuid:consent>/withdraw", consent_views.withdraw, name="case-consent-withdraw"),
    path("cases/<uuid:pk>/people/<uuid:person>/bases", consent_views.basis, name="case-bases"),
    path("cases/<uuid:pk>/bases/<uuid:basis>/review", consent_views.review, name="case-basis-review"),
]
