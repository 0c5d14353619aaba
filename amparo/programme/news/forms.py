"""The form in which an author writes a note for the press."""

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.dates import moment_field
from amparo.programme.events.models import Testimony

from .models import Note

LONGEST_TEXT = 12_000  # characters: the page stays below 14 kB compressed


def _text_field(label: object) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 8}))  # type: ignore[arg-type]


class _TestimonyField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    def label_from_instance(self, obj: Testimony) -> str:
        """Return a testimony's event, day of publication, and the start of its code, in case two have the same day.

        Its words are sealed, so they cannot stand in the list.
        """
        published = obj.published_at
        day = date_format(timezone.localtime(published), "SHORT_DATE_FORMAT") if published else ""
        return ", ".join(filter(None, [str(obj.event or ""), day, obj.code[:4]]))


class NoteForm(forms.Form):
    place = forms.CharField(label=_("Place, such as Lima"), max_length=80)
    title_es = forms.CharField(label=_("Title, in Spanish"), max_length=200)
    title_en = forms.CharField(label=_("Title, in English"), max_length=200)
    lead_es = forms.CharField(label=_("Lead, in Spanish"), max_length=400)
    lead_en = forms.CharField(label=_("Lead, in English"), max_length=400)
    text_es = _text_field(_("Text, in Spanish; a blank line between paragraphs"))
    text_en = _text_field(_("Text, in English; a blank line between paragraphs"))
    contact = forms.CharField(label=_("Press contact: office, telephone, e-mail"), max_length=300)
    testimony = _TestimonyField(
        label=_("Testimony that it quotes"), queryset=Testimony.objects.none(), required=False, to_field_name="code",
        empty_label="—",
    )  # fmt: skip
    embargo_until = moment_field(_("Embargo until; none: public when published"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        quotable = Testimony.objects.filter(withdrawn_at=None, published_at__isnull=False).order_by("pk")
        self.fields["testimony"].queryset = quotable  # type: ignore[attr-defined]

    @classmethod
    def of(cls, note: Note) -> "NoteForm":
        values = {name: getattr(note, name) for name in cls.base_fields if name != "testimony"}
        return cls(initial={**values, "testimony": note.testimony and note.testimony.code})
