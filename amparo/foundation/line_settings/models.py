"""The settings of the line, as they were changed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from amparo.foundation.core import row_security

LONGEST_NAME = 60


class SettingChangeQuerySet(models.QuerySet["SettingChange"]):
    def newest_of_each(self) -> dict[str, "SettingChange"]:
        """Return the newest change of each setting, by its name."""
        return {change.setting: change for change in self.order_by("setting", "-pk").distinct("setting")}

    def newest_first(self) -> "SettingChangeQuerySet":
        return self.select_related("by").order_by("-pk")


class SettingChange(models.Model):
    """One change of one setting. Rows are only added; the newest one of a setting is in force."""

    setting = models.CharField(max_length=LONGEST_NAME)
    value = models.JSONField(null=True)  # None: as Amparo ships it
    before = models.JSONField(null=True)  # the value before; None: as Amparo ships it
    by = models.ForeignKey(  # None: taken over from the environment of the machine
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField(db_default=Now())

    objects = SettingChangeQuerySet.as_manager()
    protected = row_security.OpenTable(
        "how the line works, as callers and staff notice it; no secret and nobody's data",
        by="(select acting.role()) = 'hotline/administrator'",
        web="select, insert", worker="select", switchboard="select",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["setting", "-id"], name="changes_of_a_setting_by_age")]

    def __str__(self) -> str:
        return f"change {self.pk} of {self.setting}"
