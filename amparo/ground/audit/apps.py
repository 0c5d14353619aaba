from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "amparo.ground.audit"
    label = "audit"
