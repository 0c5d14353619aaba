from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "amparo.line.channels"
    label = "channels"

    def ready(self) -> None:
        """Raise `Misconfigured` for a channel whose settings are unusable, before anything starts."""
        from .rules import all_channels

        for channel in all_channels():
            channel.check_settings()
