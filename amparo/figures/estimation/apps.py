from django.apps import AppConfig


class EstimationConfig(AppConfig):
    name = "amparo.figures.estimation"
    label = "estimation"
