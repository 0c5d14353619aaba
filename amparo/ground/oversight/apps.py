from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "amparo.ground.oversight"
    label = "oversight"
