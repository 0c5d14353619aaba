from django.apps import AppConfig


class MachinesConfig(AppConfig):
    name = "amparo.foundation.integrations"
    label = "integrations"
