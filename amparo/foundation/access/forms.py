"""What a person types to sign in for the first time, and what an administrator types to add somebody."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from .models import Role, User

OF_PEOPLE = [(it.value, it.label) for it in Role if it != Role.SERVICE_LIAISON]


class CodeForm(forms.Form):
    username = forms.CharField(max_length=150, label=_("Name to sign in with"))
    code = forms.CharField(max_length=40, label=_("Enrolment code"))


class PasswordForm(SetPasswordForm[User]):
    """Long is better than strange: no rule but length, and not one of the well-known ones (NIST SP 800-63B)."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["new_password1"].label = _("New password, at least 12 signs")
        self.fields["new_password2"].label = _("The same once more")

    def save(self, commit: bool = True) -> User:
        """The password alone: the rest of a person is no page's to write."""
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.save(update_fields=["password"])
        return self.user


class PersonForm(forms.Form):
    username = forms.CharField(max_length=150, label=_("Name to sign in with"), validators=[UnicodeUsernameValidator()])
    name = forms.CharField(max_length=150, label=_("Name that colleagues see"))
    role = forms.ChoiceField(choices=OF_PEOPLE, label=_("Role"))

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"].strip())
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("Somebody signs in with this name already."))
        return username
