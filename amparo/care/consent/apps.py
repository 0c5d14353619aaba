from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "amparo.care.consent"
    label = "consent"
