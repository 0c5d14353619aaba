"""Cite in a contact what was read aloud from an article."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.knowledge.models import ArticleVersion

from .models import CitedArticle, Contact


@action(permissions.take_calls, label=gettext_lazy("cited an article that was read aloud"))
def cite_article(contact: Contact, version: ArticleVersion, *, by: User, now: datetime) -> CitedArticle:
    """Cite this version. Twice changes nothing. Raises `Refused` unless its article is published."""
    contact = Contact.objects.visible_to(by).get_locked(contact.pk)
    if cited := CitedArticle.objects.filter(contact=contact, version=version).first():
        return cited
    if not ArticleVersion.objects.published().filter(pk=version.pk).exists():
        raise Refused(_("This article is not in use any more, so it cannot be cited. Look for the one that holds now."))
    notify("contact", contact.pk)
    return CitedArticle.objects.create(contact=contact, version=version, cited_at=now, cited_by=by)


@action(permissions.take_calls, label=gettext_lazy("took back that an article was read aloud"))
def take_back_citation(contact: Contact, version: ArticleVersion, *, by: User) -> None:
    """Remove what `by` cited by mistake. Raises `Refused` for anybody else."""
    contact = Contact.objects.visible_to(by).get_locked(contact.pk)
    if not CitedArticle.objects.filter(contact=contact, version=version, cited_by=by).delete()[0]:
        raise Refused(_("Only who cited an article can take it back."))
    notify("contact", contact.pk)
