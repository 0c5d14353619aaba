"""The bar of every page, for `core/desk.html`, which is below the rooms that the bar leads to."""

from django import template
from django.template.context import Context
from django.utils import timezone

from amparo.screens.home.navigation import Bar

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> Bar:
    """The bar for this person, with the current `room` marked. It is empty before the sign-in."""
    user = context["user"]
    return Bar.of(user, str(context.get("room", "")), timezone.now()) if user.is_authenticated else Bar()
