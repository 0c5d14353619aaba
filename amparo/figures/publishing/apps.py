from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "amparo.figures.publishing"
    label = "publishing"
