"""Where a person goes after sign-in, or after a page that they had to answer first."""

from django.utils.http import url_has_allowed_host_and_scheme

from . import permissions
from .models import User

LONGEST_PATH = 1000  # characters; Django takes 2,048 and then refuses to redirect there, once they are escaped


def path_or_first_page(path: str, user: User) -> str:
    """Return `path` if it is one of ours; otherwise the user's first page.

    Django would take any other text for the name of a page, or redirect to another site.
    """
    return path if is_our_path(path) else first_page(user)


def is_our_path(path: str) -> bool:
    return path.startswith("/") and len(path) <= LONGEST_PATH and url_has_allowed_host_and_scheme(path, None)


def first_page(user: User) -> str:
    """The path of the page after sign-in: the console for operators, and home for everybody else."""
    return "/console" if permissions.take_calls(user) and not permissions.supervise(user) else "/home"
