"""Access checks for templates, to offer no useless button: `{% if user|may:"watch" %}`; and the lock dialog of
a desk.
"""

import functools
import re
from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from amparo.foundation.access import permissions as predicates
from amparo.foundation.access.models import User

PLACEHOLDER = re.compile("\0(\\w+)\0")  # no text of PostgreSQL contains a NUL

register = template.Library()


@register.filter
def may(user: User, verb: str) -> bool:
    """True if this user has the permission of this name (permissions.py)."""
    return bool(getattr(predicates, verb)(user))


@register.filter
def initials(user: User) -> str:
    """Return the first letters of the first two words of a person's name, for their picture."""
    return "".join(word[0] for word in str(user).split()[:2]).upper()


@register.simple_tag(takes_context=True)
def lock(context: Context) -> SafeString:
    """Return the dialog that locks a page until its user signs in again; blank unless they are fully signed in.

    Its HTML is cached; only the user's own values are filled in each time.
    """
    request, user = context["request"], context["user"]
    invented = bool(request.session.get("invented"))
    if not (invented or request.session.get("is_full")):
        return SafeString()
    values = {
        "user": user, "username": user.username, "csrf_token": context["csrf_token"],
        "back": urlencode({"next": request.path}),
    }  # fmt: skip
    html = _dialog(get_language(), by_password=user.has_usable_password(), invented=invented)
    return mark_safe(PLACEHOLDER.sub(lambda match: conditional_escape(str(values[match[1]])), html))


@functools.cache
def _dialog(_language: str, **options: bool) -> str:
    """Return the dialog with placeholders for the user's values. `_language` is only a key of the cache."""
    placeholders = {name: f"\0{name}\0" for name in ("user", "username", "csrf_token", "back")}
    return get_template("access/_lock.html").render(placeholders | options)
