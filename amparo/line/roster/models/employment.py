from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist, own_list

from .policies import STAFF, SUPERVISOR


class Employer(Picklist):
    """Who employs somebody. A public official has a duty to report (Code of Criminal Procedure, art. 326.2)."""

    LINE = "line", _("the organization that runs the line")
    STATE = "state", _("the State: public official")
    OTHER = "other", _("another institution")


@own_list(
    "skills", _("What somebody is trained in"),
    _("Ticked for each person of the line, and shown beside their seat."), grows=True,
)  # fmt: skip
class Skill(Picklist):
    """What somebody is trained in, besides answering."""

    CHILDREN = "children", _("children and adolescents")
    SEXUAL = "sexual", _("sexual violence")
    MIGRATION = "migration", _("migration and asylum")
    LABOUR = "labour", _("labour law")
    PSYCHOLOGY = "psychology", _("psychology")
    SIGN = "sign", _("sign language")


class Employment(models.Model):
    """Who employs somebody of the line, and what they are trained in. Supervisors write it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    employer = models.CharField(max_length=8, choices=Employer.options)
    skills = ArrayField(models.CharField(max_length=12, choices=Skill.options), default=list)

    protected = row_security.ByRole(*STAFF, "hotline/case_worker", by=SUPERVISOR, web="select, insert, update")

    def __str__(self) -> str:
        return f"employment of {self.user_id}"

    @property
    def skill_labels(self) -> list[str]:
        return [Skill.label_of(each) for each in self.skills]
