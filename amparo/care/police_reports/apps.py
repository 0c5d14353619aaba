from django.apps import AppConfig


class PoliceReportsConfig(AppConfig):
    name = "amparo.care.police_reports"
    label = "police_reports"
    requests_of_a_case = "clock.requests_of_a_case"
    codes_of_files = ("D", "police_reports_numbers")
    retention = {"report": 5 * 365}  # days after a record of this class is closed
