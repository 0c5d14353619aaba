from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "amparo.screens.administration"
    label = "administration"
