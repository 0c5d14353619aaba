from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "amparo.care.cases"
    label = "cases"
    codes_of_files = ("L", "cases_numbers")
    retention = {"case": 5 * 365}  # days after a record of this class is closed
