"""The switchboard as it is, but all its times are short: `python -m tests.test_promises.short_days`."""

from functools import partial

DAY = 5.0  # seconds that a pseudonym means the same caller
T1 = 0.05  # seconds (RFC 3261 17.1.1.1): ten times shorter, with all timers that are made of it
FORGET_EVERY = 1.0  # seconds


def main() -> None:
    from amparo.foundation.core.memory_wiping import restart_with_wiping_allocator

    restart_with_wiping_allocator()
    from amparo.__main__ import _set_up_django, _sign_in_as

    _sign_in_as("switchboard")
    _set_up_django()
    from amparo.line.switchboard import process
    from amparo.line.switchboard.sip import endpoint, transaction

    endpoint.Timers = partial(transaction.Timers.scaled, T1)
    process.Pseudonyms = partial(process.Pseudonyms, DAY)
    process.FORGET_EVERY = FORGET_EVERY
    process.main()


if __name__ == "__main__":
    main()
