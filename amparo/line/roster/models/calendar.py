from django.conf import settings
from django.db import models

from amparo.foundation.core import row_security


class OwnOrWithoutActor(row_security.RowPolicy):
    """Users read and write their own row. A request without an actor may read rows, to look for a secret's digest."""

    def reads(self, model: type[models.Model]) -> str:
        return f"{self.writes(model)} or (select acting.role()) is null"

    def writes(self, model: type[models.Model]) -> str:
        return "user_id = (select acting.user_id())"


class CalendarFeed(models.Model):
    """A secret address at which a calendar program fetches one person's shifts. Only a keyed digest is stored."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)  # None: not yet

    protected = OwnOrWithoutActor(web="select, insert, update (last_used_on), delete")

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
