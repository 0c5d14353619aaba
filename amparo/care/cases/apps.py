from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "amparo.care.cases"
    label = "cases"
    retention = {"case": 5 * 365}  # days after a record of this class is closed
