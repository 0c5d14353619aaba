"""Form fields that the rooms of `care` share."""

from collections.abc import Iterable
from typing import Any

from django import forms

from amparo.care.consent.institutions import institutions_by_kind
from amparo.care.people.models import Person
from amparo.care.people.picklists import OLDEST
from amparo.foundation.access.models import User


def institution_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the institutions that a consent can name, as choices grouped by kind of recipient."""
    return [(str(kind.label).capitalize(), institutions) for kind, institutions in institutions_by_kind().items()]


def age_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=OLDEST)


class OneOfTeam(forms.TypedChoiceField):
    """A select of users. Its value is the `User`; None: nobody was chosen. `nobody` labels the empty choice."""

    def __init__(self, label: Any, nobody: Any) -> None:
        super().__init__(label=label, required=False, empty_value=None)
        self.nobody = nobody

    def set_users(self, people: Iterable[User]) -> None:
        """Set the users to choose from."""
        by_pk = {str(it.pk): it for it in people}
        self.choices = [("", self.nobody), *((pk, str(it)) for pk, it in by_pk.items())]
        self.coerce = by_pk.__getitem__


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A select of people of a case, labelled by code name and part."""

    def label_from_instance(self, obj: Person) -> str:
        return f"«{obj.code_name}», {obj.get_part_display()}"
