"""A filter for the number of waiting alerts in the bar of every page."""

from django import template

from amparo.foundation.access.models import User
from amparo.foundation.oversight.models import Alert

register = template.Library()


@register.filter
def alerts_waiting(user: User) -> int:
    return Alert.objects.visible_to(user).waiting().count()
