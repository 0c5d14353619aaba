from django.urls import path

from . import views

# The pages beside a call or a chat are in screens/desk/knowledge_views.py: they also cite an article in the contact.
# Reading is below /articles, writing below /knowledge.
urlpatterns = [
    path("articles", views.articles, name="articles"),
    path("knowledge/add", views.add, name="article-add"),
    path("articles/<int:pk>", views.article, name="article"),
    path("articles/<int:pk>/versions/<int:version>", views.version, name="article-version"),
    path("knowledge/<int:pk>/<slug:language>/change", views.change, name="article-change"),
    path("knowledge/<int:pk>/publish", views.publish, name="article-publish"),
    path("knowledge/<int:pk>/review", views.review, name="article-review"),
    path("knowledge/<int:pk>/retire", views.retire, name="article-retire"),
]
