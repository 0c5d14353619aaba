from django.apps import AppConfig


class SnapshotConfig(AppConfig):
    name = "amparo.figures.snapshot"
    label = "snapshot"
