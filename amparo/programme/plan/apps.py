from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "amparo.programme.plan"
    label = "plan"
