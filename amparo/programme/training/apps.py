from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "amparo.programme.training"
    label = "training"
