from django.urls import path

from . import views

urlpatterns = [
    path("me/notices", views.my_notices, name="my-notices"),
    path("me/notices/open", views.open_waiting, name="open-notices"),
    path("me/notices/quiet", views.quiet_hours, name="quiet-hours"),
    path("me/notices/address", views.give_address, name="notice-address"),
    path("me/notices/confirm", views.confirm_address, name="confirm-notice-address"),
    path("me/notices/remove", views.remove_address, name="remove-notice-address"),
    path("installation/notices", views.all_notices, name="installation-notices"),
    path("installation/notices/test", views.ask_for_test, name="test-notice"),
]
