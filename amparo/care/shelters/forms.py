"""Forms for houses, beds and placements."""

from datetime import timedelta
from typing import Any, Self

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import OLDEST, Age, Gender
from amparo.foundation.access.models import HOTLINE, Agency, Kind, Role, User
from amparo.foundation.access.permissions import CASE_WORK
from amparo.foundation.core.dates import day_field
from amparo.foundation.core.form_fields import check_boxes_field, choice_field, line_field, text_field, version_field
from amparo.line.contacts.picklists import Language

from .matching import Party, PersonToPlace
from .models import Bed, House
from .picklists import BedKind, Region, UnmetReason
from .risk_briefing import TELLS_OF

A_MONTH = timedelta(days=30)


class HoldBedForm(forms.Form):
    house = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    why_apart = line_field(_("Why they are parted"))


class RequestPlacementForm(forms.Form):
    planned_to = day_field(_("Planned day of departure"))
    escort_user = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who of us brings the person"),
        required=False,
        empty_label=_("somebody else: say who below"),
    )
    escort = line_field(_("Who brings the person, if it is somebody else"))
    briefing = text_field(_("What the house must know: only what keeps everybody safe"))
    tells_of = check_boxes_field([*TELLS_OF.items()], _("It tells of"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["planned_to"] = timezone.localdate() + A_MONTH
        colleagues = self.fields["escort_user"]
        assert isinstance(colleagues, forms.ModelChoiceField)
        opens = User.objects.filter(agency=HOTLINE, is_active=True, role__in=(*CASE_WORK, Role.PLACEMENT_OFFICER))
        colleagues.queryset = opens.order_by("first_name", "pk")


class BriefingForm(forms.Form):
    briefing = text_field(_("What the house must know: only what keeps everybody safe"), required=True)
    tells_of = check_boxes_field([*TELLS_OF.items()], _("It tells of"))


class PlanStayForm(forms.Form):
    planned_to = day_field(_("Planned day of departure"))


class DeclinePlacementForm(forms.Form):
    reason = line_field(_("Why it is declined"), required=True)


class _BedField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    def label_from_instance(self, obj: Bed) -> str:
        """Return the bed's number within the house, and mark cots, because no adult can be placed in one."""
        return str(obj.number) if obj.kind == BedKind.BED else f"{obj.number} ({BedKind(obj.kind).label})"


class MoveBedForm(forms.Form):
    bed = _BedField(Bed.objects.none(), label=_("Another bed"), empty_label="—")

    def __init__(self, *args: Any, beds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bed"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = beds
        if not self.is_bound:  # a list reads them once for all its forms
            beds_by_label = ((bed.pk, field.label_from_instance(bed)) for bed in field.queryset)
            field.choices = [("", field.empty_label), *beds_by_label]


class UnmetNeedForm(forms.Form):
    """Record an unmet need.

    For a person of a case it asks only the reason; otherwise also the age and gender that are counted.
    """

    why = choice_field(UnmetReason, _("Why no bed was suitable"), required=True)
    people = forms.IntegerField(label=_("How many people"), min_value=1, max_value=20, initial=1)
    age = choice_field(Age, _("Age of the eldest"), required=True)
    gender = choice_field(Gender, _("Gender"), required=True)

    def __init__(self, *args: Any, from_case: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("people", "age", "gender") if from_case else ():
            del self.fields[name]

    @property
    def party(self) -> Party:
        known = self.cleaned_data
        eldest = PersonToPlace(gender=known["gender"], age_group=known["age"])
        return Party((eldest,) * known["people"])


class HouseForm(forms.Form):
    """The public description of a house; its address has a form of its own."""

    code_name = forms.CharField(label=_("Code name"), max_length=40)
    region = choice_field(Region, _("Region, in coarse words"), required=True)
    genders = forms.MultipleChoiceField(
        label=_("Who is taken"), choices=Gender.choices, widget=forms.CheckboxSelectMultiple
    )
    from_age = forms.IntegerField(label=_("From which age"), required=False, min_value=0, max_value=OLDEST)
    to_age = forms.IntegerField(label=_("Up to which age"), required=False, min_value=0, max_value=OLDEST)
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=Language.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    takes_families = forms.BooleanField(label=_("takes families"), required=False)
    only_families = forms.BooleanField(label=_("only families"), required=False)
    takes_babies = forms.BooleanField(label=_("takes babies"), required=False)
    is_step_free = forms.BooleanField(label=_("has no steps"), required=False)
    takes_pets = forms.BooleanField(label=_("takes animals"), required=False)
    rules = text_field(_("Rules of the house"))


class NewHouseForm(HouseForm):
    agency = forms.ModelChoiceField(Agency.objects.none(), label=_("Who runs it"), empty_label="—")
    field_order = ("code_name", "agency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency = self.fields["agency"]
        assert isinstance(agency, forms.ModelChoiceField)
        agency.queryset = Agency.objects.filter(kind=Kind.SHELTER).order_by("name")


class ChangeHouseForm(HouseForm):
    """Change an existing house. The agency that runs it cannot change: it holds the keys of the people there."""

    based_on = version_field()

    @classmethod
    def of(cls, house: House) -> Self:
        shown = {name: getattr(house, name) for name in HouseForm.base_fields}
        return cls(initial=shown | {"based_on": house.version})


class BedForm(forms.Form):
    room = forms.IntegerField(label=_("Room"), min_value=1, max_value=999)
    number = forms.IntegerField(label=_("Bed"), min_value=1, max_value=999)
    kind = choice_field(BedKind, _("What it is"), required=True)


class AddressForm(forms.Form):
    address = text_field(_("Where the house is"), required=True)
