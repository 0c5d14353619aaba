"""What may be done with campaigns."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from .models import Campaign, Spot


@action(permissions.run_campaigns, label=gettext_lazy("wrote down a campaign"))
def add_campaign(*, by: User, **columns: Any) -> Campaign:
    """Record a campaign. Its name must be unique."""
    if Campaign.objects.filter(name=columns["name"]).exists():
        raise Refused(_("There is a campaign of this name. Choose another name."))
    if columns["ends"] < columns["starts"]:
        raise Refused(_("A campaign ends after it starts. Look at the two dates."))
    campaign: Campaign = Campaign.objects.create(**columns)
    return campaign


@action(permissions.run_campaigns, label=gettext_lazy("wrote down a spot of a campaign"))
def add_spot(campaign: Campaign, *, by: User, **columns: Any) -> Spot:
    """Record a spot. `line` is stored as the switchboard writes numbers: without spaces."""
    columns["line"] = "".join(columns.get("line", "").split())
    try:
        with transaction.atomic():
            spot: Spot = campaign.spots.create(**columns)
    except IntegrityError:
        raise Refused(_("This spot is written down already, at the same time.")) from None
    return spot
