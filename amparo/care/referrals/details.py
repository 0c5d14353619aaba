"""What is told of somebody beside the facts: each on a basis of its own and under a key of its own."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from amparo.care.consent.disclosure import OF_HER, OF_WHO_CALLED, Data, RecipientScope
from amparo.care.consent.disclosure import LegalBasis as Because
from amparo.care.consent.models import Consent, DisclosureBasis
from amparo.care.consent.rules import basis_for
from amparo.care.people.models import Person
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey

OF_A_REFERRAL = OF_HER
OF_A_REPORT = (*OF_HER, *OF_WHO_CALLED)
A_YEAR = timedelta(days=365)  # where the law itself is the basis

type Details = Mapping[Data, str]  # in words; blank: it is not told


class Detail(models.Model):
    """One thing of somebody in a report or a referral. Whoever it is of takes it back alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    data = models.CharField(max_length=20, choices=Data.options)
    words = SealedField("disclosed_item.words")
    because = models.CharField(max_length=32, choices=Because.options)
    basis = models.UUIDField()
    until = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.data} {self.pk}"

    @property
    def place(self) -> int:
        """In the order in which they are asked and read."""
        return OF_A_REPORT.index(Data(self.data))


def stand(row: Any, person: Person, whom: RecipientScope, data: Data, own: uuid.UUID, now: datetime) -> bool:
    """What allows it now becomes the basis of this row; False: nothing does. `own`: where the law itself is the basis.

    It stands until the transaction ends: who takes it back waits, and then closes what was given on it here too.
    """
    found = basis_for(person, whom, data, now)
    if found is None:
        return False
    row.because = found.because
    row.basis, row.until = found.basis or (own, now + A_YEAR)
    return True


def not_blank(details: Details) -> dict[Data, str]:
    """Those that say something."""
    return {data: words.strip() for data, words in details.items() if words.strip()}


def still_told[D: Detail](details: list[D], now: datetime) -> list[D]:
    """Without those whose basis is over. Who was told sees no basis, and nothing any more of what stood on that one."""
    over = over_of([it.basis for it in details], now)
    return [it for it in details if it.basis not in over]


def over_of(bases: list[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Those of these that last no more, as far as who asks sees them: who was told sees none, and reads no longer."""
    taken_back = Q(withdrawn_at__isnull=False) | Q(expires_at__lte=now)
    over = set(Consent.objects.filter(taken_back, pk__in=bases).values_list("pk", flat=True))
    return over | {it.pk for it in DisclosureBasis.objects.filter(pk__in=bases).defer("facts") if not it.is_live(now)}


def left_out(told: list[Any], of: tuple[Data, ...]) -> str:
    """What is not told, or not any more, in words; blank: all is."""
    known = {it.data for it in told}
    return ", ".join(str(it.label) for it in of if it not in known)


def refuse(data: Data) -> NoReturn:
    """Nothing allows to tell this one."""
    what = {"what": data.label}
    if data in OF_WHO_CALLED:
        raise Refused(_("Who called did not agree to tell them: %(what)s. Send it without.") % what)
    raise Refused(_("She did not agree to tell them: %(what)s. Send it without.") % what)
