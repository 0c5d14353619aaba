from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "amparo.programme.news"
    label = "news"
