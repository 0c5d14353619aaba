from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "amparo.programme.events"
    label = "events"
