from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "amparo.foundation.integrations"
    label = "integrations"
