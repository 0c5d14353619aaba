from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "amparo.line.quality"
    label = "quality"
