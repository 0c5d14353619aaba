from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "amparo.line.channels"
    label = "channels"

    def ready(self) -> None:
        """Raise `Misconfigured` for a channel whose settings are unusable, before anything starts."""
        from .rules import written_channels

        written_channels()  # reads the settings of each
