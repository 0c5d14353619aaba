from django.urls import path

from . import views

urlpatterns = [
    path("codes", views.return_codes, name="return-codes"),
    path("codes/<uuid:pk>/read", views.mark_messages_read, name="code-read"),
    path("codes/<uuid:pk>/answer", views.answer_bearer, name="code-answer"),
    path("codes/<uuid:pk>/end", views.end_code, name="code-end"),
    path("codes/from/<uuid:contact>", views.give_code, name="code-give"),
    path("cases/<uuid:pk>/codes", views.codes_of_case, name="case-codes"),
    path("cases/<uuid:pk>/codes/<uuid:code>/whose", views.set_code_owner, name="case-code-whose"),
]
