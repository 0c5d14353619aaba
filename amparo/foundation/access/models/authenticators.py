"""Sign-in data besides allauth's authenticators: a person's own key, the enrolment code, recovery."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from amparo.foundation.core import row_security
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey

from .people import User

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # unambiguous when read aloud and typed: no 0 O, 1 I L, U V
GROUPS, GROUP = 3, 4  # of each half of a code: 12 of 30 signs are 58 bits


class UserDataKey(models.Model):
    """The data key of one person's own secrets. Destroying it forgets the person."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT)

    protected = row_security.OpenTable(
        "which key is whose; the copies of keys are guarded themselves", by="user_id = (select acting.user_id())",
        web="select, insert, delete",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"key of {self.pk}"

    @classmethod
    def of(cls, user: User) -> Self:
        """Return the key of `user`, which nobody else holds; make it when they first have something to seal."""
        own = cls.objects.select_related("key").filter(user=user).first()
        if own is None:
            holder = user.acting().holders[0]
            own = cls.objects.create(user=user, key=DataKey.objects.make(holder, agency=user.agency.pk, kind="sign-in"))
        return own


class EnrolmentCodeQuerySet(models.QuerySet["EnrolmentCode"]):
    def good(self, now: datetime) -> Self:
        return self.filter(used_at=None, expires_at__gt=now)


class EnrolmentCode(models.Model):
    """Lets one person in once, to register their authenticators. Stored as a digest; shown once, to the
    administrator.
    """

    GOOD_FOR = timedelta(hours=24)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolment_codes")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)  # None: not yet

    objects = EnrolmentCodeQuerySet.as_manager()
    protected = row_security.OpenTable(
        "a digest that opens nothing", by=row_security.ADMINISTRATOR, web="select, insert, update (used_at), delete"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None), name="a_person_has_one_unused_enrolment_code"
            )
        ]

    def __str__(self) -> str:
        return f"enrolment code of {self.user_id}"

    @classmethod
    def make(cls, user: User, now: datetime, first: "RecoveryHalf | None" = None) -> str:
        """Make a code for `user` and return it, or only its second half if `first` is given. Earlier codes end.

        Raises `Refused` for a program.
        """
        if user.is_machine:
            raise Refused(_("That is a program. It has a token, and nobody signs in as it."))
        cls.objects.filter(user=user, used_at=None).delete()
        halves = (first or RecoveryHalf(), RecoveryHalf())
        cls.objects.create(user=user, digest=_digest_of_halves(*halves), made_at=now, expires_at=now + cls.GOOD_FOR)
        return halves[1].signs if first else f"{halves[0].signs}-{halves[1].signs}"


@dataclass(frozen=True)
class RecoveryHalf:
    """Half of an enrolment code. In a recovery each of two administrators sees one half.

    Until the second half is made, we keep only the digest of the first (`known_digest`).
    """

    signs: str = field(default_factory=lambda: _random_signs())
    known_digest: str = ""

    @property
    def digest(self) -> str:
        return self.known_digest or _hash(self.signs.replace("-", ""))


def digest_of_code(code: str) -> str:
    """Digest of a complete code as somebody typed it. Nobody guesses 116 bits, so no slow hash is needed."""
    signs = "".join(sign for sign in code.upper() if sign in ALPHABET)
    return _digest_of_halves(RecoveryHalf(signs[: GROUPS * GROUP]), RecoveryHalf(signs[GROUPS * GROUP :]))


def _digest_of_halves(first: RecoveryHalf, second: RecoveryHalf) -> str:
    return _hash(first.digest + second.digest)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _random_signs() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


class Recovery(models.Model):
    """A person lost every way to sign in: one administrator requests recovery, one of another agency confirms it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recoveries")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_agency = models.ForeignKey("access.Agency", on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    first_half = models.CharField(max_length=64)  # digest of the half of the code that the first administrator saw
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_agency = models.ForeignKey("access.Agency", on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)  # None: it waits for the other agency

    protected = row_security.OpenTable(
        "who asked for whom is for every administrator to see", by=row_security.ADMINISTRATOR,
        web="select, insert, update (confirmed_by_id, confirmed_agency_id, confirmed_at), delete",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(confirmed_agency=F("requested_agency")), name="a_recovery_takes_two_agencies"
            ),
            models.CheckConstraint(condition=~Q(requested_by=F("person")), name="nobody_requests_their_own_recovery"),
            models.CheckConstraint(condition=~Q(confirmed_by=F("person")), name="nobody_confirms_their_own_recovery"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_agency=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_agency__isnull=False, confirmed_at__isnull=False),
                name="a_recovery_is_confirmed_wholly_or_not",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(confirmed_at=None), name="a_person_has_one_open_recovery"
            ),
        ]

    def __str__(self) -> str:
        return f"recovery {self.pk}"
