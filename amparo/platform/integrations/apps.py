from django.apps import AppConfig


class MachinesConfig(AppConfig):
    name = "amparo.platform.integrations"
    label = "integrations"
