"""The pages of articles: find and read them; for supervisors, write, publish, review and retire them."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pages import is_script
from amparo.foundation.core.refusal import Refused

from . import rules
from .forms import RetireForm, ReviewForm, SearchForm, TextForm
from .models import Article, ArticleVersion, find_articles, preferred_versions
from .picklists import Language, State


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
def articles(request: StaffRequest) -> HttpResponse:
    """Search articles. The search is posted, so that no address tells what somebody looks for."""
    form = SearchForm(request.POST or None)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    hits = [(version, reverse("article", args=[version.article_id])) for version in find_articles(typed)]
    context: dict[str, Any] = {"form": form, "hits": hits, "today": timezone.localdate(), "room": "articles"}
    if is_script(request):
        return render(request, "knowledge/_found.html", context)
    if permissions.supervise(request.user):
        others = ArticleVersion.objects.current().exclude(article__state=State.PUBLISHED).order_by("title", "pk")
        context["unpublished"] = preferred_versions(list(others))
        context["due"] = _due_reviews(request)
    return render(request, "knowledge/articles.html", context)


@staff(permissions.follow_cases)
@require_GET
def article(request: StaffRequest, pk: int) -> HttpResponse:
    """Show an article in the language of `?text=`, else in that of the screen."""
    found = _article_or_404(request, pk)
    versions = list(found.versions.current().order_by("language"))
    chosen = [version for version in versions if version.language == request.GET.get("text")]
    return _page(request, (chosen or preferred_versions(versions))[0], versions)


@staff(permissions.follow_cases)
@require_GET
def version(request: StaffRequest, pk: int, version: int) -> HttpResponse:
    """Show a version of an article as it was, also of a retired article."""
    found = get_object_or_404(
        ArticleVersion.objects.select_related("article__owner"), pk=version, article=_article_or_404(request, pk)
    )
    return _page(request, found, list(found.article.versions.current().order_by("language")))


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Write a new article, in Spanish first."""
    form, review = TextForm.of(None), ReviewForm(initial={"owner": request.user.pk})
    refusal = ""
    if request.method == "POST":
        form, review = TextForm(request.POST), ReviewForm(request.POST)
        refusal = first_error(form) or first_error(review)
        try:
            if not refusal:
                text = form.text(Language.SPANISH)
                made = rules.add_article(text, **review.cleaned_data, by=request.user, now=timezone.now())
                return redirect("article", made.pk)
        except Refused as reason:
            refusal = str(reason)
    context = {"form": form, "review": review, "refusal": refusal, "language": Language.SPANISH, "room": "articles"}
    return render(request, "knowledge/write.html", context, status=422 if refusal else 200)


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def change(request: StaffRequest, pk: int, language: str) -> HttpResponse:
    """Change an article in one language, or write it in a language that it has not."""
    if language not in Language.values:
        raise Http404
    found = _article_or_404(request, pk)
    form, refusal = TextForm.of(found.versions.current().filter(language=language).first()), ""
    if request.method == "POST":
        form = TextForm(request.POST)
        refusal = first_error(form)
        try:
            if not refusal:
                made = rules.revise_article(
                    found, form.text(language), based_on=form.cleaned_data["based_on"], by=request.user,
                    now=timezone.now(),
                )  # fmt: skip
                return redirect(f"{reverse('article', args=[found.pk])}?text={made.language}")
        except Refused as reason:
            refusal = str(reason)
    context = {"article": found, "form": form, "refusal": refusal, "language": Language(language), "room": "articles"}
    return render(request, "knowledge/write.html", context, status=422 if refusal else 200)


@staff(permissions.supervise)
@require_POST
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    rules.publish_article(_article_or_404(request, pk), by=request.user, now=timezone.now())
    return redirect("article", pk)


@staff(permissions.supervise)
@require_POST
def review(request: StaffRequest, pk: int) -> HttpResponse:
    form = ReviewForm(request.POST)
    if refusal := first_error(form):
        raise Refused(refusal)
    rules.review_article(_article_or_404(request, pk), **form.cleaned_data, by=request.user, now=timezone.now())
    return redirect("article", pk)


@staff(permissions.supervise)
@require_POST
def retire(request: StaffRequest, pk: int) -> HttpResponse:
    form = RetireForm(request.POST)
    if refusal := first_error(form):
        raise Refused(refusal)
    rules.retire_article(_article_or_404(request, pk), form.cleaned_data["why"], by=request.user, now=timezone.now())
    return redirect("article", pk)


def _article_or_404(request: StaffRequest, pk: int) -> Article:
    return get_object_or_404(Article.objects.visible_to(request.user).select_related("owner"), pk=pk)


def _due_reviews(request: StaffRequest) -> list[tuple[ArticleVersion, bool]]:
    """Return the articles whose review is due, with whether the user owns each; the user's own first."""
    due = Article.objects.to_review(timezone.localdate())
    versions = preferred_versions(
        list(ArticleVersion.objects.current().filter(article__in=due).order_by("article__review_on"))
    )
    return sorted(((it, it.article.owner_id == request.user.pk) for it in versions), key=lambda each: not each[1])


def _page(request: StaffRequest, shown: ArticleVersion, versions: list[ArticleVersion]) -> HttpResponse:
    found, today = shown.article, timezone.localdate()
    missing = [language for language in Language if language not in {each.language for each in versions}]
    history = found.versions.select_related("written_by").order_by("-written_at", "-pk")
    context = {
        "article": found, "version": shown, "versions": versions, "is_due": found.is_due(today),
        "is_current": shown in versions, "is_own": found.owner_id == request.user.pk, "missing": missing,
        "history": history, "review": ReviewForm.of(found), "retire": RetireForm(), "room": "articles",
    }  # fmt: skip
    return render(request, "knowledge/article.html", context)
