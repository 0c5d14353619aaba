from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "amparo.screens.site"
    label = "public_site"
