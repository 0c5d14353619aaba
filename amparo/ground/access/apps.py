from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "amparo.ground.access"
    label = "access"
