from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "amparo.foundation.audit"
    label = "audit"
