"""Institutions that help people, and where they can be found. Fields have the names of HSDS 3.0."""

import uuid
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from amparo.care.consent.picklists import Recipient
from amparo.foundation.core import row_security
from amparo.foundation.places import places

from ..picklists import Trust

EDITOR = "hotline/directory_editor"
READERS: tuple[str, ...] = ("hotline/operator", "hotline/supervisor", "hotline/case_worker", EDITOR)
ALL = "select, insert, update, delete"
EDITABLE = row_security.ByRole(*READERS, by=EDITOR, web=ALL, worker=ALL)  # the worker: commands typed on the machine
RECIPIENTS = [  # police and prosecutors get a report instead
    (it.value, it.label) for it in (Recipient.SERVICE_PROVIDER, Recipient.CHILD_PROTECTION, Recipient.EMBASSY)
]
UBIGEO = RegexValidator(r"^(\d{2}){0,3}$")


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def for_consent(self) -> Self:
        """Load only the columns with which a consent names an institution (consent/institutions.py)."""
        return self.only("name", "recipient_kind", "trust")


class Organization(models.Model):
    """An institution that helps people. Fields have the names of HSDS 3.0, where it has one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    alternate_name = models.CharField(max_length=200, blank=True)
    description = models.TextField(max_length=4000)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    trust = models.CharField(max_length=12, choices=Trust.options, default=Trust.PROVISIONAL)
    recipient_kind = models.CharField(  # the kind of recipient as which a consent names it
        max_length=20, choices=RECIPIENTS, default=Recipient.SERVICE_PROVIDER
    )
    is_invented = models.BooleanField(default=False)

    objects = OrganizationQuerySet.as_manager()
    protected = EDITABLE

    class Meta:
        indexes = [models.Index(fields=["name"], name="organizations_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_suspended(self) -> bool:
        return self.trust == Trust.SUSPENDED


class Location(models.Model):
    """Where an institution can be found. Nothing is stored of a confidential place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="locations")
    is_confidential = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    address_1 = models.CharField(max_length=200, blank=True)
    ubigeo = models.CharField(max_length=6, blank=True, validators=[UBIGEO])
    transportation = models.CharField(max_length=400, blank=True)
    latitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )  # null: not known
    longitude = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)])

    protected = EDITABLE

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_confidential=False)
                | Q(name="", address_1="", ubigeo="", transportation="", latitude=None, longitude=None),
                name="a_confidential_location_has_no_address",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
                name="a_point_has_two_coordinates",
            ),
        ]

    def __str__(self) -> str:
        return f"location {self.pk}"

    @property
    def place(self) -> str:
        return places.place_label(self.ubigeo)
