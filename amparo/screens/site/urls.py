from django.urls import path

from . import figure_views, media_views, programme_views, service_views, text_views, views

urlpatterns = [
    path("", views.index, name="index"),
    path("call", views.call, name="call"),
    path("call/offer", views.offer, name="call-offer"),
    path("call/riddle", views.work_challenge, name="call-riddle"),
    path("chat", views.chat, name="chat"),
    path("again", views.come_back, name="again"),
    path("reply", views.answer_by_link, name="reply"),
    *figure_views.urls(),
    path("plan", programme_views.plan, name="public-plan"),
    path("performances", programme_views.performances, name="public-events"),
    path("performances/<int:pk>", programme_views.performance, name="public-event"),
    path("testimonies/<slug:code>", programme_views.testimony, name="public-testimony"),
    path("services", service_views.services, name="public-services"),
    path("services/<int:department>", service_views.services_of, name="public-services-of"),
    path("media", media_views.media, name="public-media"),
    path("media/logo.svg", media_views.logo, name="public-logo"),
    path("media/poster.svg", media_views.poster_svg, name="public-poster"),
    path("media/poster.pdf", media_views.poster_pdf, name="public-poster-pdf"),
    path("news", programme_views.news, name="public-news"),
    path("news/<slug:slug>", programme_views.note, name="public-note"),
    path("news.atom", programme_views.feed, name="public-feed"),
    *(path(name, text_views.text, {"name": name}, name=f"public-{name}") for name in text_views.PAGES),
    path("hooks/<slug:name>", views.provider_hook, name="provider-hook"),
    path("cover", views.cover, name="cover"),
    path("favicon.ico", views.favicon, name="favicon"),
]
