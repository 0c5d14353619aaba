"""Picklists that describe a person."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist

MAJORITY = 18  # years
OLDEST = 120


class Part(Picklist):
    """A person's part (role) in a case. Each part is a separate record, even if one human has two parts."""

    AT_RISK = "at_risk", _("person at risk")
    CALLER = "caller", _("who calls")
    ALLEGED_PERPETRATOR = "alleged_perpetrator", _("alleged perpetrator")


class Age(Picklist):
    """Age group. `Person.age` is at the time of the events; `Person.age_today` is today."""

    CHILD = "child", _("under 18")
    ADULT = "adult", _("18 or older")
    UNKNOWN = "unknown", _("age not known")


class Gender(Picklist):
    """A person's gender: prs_Gender of HTCDS v2.0."""

    FEMININE = "feminine", _("feminine")
    MASCULINE = "masculine", _("masculine")
    TRANSGENDER_FEMININE = "transgender_feminine", _("trans woman")
    TRANSGENDER_MASCULINE = "transgender_masculine", _("trans man")
    NON_CONFORMING = "non_conforming", _("non-conforming")
    UNKNOWN = "unknown", _("not known, or not said")


class Certainty(Picklist):
    """How sure we are of an age."""

    SURE = "sure", _("sure")
    ESTIMATED = "estimated", _("estimated")
