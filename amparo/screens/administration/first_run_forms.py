"""What the first administrator types in the first step."""

from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.forms import PasswordForm
from amparo.foundation.access.models import User


class WhoForm(PasswordForm):
    """Who the first administrator is, and their password. It saves nothing: the action does."""

    name = forms.CharField(max_length=150, label=_("Name that colleagues see"))
    username = forms.CharField(max_length=150, label=_("Name to sign in with"), validators=[UnicodeUsernameValidator()])
    field_order = ("name", "username", "new_password1", "new_password2")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"username": user.username})
        super().__init__(user, *args, **kwargs)

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"].strip())
        if User.objects.filter(username__iexact=username).exclude(pk=self.user.pk).exists():
            raise forms.ValidationError(_("Somebody signs in with this name already."))
        return username

    @property
    def first_wrong(self) -> str:
        """The name of the first field with an error, which takes the cursor."""
        return next((name for name in self.fields if name in self.errors), "")

    @property
    def answers(self) -> dict[str, str]:
        data = self.cleaned_data
        return {"username": data["username"], "name": data["name"], "password": data["new_password1"]}
