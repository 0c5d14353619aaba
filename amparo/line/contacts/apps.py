from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "amparo.line.contacts"
    label = "contacts"
    codes_of_files = ("C", "contacts_numbers")
    retention = {
        "card": 90,
        "message": 90,
        "contact": 5 * 365,
        "return": 366,
    }  # days after a record of this class is closed
