"""Text messages: by a carrier's message centre (SMPP 3.4) or by a gateway (signed posts), never by both."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.line_settings.rules import current

from ..channel import Keep, Outgoing, WrittenChannel, greeting
from . import coding, gateway, settings, smpp

MOST_PARTS = 2  # of the first answer: the carrier counts them, and a third one arrives later


class Sms(WrittenChannel):
    name = "sms"
    title = gettext_lazy("Text message")
    label = gettext_lazy("writes by text message")

    def read_settings(self) -> object | None:
        return settings.read_settings()

    def first_answer(self, is_open: bool = True) -> str:
        """It has no letter outside GSM 03.38, such as "í": with one a part holds 67 letters instead of 153."""
        number = current().police_number
        danger = _("In danger: call %(number)s.") % {"number": number} if number else _("In danger: call.")
        ours = _("We have your message. A person on shift reads it and writes to you here.")
        rest = _(
            "%(danger)s If there is danger, somebody is under 18 or the law requires it, we may have to tell others. "
            "Write no names or addresses. Delete this if it is not safe. No more messages: BAJA"
        ) % {"danger": danger}
        named, nameless = (f"{coding.plain(greeting(ours, is_open, named))} {rest}" for named in (True, False))
        return named if len(coding.parts_to_send(named, 0)[0]) <= MOST_PARTS else nameless

    @property
    def recognises_ids(self) -> bool:
        return isinstance(settings.read_settings(), settings.GatewaySettings)

    def receive(self, keep: Keep) -> int:
        aside = gateway.receive(self, keep)  # also what a gateway posted before the line changed to a carrier
        ours = settings.read_settings()
        if isinstance(ours, settings.SmppSettings):
            smpp.receive(ours, keep)
        return aside

    def outbox(self) -> AbstractContextManager[Callable[[Outgoing], None]]:
        ours = settings.read_settings()
        assert ours is not None  # asked only where it is set up
        return smpp.outbox(ours) if isinstance(ours, settings.SmppSettings) else gateway.outbox(ours)

    def handle_request(self, request: HttpRequest) -> HttpResponse:
        ours = settings.read_settings()
        if not isinstance(ours, settings.GatewaySettings):
            raise Http404
        return gateway.handle_request(self, ours, request)
