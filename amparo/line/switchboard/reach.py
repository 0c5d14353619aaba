"""Where sound may go: an SDP may name anybody, and a flood of sound harms whoever is named."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(frozen=True)
class Reach:
    """`trunks` are hosts whose SDP is followed at once, `networks` may be sent to although they are not public."""

    trunks: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def allows(self, host: str, signalling: str, *, has_answered: bool) -> bool:
        """Whether sound may go to `host` in an acknowledged call that `signalling` signals; `has_answered`: sound came
        from there to the call's own port."""
        if host == signalling:
            return True
        return (has_answered or signalling in self.trunks) and self._is_open_to(host)

    def _is_open_to(self, host: str) -> bool:
        """Private, link-local, loopback and broadcast addresses are not, unless they are named."""
        address = ip_address(host)
        return address.is_global or any(address in network for network in self.networks)
