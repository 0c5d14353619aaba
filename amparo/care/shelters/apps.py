from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "amparo.care.shelters"
    label = "shelters"
