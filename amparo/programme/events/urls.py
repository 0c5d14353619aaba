from django.urls import path

from . import pledge_views, views

urlpatterns = [
    path("events", views.events, name="events"),
    path("events/testimonies", views.testimonies, name="testimonies"),
    path("events/<int:pk>", views.event, name="event"),
    path("events/<int:pk>/change", views.change, name="event-change"),
    path("events/<int:pk>/remove", views.remove, name="event-remove"),
    path("events/<int:pk>/publish", views.publish, name="event-publish"),
    path("events/<int:pk>/unpublish", views.unpublish, name="event-unpublish"),
    path("events/<int:pk>/pledges", views.add_pledge, name="pledge-add"),
    path("events/<int:pk>/testimonies", views.add_testimony, name="testimony-add"),
    path("events/pledges/<int:pk>", pledge_views.pledge, name="pledge"),
    path("events/pledges/<int:pk>/reopen", pledge_views.reopen, name="pledge-reopen"),
    path("events/pledges/<int:pk>/remove", pledge_views.remove, name="pledge-remove"),
    path("events/pledges/<int:pk>/close", views.close_pledge, name="pledge-close"),
    path("events/testimonies/<uuid:pk>/publish", views.publish_testimony, name="testimony-publish"),
    path("events/testimonies/<uuid:pk>/allow", views.allow_outlets, name="testimony-allow"),
    path("events/testimonies/<uuid:pk>/withdraw", views.withdraw_testimony, name="testimony-withdraw"),
    path("events/testimonies/<uuid:pk>/withdraw-outlet", views.withdraw_outlet, name="testimony-withdraw-outlet"),
]
