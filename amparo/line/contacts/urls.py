from django.urls import path

from . import views, wellbeing_views

urlpatterns = [
    path("contacts", views.contacts, name="contacts"),
    path("contacts/enter", views.enter, name="contact-enter"),
    path("places", views.places_like, name="places"),
    path("contacts/search", views.search, name="contacts-search"),
    path("requests", views.requests, name="requests"),
    path("requests/<int:number>/answer", views.answer, name="request-answer"),
    path("wellbeing", wellbeing_views.wellbeing, name="wellbeing"),
    path("wellbeing/rest/end", wellbeing_views.rest_over, name="rest-end"),
    path("wellbeing/<int:number>", wellbeing_views.of_person, name="wellbeing-of"),
    path("wellbeing/talks/<int:number>/take", wellbeing_views.take, name="debrief-take"),
    path("wellbeing/talks/<int:number>/decline", wellbeing_views.decline, name="debrief-decline"),
    path("contacts/<uuid:pk>", views.contact, name="contact"),
    path("contacts/<uuid:pk>/open", views.open_, name="contact-open"),
    path("contacts/<uuid:pk>/draft", views.draft, name="contact-draft"),
    path("contacts/<uuid:pk>/wrap-up", views.wrap_up, name="contact-wrap-up"),
    path("contacts/<uuid:pk>/reopen", views.reopen, name="contact-reopen"),
    path("contacts/<uuid:pk>/link", views.link, name="contact-link"),
    path("contacts/<uuid:pk>/requests", views.receive, name="contact-requests"),
    path("contacts/<uuid:pk>/hold", views.hold, name="contact-hold"),
    path("contacts/<uuid:pk>/slow", views.slow, name="contact-slow"),
]
