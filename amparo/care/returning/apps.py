from django.apps import AppConfig


class ReturningConfig(AppConfig):
    name = "amparo.care.returning"
    label = "returning"
