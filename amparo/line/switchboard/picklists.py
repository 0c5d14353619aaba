from enum import StrEnum


class Trunk(StrEnum):
    """The state of the trunk, which carries outgoing calls, as the switchboard knows it."""

    NONE = "none"
    WITHOUT_REGISTRATION = "without_registration"  # it asks for none; only a call shows whether it answers
    REGISTERED = "registered"
    REFUSED = "refused"  # not registered: it refuses us, or does not answer
