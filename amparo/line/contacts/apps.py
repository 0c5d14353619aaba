from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "amparo.line.contacts"
    label = "contacts"
