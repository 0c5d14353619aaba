from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "amparo.platform.audit"
    label = "audit"
