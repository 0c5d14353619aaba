"""The search form for services."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import OLDEST, Age
from amparo.foundation.places import languages
from amparo.foundation.places.fields import PlaceField

from .criteria import SearchCriteria, opening_moment
from .picklists import NEEDS, Sex, When


def radio_field(words: Any, label: Any, *, or_else: Any = None) -> forms.ChoiceField:
    choices = [*words.choices, *([("", or_else)] if or_else else [])]
    return forms.ChoiceField(label=label, choices=choices, required=not or_else, widget=forms.RadioSelect)


def checkbox_field(choices: Any, label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip


AGE_GROUPS = [("", "—"), *((it.value, it.label) for it in (Age.CHILD, Age.ADULT))]


class SearchForm(forms.Form):
    """Find services that accept a person. A blank field does not restrict the search."""

    ubigeo = PlaceField(_("Where the person is"))
    age = forms.IntegerField(label=_("Age"), required=False, min_value=0, max_value=OLDEST)
    age_group = forms.ChoiceField(label=_("Or, without a number"), choices=AGE_GROUPS, required=False)
    language = forms.ChoiceField(label=_("In which language"), required=False)
    sex = radio_field(Sex, _("Who it is"), or_else=_("not known"))
    when = radio_field(When, _("When"))
    needs = checkbox_field([(it.value, it.label) for it in NEEDS], _("It must also take"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", "—"), *languages.language_choices()]

    def criteria(self, now: datetime) -> SearchCriteria:
        typed = self.cleaned_data
        return SearchCriteria(
            ubigeo=typed["ubigeo"], age=typed["age"], sex=typed["sex"], needs=frozenset(typed["needs"]),
            language=typed["language"], moment=opening_moment(When(typed["when"]), now),
            age_group=typed["age_group"],
        )  # fmt: skip

    @property
    def lines(self) -> list[forms.BoundField]:
        return [self["ubigeo"], self["age"], self["age_group"], self["language"]]

    @property
    def choice_fields(self) -> list[forms.BoundField]:
        return [self["sex"], self["when"], self["needs"]]
