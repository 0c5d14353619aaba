from django.apps import AppConfig


class CitationsConfig(AppConfig):
    name = "amparo.figures.citations"
    label = "citations"
