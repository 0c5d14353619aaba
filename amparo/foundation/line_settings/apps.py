from django.apps import AppConfig


class LineSettingsConfig(AppConfig):
    name = "amparo.foundation.line_settings"
    label = "line_settings"
