"""Where sound may be sent. An SDP can name any address, and a flood of sound would harm its owner."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(frozen=True)
class Reach:
    """Decides where sound may go. An address in a trunk's SDP is allowed at once; a private one only in `networks`."""

    trunks: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def allows(self, host: str, signalling: str, *, is_paid_for: bool) -> bool:
        """Whether a packet of sound of an acknowledged call may go to `host`.

        `signalling` is the host that signals the call, and has proved that it reads what we send. `is_paid_for`: enough
        sound came from `host`. That proves nothing, because its address may be forged; it only keeps us from sending
        a victim much more than the attacker sends us.
        """
        if host == signalling:
            return True
        return (is_paid_for or signalling in self.trunks) and self._is_open_to(host)

    def _is_open_to(self, host: str) -> bool:
        """Whether the address is public, or in a configured network."""
        address = ip_address(host)
        return address.is_global or any(address in network for network in self.networks)
