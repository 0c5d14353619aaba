"""How each part of the hotline was, day by day."""

from django.db import models

from amparo.foundation.core import row_security

LONGEST_KEY = 300  # a certificate's has the name of its host, of at most 253 letters


class PartState(models.Model):
    """The worst state in which one part of the hotline was seen on one day."""

    part = models.CharField(max_length=LONGEST_KEY)  # `Part.key`, and what it is of
    day = models.DateField()
    severity = models.PositiveSmallIntegerField()  # the place of its light in `part.LIGHTS`

    protected = row_security.OpenTable(
        "states of our own programs and of the machine, of nobody",
        web="select",
        worker="select, insert, update, delete",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "day"], name="a_part_has_one_state_each_day")]

    def __str__(self) -> str:
        return f"{self.part} on {self.day:%Y-%m-%d}"
