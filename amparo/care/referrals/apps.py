from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "amparo.care.referrals"
    label = "referrals"
    bearers_may_call = ("referrals_told",)
