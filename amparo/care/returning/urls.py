from django.urls import path

from . import views

urlpatterns = [
    path("codes", views.codes, name="codes"),
    path("codes/<uuid:pk>/read", views.read, name="code-read"),
    path("codes/<uuid:pk>/answer", views.answer, name="code-answer"),
    path("codes/<uuid:pk>/end", views.end, name="code-end"),
    path("codes/from/<uuid:contact>", views.give, name="code-give"),
    path("cases/<uuid:pk>/codes", views.of_case, name="case-codes"),
    path("cases/<uuid:pk>/codes/<uuid:code>/whose", views.whose, name="case-code-whose"),
]
