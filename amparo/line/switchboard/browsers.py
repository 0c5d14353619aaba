"""Browsers: callers from the public page and operators at their console, by WebRTC."""

from ipaddress import ip_address

from django.utils.translation import gettext as _

from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Refused

from .legs import Leg
from .media.clock import Clock
from .media.ports import NoPortLeft, Ports
from .media.web import BadOffer, WebLeg


class Browsers:
    def __init__(self, environment: Environment, clock: Clock, ports: Ports) -> None:
        host = environment.hosts[0]
        # A browser on this machine offers its network address, not loopback, so listen on every address.
        self.address = None if ip_address(host).is_loopback else host
        self.clock, self.ports = clock, ports

    @property
    def spare_ports(self) -> int:
        """Ports left for visitors, beyond those reserved for telephones and running calls."""
        return self.ports.free_count - self.ports.for_telephones - self.ports.for_running_calls

    async def answer(self, offer: str) -> tuple[Leg, WebLeg, str]:
        """Return a leg, its sound, and the SDP answer to a browser's offer.

        Raises `Refused` if the offer has no usable sound, or if no port is free.
        """
        sound = WebLeg(self.clock, self.ports, self.address)
        try:
            answer = await sound.answer(offer)
        except BadOffer as reason:
            raise Refused(_("This browser cannot talk with us. Try another, or call by telephone.")) from reason
        except NoPortLeft as reason:
            raise Refused(_("All lines are taken for a moment. Try again.")) from reason
        return Leg(sound), sound, answer
