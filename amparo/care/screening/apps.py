from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "amparo.care.screening"
    label = "screening"
