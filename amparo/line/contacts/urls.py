from django.urls import path

from . import views, wellbeing_views

urlpatterns = [
    path("contacts", views.contacts, name="contacts"),
    path("contacts/enter", views.enter_by_hand, name="contact-enter"),
    path("places", views.places_like, name="places"),
    path("contacts/search", views.search_by_number, name="contacts-search"),
    path("requests", views.data_requests, name="requests"),
    path("requests/<int:number>/answer", views.answer_data_request, name="request-answer"),
    path("wellbeing", wellbeing_views.wellbeing, name="wellbeing"),
    path("wellbeing/rest/end", wellbeing_views.end_own_rest, name="rest-end"),
    path("wellbeing/<int:number>", wellbeing_views.wellbeing_of_person, name="wellbeing-of"),
    path("wellbeing/talks/<int:number>/take", wellbeing_views.take_debrief, name="debrief-take"),
    path("wellbeing/talks/<int:number>/decline", wellbeing_views.decline_debrief, name="debrief-decline"),
    path("contacts/<uuid:pk>", views.contact, name="contact"),
    path("contacts/<uuid:pk>/open", views.give_reason_to_open, name="contact-open"),
    path("contacts/<uuid:pk>/draft", views.load_or_save_edits, name="contact-draft"),
    path("contacts/<uuid:pk>/wrap-up", views.wrap_up, name="contact-wrap-up"),
    path("contacts/<uuid:pk>/reopen", views.reopen, name="contact-reopen"),
    path("contacts/<uuid:pk>/link", views.link_to_earlier, name="contact-link"),
    path("contacts/<uuid:pk>/requests", views.receive_data_request, name="contact-requests"),
    path("contacts/<uuid:pk>/hold", views.set_or_lift_hold, name="contact-hold"),
    path("contacts/<uuid:pk>/slow", views.start_or_end_slowing, name="contact-slow"),
]
