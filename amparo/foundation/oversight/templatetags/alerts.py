"""The bar of every page says how many alerts wait for whoever looks at it."""

from django import template

from amparo.foundation.access.models import User
from amparo.foundation.oversight.models import Alert

register = template.Library()


@register.filter
def alerts_waiting(user: User) -> int:
    return Alert.objects.visible_to(user).waiting().count()
