from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "amparo.platform.vault"
    label = "vault"
    bearers_may_call = ("vault_withdraw",)
