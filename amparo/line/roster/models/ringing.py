from django.conf import settings
from django.db import models
from django.db.models import Q

from amparo.foundation.core import row_security

from .policies import STAFF, SUPERVISOR, OwnOrSupervisor

REST_AFTER, REST_MINUTES = (1, 9), (1, 120)  # least and most


class RingingRules(models.Model):
    """Which operators a queue rings for, and when they rest. A small line leaves shifts and certificates off."""

    by_shift = models.BooleanField(default=False)  # ring only for operators within a planned shift
    by_certificate = models.BooleanField(default=False)  # ring only for operators with a valid certificate
    rests = models.BooleanField(default=True)  # whether calls ring for others first after hard contacts
    rest_after = models.PositiveSmallIntegerField(default=2)  # hard contacts of a shift; each later one counts too
    rest_minutes = models.PositiveSmallIntegerField(default=15)

    protected = row_security.ByRole(
        *STAFF, by=SUPERVISOR, web="select, insert, update", switchboard="select", worker="select"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_one_set_of_ringing_rules"),
            models.CheckConstraint(
                condition=Q(rest_after__range=REST_AFTER, rest_minutes__range=REST_MINUTES), name="a_rest_is_bounded"
            ),
        ]

    def __str__(self) -> str:
        return "ringing rules"

    @classmethod
    def current(cls) -> "RingingRules":
        """Return the rules. Until somebody sets them, shifts and certificates decide nothing, but rests do."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Rest(models.Model):
    """Until when calls ring for others first, after this user's hard contacts. One row per user, without a history."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    until = models.DateTimeField()

    protected = OwnOrSupervisor(web="select, insert, update", switchboard="select")

    def __str__(self) -> str:
        return f"rest of {self.user_id}"
