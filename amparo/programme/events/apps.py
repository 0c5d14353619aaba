from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "amparo.programme.events"
    label = "events"
    days_of_other_events = "rules.days_of_other_events"
