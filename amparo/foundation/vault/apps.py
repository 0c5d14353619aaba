from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "amparo.foundation.vault"
    label = "vault"
    bearers_may_call = ("vault_withdraw",)
