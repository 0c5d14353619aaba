from django.apps import AppConfig


class SwitchboardConfig(AppConfig):
    name = "amparo.line.switchboard"
    label = "switchboard"
