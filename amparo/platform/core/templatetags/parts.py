"""The small parts that every template may use."""

import functools

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    """A picture of one stroke; decoration only, so a word always stands beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("core/icons.svg"), name)
