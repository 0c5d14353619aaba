from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "amparo.care.people"
    label = "people"
    retention = {"identity": 5 * 365}  # days after a record of this class is closed
