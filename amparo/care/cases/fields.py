"""Form fields that the rooms of `care` share."""

from collections.abc import Iterable
from typing import Any

from django import forms

from amparo.care.consent.institutions import offered
from amparo.care.people.models import Person
from amparo.care.people.picklists import OLDEST
from amparo.foundation.access.models import User
from amparo.foundation.core.dates import moment_field


def one_institution() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of institutions that a consent can name, grouped by kind of recipient."""
    return [(str(kind.label).capitalize(), institutions) for kind, institutions in offered().items()]


def years(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=OLDEST)


def moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    return moment_field(label, required=required)


class OneOfTeam(forms.TypedChoiceField):
    """A select of users; its value is the `User`. None: nobody was chosen. `nobody` labels the empty choice."""

    def __init__(self, label: Any, nobody: Any) -> None:
        super().__init__(label=label, required=False, empty_value=None)
        self.nobody = nobody

    def are(self, people: Iterable[User]) -> None:
        """Set the users to choose from."""
        by_pk = {str(it.pk): it for it in people}
        self.choices = [("", self.nobody), *((pk, str(it)) for pk, it in by_pk.items())]
        self.coerce = by_pk.__getitem__


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A select of people of a case, labelled by code name and part."""

    def label_from_instance(self, obj: Person) -> str:
        return f"«{obj.code_name}», {obj.get_part_display()}"
