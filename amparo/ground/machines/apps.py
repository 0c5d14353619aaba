from django.apps import AppConfig


class MachinesConfig(AppConfig):
    name = "amparo.ground.machines"
    label = "machines"
