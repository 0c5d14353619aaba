from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "amparo.foundation.oversight"
    label = "oversight"
