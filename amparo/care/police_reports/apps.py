from django.apps import AppConfig


class PoliceReportsConfig(AppConfig):
    name = "amparo.care.police_reports"
    label = "police_reports"
    codes_of_files = ("D", "police_reports_numbers")
    retention = {"report": 5 * 365}  # days after a record of this class is closed
