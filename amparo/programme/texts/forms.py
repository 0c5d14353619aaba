"""Forms of an editor of public pages: the text, and what should change in it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import form_fields as fields

from .models import LONGEST_BODY, LONGEST_TITLE
from .shipped import Words


class TextForm(forms.Form):
    """Title and text of a public page. `based_on` is the number of the version that the editor saw."""

    based_on = fields.version_field()
    title = forms.CharField(
        label=_("Title"), max_length=LONGEST_TITLE, widget=forms.TextInput({"autocomplete": "off"})
    )  # fmt: skip
    body = fields.text_field(
        _("Text: ## before a heading, - before each line of a list, **bold**, [words](/signs) for a link"),
        rows=22, required=True, most=LONGEST_BODY,
    )  # fmt: skip

    @classmethod
    def of(cls, words: Words | None, number: int) -> "TextForm":
        return cls(initial={"based_on": number, **(words._asdict() if words else {})})

    def words(self) -> Words:
        return Words(self.cleaned_data["title"], self.cleaned_data["body"].replace("\r\n", "\n"))


class ReturnForm(forms.Form):
    why = fields.line_field(_("What should change"), required=True)
