from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "amparo.screens.supervision"
    label = "supervision"
