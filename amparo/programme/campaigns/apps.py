from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "amparo.programme.campaigns"
    label = "campaigns"
