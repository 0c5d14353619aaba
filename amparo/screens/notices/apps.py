from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "amparo.screens.notices"
    label = "notices"
