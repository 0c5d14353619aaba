from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "amparo.care.exchange"
    label = "exchange"
