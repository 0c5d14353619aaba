"""Articles beside a call or a chat: search, read, and cite in the contact what was read aloud."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.pages import is_script
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import cite_article, take_back_citation
from amparo.line.knowledge.forms import SearchForm
from amparo.line.knowledge.models import ArticleVersion, find_articles

from .answering import for_operators


@for_operators
@require_http_methods(["GET", "POST"])
def articles(request: StaffRequest, contact: UUID) -> HttpResponse:
    """Search articles for this contact. The search is posted, so that no address tells what it is about."""
    found, form = _contact_or_404(request, contact), SearchForm(request.POST or None)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    hits = [(version, reverse("console-article", args=[found.pk, version.pk])) for version in find_articles(typed)]
    context = {"form": form, "hits": hits, "today": timezone.localdate(), "room": "console"}
    if is_script(request):
        return render(request, "knowledge/_found.html", context)
    context |= {"contact": found, "cited_articles": found.cited_articles.in_order()}
    return render(request, "desk/articles.html", context)


@for_operators
@require_GET
def article(request: StaffRequest, contact: UUID, version: int) -> HttpResponse:
    """Show a version of an article beside a contact. A retired article is shown, but cannot be cited."""
    found, shown = _contact_or_404(request, contact), get_object_or_404(_readable_versions(), pk=version)
    cited = found.cited_articles.in_order().filter(version=shown).first()
    others = ArticleVersion.objects.current().filter(article=shown.article).order_by("language")
    context = {
        "contact": found, "version": shown, "article": shown.article, "cited": cited, "room": "console",
        "others": others.exclude(pk=shown.pk), "is_due": shown.article.is_due(timezone.localdate()),
    }  # fmt: skip
    return render(request, "desk/article.html", context)


@for_operators
@require_POST
def cite(request: StaffRequest, contact: UUID, version: int) -> HttpResponse:
    """Record that this version was read aloud to the caller; with the parameter `back`, take that back."""
    found, shown = _contact_or_404(request, contact), get_object_or_404(_readable_versions(), pk=version)
    if request.POST.get("back"):
        take_back_citation(found, shown, by=request.user)
    else:
        cite_article(found, shown, by=request.user, now=timezone.now())
    return redirect("console-article", found.pk, shown.pk)


def _contact_or_404(request: StaffRequest, pk: UUID) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)


def _readable_versions() -> QuerySet[ArticleVersion]:
    return ArticleVersion.objects.exclude(article__published_at=None).select_related("article__owner")
