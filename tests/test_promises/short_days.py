"""The switchboard as it is, but a day of its pseudonyms has seconds: `python -m tests.test_promises.short_days`."""

from functools import partial

DAY = 5.0  # seconds
FORGET_EVERY = 1.0  # seconds


def main() -> None:
    from amparo.ground.core.memory import overwrite_what_is_freed

    overwrite_what_is_freed()
    from amparo.__main__ import _be, _django

    _be("switchboard")
    _django()
    from amparo.line.switchboard import process

    process.Pseudonyms = partial(process.Pseudonyms, DAY)
    process.FORGET_EVERY = FORGET_EVERY
    process.main()


if __name__ == "__main__":
    main()
