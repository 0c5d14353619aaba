from django.apps import AppConfig


class DisclosuresConfig(AppConfig):
    name = "amparo.care.disclosures"
    label = "disclosures"
