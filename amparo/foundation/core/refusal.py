"""Why something is not done, as a sentence the person can act on."""


class Refused(Exception):
    """The verb may not run; the message is a sentence the person can act on."""


class RateLimited(Refused):
    """The same asks again and again, faster than any person; a minute later it is done."""


class Unreachable(Exception):
    """Something of ours is down for a moment; the message says what still works."""


class Misconfigured(Exception):
    """One sentence for the person who starts Amparo; the process ends with 2."""
