from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "amparo.programme.texts"
    label = "texts"
