from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "amparo.care.people"
    label = "people"
