from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "amparo.ground.core"
    label = "core"
