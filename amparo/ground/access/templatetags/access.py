"""Templates ask the same predicates as the verbs, to offer nothing in vain: `{% if user|may:"watch" %}`."""

from django import template

from amparo.ground.access import may as predicates
from amparo.ground.access.models import User

register = template.Library()


@register.filter
def may(user: User, verb: str) -> bool:
    return bool(getattr(predicates, verb)(user))
