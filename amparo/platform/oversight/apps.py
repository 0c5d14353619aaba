from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "amparo.platform.oversight"
    label = "oversight"
