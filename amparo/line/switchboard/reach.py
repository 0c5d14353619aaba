"""Where sound may be sent. An SDP can name any address, and a flood of sound would harm its owner."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(frozen=True)
class Reach:
    """Allowed destinations. The SDP of `trunks` is followed at once; `networks` are allowed although private."""

    trunks: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def allows(self, host: str, signalling: str, *, has_answered: bool) -> bool:
        """Whether sound of an acknowledged call may go to `host`.

        `signalling` is the host that signals the call. `has_answered`: sound came from `host` to the call's own port.
        """
        if host == signalling:
            return True
        return (has_answered or signalling in self.trunks) and self._is_open_to(host)

    def _is_open_to(self, host: str) -> bool:
        """Whether the address is public, or in a configured network."""
        address = ip_address(host)
        return address.is_global or any(address in network for network in self.networks)
