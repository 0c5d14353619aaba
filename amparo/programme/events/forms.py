"""Forms of events, of pledges made there, and of testimonies with their permissions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.dates import day_field, moment_field
from amparo.foundation.places import places
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.picklists import Currency

from .models import Event, Pledge
from .picklists import EventKind, Outlet, Qualifier

MOST = 10_000_000


def _count_field(label: object) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST)  # type: ignore[arg-type]


class EventForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=EventKind.choices)
    campaign = forms.ModelChoiceField(
        label=_("Part of the campaign"), queryset=Campaign.objects.none(), required=False, empty_label="—"
    )
    venue = forms.CharField(label=_("Venue"), max_length=160)
    ubigeo = forms.CharField(label=_("Place"), max_length=120, required=False)
    starts_at = moment_field(_("When it begins"))
    invited = _count_field(_("Invited"))
    attendance = _count_field(_("Came"))
    attendance_qualifier = forms.ChoiceField(label=_("This number is"), choices=Qualifier.choices)
    decision_makers = _count_field(_("Of them, decision makers"))
    media_pieces = _count_field(_("Pieces in the media"))
    cost = forms.DecimalField(label=_("Cost, if known"), required=False, min_value=0, max_digits=12, decimal_places=2)
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency.choices)
    about_es = forms.CharField(
        label=_("For the public page, in Spanish"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    about_en = forms.CharField(
        label=_("For the public page, in English"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["campaign"].queryset = Campaign.objects.newest_first()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, event: Event) -> "EventForm":
        return cls(initial={**{name: getattr(event, name) for name in cls.base_fields}, "ubigeo": event.place})

    def clean_ubigeo(self) -> str:
        typed = self.cleaned_data["ubigeo"]
        place = places.place_meant(typed)
        if place is None and typed.strip():
            raise forms.ValidationError(_("Choose a place of the list: a department, a province or a district."))
        return place.ubigeo if place else ""


class PledgeForm(forms.Form):
    text = forms.CharField(label=_("What was promised"), max_length=300)
    made_by = forms.CharField(label=_("By which institution"), max_length=160)
    due = day_field(_("By which day; none: not said yet"), required=False)

    @classmethod
    def of(cls, pledge: Pledge) -> "PledgeForm":
        return cls(initial={name: getattr(pledge, name) for name in cls.base_fields})


class ClosePledgeForm(forms.Form):
    was_kept = forms.ChoiceField(choices=[("yes", _("kept")), ("no", _("not kept"))])
    evidence = forms.CharField(max_length=300, required=False)


class PermissionForm(forms.Form):
    """What a survivor allows, once the uses and risks of publishing were explained to them."""

    outlets = forms.MultipleChoiceField(
        label=_("Where they allow it"), choices=Outlet.choices, widget=forms.CheckboxSelectMultiple
    )
    until = day_field(_("Until which day"))
    was_explained = forms.BooleanField(
        label=_("The person was told where it will be, for how long, and that they can withdraw it at any time."),
        required=False,
    )


class TestimonyForm(PermissionForm):
    field_order = ("text_es", "text_en", "signed_as")

    text_es = forms.CharField(
        label=_("Their words, in Spanish"), max_length=4000, widget=forms.Textarea({"rows": 4, "autocomplete": "off"})
    )
    text_en = forms.CharField(
        label=_("In English, if translated"), max_length=4000, required=False,
        widget=forms.Textarea({"rows": 4, "autocomplete": "off"}),
    )  # fmt: skip
    signed_as = forms.CharField(
        label=_("Under which name; never their own"), max_length=60, required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip


class OutletForm(forms.Form):
    outlet = forms.ChoiceField(choices=Outlet.choices)
