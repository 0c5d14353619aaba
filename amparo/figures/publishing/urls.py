from django.urls import path

from . import plan_views, views
from .analysis.urls import urlpatterns as of_the_analysis
from .citations.urls import urlpatterns as of_the_citations

urlpatterns = [
    *of_the_analysis,
    *of_the_citations,
    path("plans/figures/<int:pk>", plan_views.figure_source, name="plan-figure"),
    path("editions", views.editions, name="editions"),
    path("editions/draft", views.draft, name="edition-draft"),
    path("editions/<int:pk>", views.edition, name="edition"),
    path("editions/<int:pk>/pdf", views.edition_pdf, name="edition-pdf"),
    path("editions/<int:pk>/publish", views.publish, name="edition-publish"),
    path("editions/<int:pk>/correct", views.correct, name="edition-correct"),
    path("editions/<int:pk>/discard", views.discard, name="edition-discard"),
]
