from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "amparo.line.roster"
    label = "roster"
    retention = {"shift": 30}  # days after a record of this class is closed
