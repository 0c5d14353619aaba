"""What a supervisor types of an article."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import HOTLINE, Role, User
from amparo.foundation.core import form_fields as fields

from .models import LONGEST_SEARCH, Article, ArticleVersion
from .rules import ArticleText


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search articles"), required=False, max_length=LONGEST_SEARCH,
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "data-first": "", "data-filter": ""}),
    )  # fmt: skip


class TextForm(forms.Form):
    """The text of an article in one language. `based_on` is the number of the version that the page showed."""

    based_on = fields.version_field()
    title = forms.CharField(label=_("Title"), max_length=120)
    keywords = forms.CharField(label=_("Other words for it, with commas"), required=False, max_length=400)
    read_aloud = fields.text_field(_("Words to read aloud"), rows=4)
    body = fields.text_field(
        _("Text: a blank line between paragraphs, “- ” before each line of a list"), rows=12, required=True
    )
    sources = fields.text_field(_("Sources, one a line: a text, an address of the web, or both"), rows=4, required=True)
    is_legal = forms.BooleanField(label=_("It says what the law says"), required=False)
    checked_by = fields.line_field(_("Lawyer who checked it"))

    @classmethod
    def of(cls, version: ArticleVersion | None) -> "TextForm":
        if version is None:
            return cls(initial={"based_on": 0})
        values = {name: getattr(version, name) for name in cls.base_fields if name != "based_on"}
        return cls(initial={**values, "based_on": version.number})

    def text(self, language: str) -> ArticleText:
        """The typed text with uniform line endings."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "based_on"}
        lines = {name: value.replace("\r\n", "\n") for name, value in values.items() if isinstance(value, str)}
        return ArticleText(language=language, **{**values, **lines})


class ReviewForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), empty_label=None)
    review_on = fields.bounded_day_field(_("Next review"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = User.objects.filter(agency=HOTLINE, role=Role.SUPERVISOR, is_active=True, is_machine=False)
        self.fields["owner"].queryset = owners.order_by("first_name", "pk")  # type: ignore[attr-defined]

    @classmethod
    def of(cls, article: Article) -> "ReviewForm":
        return cls(initial={"owner": article.owner_id})


class RetireForm(forms.Form):
    why = fields.line_field(_("Why, and what holds instead"), required=True)
