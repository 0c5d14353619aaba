from django.urls import path

from . import editor_views, views

urlpatterns = [
    path("cases/<uuid:pk>/people/<uuid:person>/services", views.search_for_person, name="case-services"),
    path("directory", views.directory, name="directory"),
    path("directory/for/<uuid:contact>", views.search_for_contact, name="directory-for-contact"),
    path("entries", editor_views.entries, name="directory-entries"),
    path("entries/hsds.json", editor_views.download_directory, name="directory-download"),
    path("entries/verifications/<uuid:pk>/done", editor_views.finish_verification_task, name="directory-task-done"),
    path("entries/organizations/add", editor_views.add_organization, name="directory-organization-add"),
    path("entries/organizations/<uuid:pk>", editor_views.organization, name="directory-organization"),
    path("entries/organizations/<uuid:pk>/services/add", editor_views.add_service, name="directory-service-add"),
    path("directory/services/<uuid:pk>", views.service, name="directory-service"),
    path("entries/services/<uuid:pk>/change", editor_views.change_service, name="directory-service-change"),
    path("entries/services/<uuid:pk>/public", editor_views.name_publicly, name="directory-service-public"),
    path("entries/services/<uuid:pk>/unname", editor_views.take_off_public_pages, name="directory-service-take-off"),
    path("entries/services/<uuid:pk>/verify", editor_views.verify, name="directory-service-verify"),
]
