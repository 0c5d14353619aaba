from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "amparo.screens.desk"
    label = "desk"
