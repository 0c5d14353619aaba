"""Forms for the first sign-in, and for an administrator who adds a person."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from .models import Kind, Role, User
from .permissions import OTHER_ROLE, roles_of

OF_PEOPLE = [(role.value, role.label) for role in Role if role != Role.SERVICE_LIAISON]


class CodeForm(forms.Form):
    username = forms.CharField(max_length=150, label=_("Name to sign in with"))
    code = forms.CharField(max_length=40, label=_("Enrolment code"))


class PasswordForm(SetPasswordForm[User]):
    """Only length matters, and it must not be a well-known password (NIST SP 800-63B)."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["new_password1"].label = _("New password, at least 12 signs")
        self.fields["new_password2"].label = _("The same once more")

    def save(self, commit: bool = True) -> User:
        """Save the password alone: the page may write no other column of a user."""
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.save(update_fields=["password"])
        return self.user


class RoleForm(forms.Form):
    """The role of a person, among those of the agency's kind."""

    role = forms.ChoiceField(label=_("Role"), error_messages={"invalid_choice": OTHER_ROLE})

    def __init__(self, *args: Any, kind: Kind = Kind.HOTLINE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles_of(kind)]  # type: ignore[attr-defined]


class PeopleForm(forms.Form):
    """Which people of one's institution are shown."""

    ALL = "all"
    SHOWS = (
        (ALL, _("All people")),
        ("second", _("Without a second way in")),
        ("new", _("Not yet registered")),
        ("unused", _("Not used for 60 days")),
        ("locked", _("Locked")),
    )
    show = forms.ChoiceField(choices=SHOWS, required=False)
    role = forms.ChoiceField(choices=[("", _("Every role")), *OF_PEOPLE], label=_("Role"), required=False)


class PersonForm(RoleForm):
    username = forms.CharField(max_length=150, label=_("Name to sign in with"), validators=[UnicodeUsernameValidator()])
    name = forms.CharField(max_length=150, label=_("Name that colleagues see"))
    field_order = ("username", "name", "role")

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"].strip())
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("Somebody signs in with this name already."))
        return username
