from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "amparo.screens.home"
    label = "home"
