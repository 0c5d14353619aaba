"""Mark the language of the words of public pages (WCAG 3.1.2): where Quechua lacks a translation, they are in Spanish.

`translate` of this library marks words that are not in the language of the page around them. Within an attribute
nothing can be marked: write Django's `trans` there.
"""

import gettext
from functools import cache

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from amparo.catalogues import LOCALE
from amparo.screens.site.rendering import GROWING

register = template.Library()


class MarkedTranslation(template.Node):
    def __init__(self, node: TranslateNode) -> None:
        self.node = node

    def render(self, context: Context) -> str:
        words, chosen = self.node.render(context), context["request"].LANGUAGE_CODE
        if self.node.asvar or chosen != GROWING:
            return words
        spoken = GROWING if self._is_translated(context) else "es"
        if spoken == context["page_language"]:
            return words
        return format_html('<span lang="{}">{}</span>', spoken, mark_safe(words))  # what Django's tag made safe

    def _is_translated(self, context: Context) -> bool:
        message = str(self.node.filter_expression.var.literal)
        if within := self.node.message_context:
            return _catalogue().pgettext(within.resolve(context), message) != message
        return _catalogue().gettext(message) != message


@cache
def _catalogue() -> gettext.NullTranslations:
    """Return the catalogue of the growing language alone, without the Spanish words that fill its gaps."""
    return gettext.translation("django", LOCALE, [GROWING])


@register.tag
def translate(parser: Parser, token: Token) -> MarkedTranslation:
    return MarkedTranslation(do_translate(parser, token))
