from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "amparo.care.directory"
    label = "directory"
    consent_may_name = "Organization"
