"""One part of the hotline and how it is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

LIGHTS = GREEN, AMBER, RED = "green", "amber", "red"  # red: calls, people or backups are lost


@dataclass(frozen=True)
class Part:
    key: str  # in /healthz
    name: str
    light: str
    sentences: tuple[str, ...]  # the first one says it briefly
    remedy: str = ""  # what to do; blank: nothing
    of: str = ""  # which one, where several parts have one key

    @property
    def kept_as(self) -> str:
        """Its name among the states of the last thirty days."""
        return f"{self.key} {self.of}".strip()

    @property
    def words(self) -> str:
        return " ".join(self.sentences)

    @property
    def verdict(self) -> str:
        return {GREEN: _("well"), AMBER: _("look at it"), RED: _("does not work")}[self.light]
