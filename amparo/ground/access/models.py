from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles that have a screen today."""

    OPERATOR = "operator", _("operator")
    SUPERVISOR = "supervisor", _("supervisor")
    ADMINISTRATOR = "administrator", _("administrator")


class User(AbstractUser):
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.OPERATOR)
    is_invented = models.BooleanField(default=False)  # a demo person: refused where AMPARO_DEMO is 0

    def __str__(self) -> str:
        return self.get_full_name() or self.username
