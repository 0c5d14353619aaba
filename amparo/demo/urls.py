from django.urls import path

from . import views

urlpatterns = [
    path("demo/call", views.call_as_invented_person, name="demo-call"),
    path("demo/telephones/<slug:name>", views.telephone, name="demo-telephone"),
]
