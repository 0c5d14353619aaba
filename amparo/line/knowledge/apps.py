from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "amparo.line.knowledge"
    label = "knowledge"
