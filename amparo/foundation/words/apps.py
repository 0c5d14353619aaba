from django.apps import AppConfig


class WordsConfig(AppConfig):
    name = "amparo.foundation.words"
    label = "words"
