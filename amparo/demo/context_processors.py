"""What the pages of a demonstration show besides. A real hotline never loads this module."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest

from .history.progress import BuildProgress, read_progress


def demonstration(request: HttpRequest) -> Mapping[str, Callable[[], object]]:
    """Context processor. Its values are callables, so that only a template that shows them asks for them."""
    return {"has_telephones": has_telephones, "banners": banners, "unfinished_months": unfinished_months}


def has_telephones() -> bool:
    """True if invented people can write text messages here."""
    from .text_messages import has_message_centre  # late: it brings SMPP, and only the console asks

    return has_message_centre()


def banners() -> list[str]:
    """The templates that the home page shows first."""
    return ["demo/_invented_months.html"] if unfinished_months() else []


def unfinished_months() -> BuildProgress | None:
    """How far the invented months are built. None: they are complete, or there are none."""
    progress = read_progress()
    return None if progress is None or progress.is_complete else progress
