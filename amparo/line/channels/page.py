"""Chats on our own page: they arrive by the page's requests, and the person reads the answers there (line/chat)."""

from django.utils.translation import gettext_lazy as _

from amparo.line.chat.models import PAGE

from .channel import ChatChannel


class PageChats(ChatChannel):
    name = PAGE
    title = _("Chat")
    label = _("writes from the page")
