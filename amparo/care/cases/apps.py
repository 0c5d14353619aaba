from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "amparo.care.cases"
    label = "cases"
