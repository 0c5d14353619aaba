from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "amparo.care.shelters"
    label = "shelters"
    requests_of_a_case = "clock.requests_of_a_case"
    retention = {"placement": 5 * 365}  # days after a record of this class is closed
