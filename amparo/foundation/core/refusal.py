"""Exceptions whose message is a sentence that the person can act on."""


class Refused(Exception):
    """The action may not run; the message is a sentence the person can act on."""


class RateLimited(Refused):
    """The same client repeats a request faster than any person would; it works again a minute later."""


class Unreachable(Exception):
    """A part of the hotline is down for a moment; the message says what still works."""


class Misconfigured(Exception):
    """One sentence for the person who starts Amparo; the process exits with 2."""
