from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "amparo.line.roster"
    label = "roster"
