from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.foundation.core import row_security

from .policies import STAFF, SUPERVISOR


class Mentor(models.Model):
    """The mentor of a trainee. Each may listen to the calls of the other; only the mentor may whisper."""

    trainee = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    protected = row_security.ByRole(*STAFF, by=SUPERVISOR, web="select, insert, update, delete", switchboard="select")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(mentor=F("trainee")), name="nobody_is_their_own_mentor")]

    def __str__(self) -> str:
        return f"mentor of {self.trainee_id}"
