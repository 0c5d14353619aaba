"""The name of the line on the staff's pages."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from amparo.foundation.line_settings.rules import current

OURS = "Amparo"

register = template.Library()


@register.simple_tag
def line_name() -> str:
    """The name of the line; ours where it has set none."""
    return current().name or OURS


@register.filter
def under_the_name(title: SafeString) -> SafeString:
    """Put the line's name for ours at the end of the title of a page of the staff."""
    name = current().name
    if not name or not title.endswith(OURS):
        return title
    return format_html("{}{}", mark_safe(title.removesuffix(OURS)), name)
