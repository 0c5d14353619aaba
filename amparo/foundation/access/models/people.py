from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from amparo.foundation.audit.labels import label_roles
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import Actor
from amparo.foundation.core.picklists import Picklist

HOTLINE = 1  # the agency that every installation has


class Normalized(models.Func):
    """A user name normalised to NFKC in SQL, as `User.normalize_username` does in Python."""

    function, template = "normalize", "%(function)s(%(expressions)s, NFKC)"
    output_field = models.CharField()


class Kind(Picklist):
    HOTLINE = "hotline", _("hotline")
    POLICE = "police", _("police")
    PROSECUTOR = "prosecutor", _("prosecutor's office")
    MINISTRY = "ministry", _("ministry")
    NGO = "ngo", _("non-governmental organisation")
    SHELTER = "shelter", _("shelter")


class Role(Picklist):
    """A person's role in their agency."""

    OPERATOR = "operator", _("operator")
    SUPERVISOR = "supervisor", _("supervisor")
    CASE_WORKER = "case_worker", _("case worker")
    PLACEMENT_OFFICER = "placement_officer", _("placements")
    SHELTER_STAFF = "shelter_staff", _("shelter staff")
    POLICE_LIAISON = "police_liaison", _("police liaison")
    SERVICE_LIAISON = "service_liaison", _("answers for services")  # programs alone: it has no page
    DIRECTORY_EDITOR = "directory_editor", _("directory editor")
    PLAN_COORDINATOR = "plan_coordinator", _("plan coordinator")
    PLAN_RESPONDENT = "plan_respondent", _("plan respondent")
    CAMPAIGN_OFFICER = "campaign_officer", _("campaign officer")
    PUBLISHER = "publisher", _("publisher")
    ANALYST = "analyst", _("analyst")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


label_roles(dict(Role.choices))
WATCHERS = (Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)  # the roles that receive alerts


class AgencyQuerySet(models.QuerySet["Agency"]):
    def create_hotline(self) -> None:
        """Make the hotline's agency if it is missing; its name may be changed later."""
        self.get_or_create(pk=HOTLINE, defaults={"name": "Línea de ayuda", "kind": Kind.HOTLINE})


class Agency(models.Model):
    """An institution whose people work with Amparo."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.options)
    is_invented = models.BooleanField(default=False)

    objects = AgencyQuerySet.as_manager()
    protected = row_security.OpenTable(
        "names institutions, not persons", web="select", worker="select", switchboard="select"
    )

    class Meta:
        verbose_name_plural = "agencies"
        constraints = [  # everybody on shift sees the line, and there is one
            models.CheckConstraint(
                condition=~models.Q(kind=Kind.HOTLINE) | models.Q(pk=HOTLINE), name="there_is_one_hotline"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PeopleManager(UserManager["User"]):
    """The manager of users: it reads the agency too, which every access check needs."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet["User"]:
        return super().get_queryset().select_related("agency")


class User(AbstractUser):
    role = models.CharField(max_length=20, choices=Role.options, default=Role.OPERATOR)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, default=HOTLINE, related_name="people")
    is_invented = models.BooleanField(default=False)  # a demo person: refused where AMPARO_DEMO is 0
    is_machine = models.BooleanField(default=False, db_default=False)  # a program with a token: nobody signs in as it

    objects: ClassVar[PeopleManager] = PeopleManager()
    protected = row_security.OpenTable(  # acting roles are read from here; who changes what: sql/functions.sql
        "colleagues' names and roles",
        by=f"{row_security.ADMINISTRATOR} and agency_id = (select acting.agency_id())",
        web="select, insert, update (password, last_login, is_active, role, username, first_name)",
        worker="select",
        switchboard="select",
    )
    protected_joins = {
        "access_user_groups": row_security.OpenTable("unused: a role is one word"),
        "access_user_user_permissions": row_security.OpenTable("unused: a role is one word"),
    }

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_machine=False)
                | models.Q(password__startswith="!"),  # Django's mark for an unusable password
                name="a_machine_has_no_password",
            ),
            models.CheckConstraint(  # ｅva1 looks like eva1 (Unicode Standard Annex 15)
                condition=models.Q(username=Normalized("username")), name="a_name_is_written_in_one_way"
            ),
            models.UniqueConstraint(Lower("username"), name="a_name_is_one_persons_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def acting(self, purpose: str = "") -> Actor:
        """The actor that the database sees when this person works, for this purpose."""
        return Actor(self.pk, self.agency.pk, f"{self.agency.kind}/{self.role}", purpose)


class TourEnd(models.Model):
    """A person left the tour of their first day: it is not shown to them again."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    protected = row_security.OpenTable(
        "says that somebody knows the way", by="user_id = (select acting.user_id())", web="select, insert"
    )

    def __str__(self) -> str:
        return f"end of the tour of {self.user_id}"
