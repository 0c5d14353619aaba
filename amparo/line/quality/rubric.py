"""The sheet by which a conversation is reviewed: nine things, each marked 0 to 3, or as not applicable.

It covers the parts of the quality scorecard of OpenCHS, a published helpline system (opening, listening, proactiveness,
resolution, holding, closing, notes), with what a counter-trafficking line adds: safety, limits, consent.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Item:
    name: str  # stored with each mark, so it never changes
    label: str | Promise
    question: str | Promise


ITEMS = (
    Item("safety", _("Safety first"), _("Asked whether the person can talk, before anything else")),
    Item("limits", _("Limits explained"), _("Said when the line would have to report, without hurry")),
    Item("listening", _("Listened"), _("Did not interrupt; repeated in the person's own words")),
    Item("promises", _("Promised nothing"), _("Said what the line will ask for, and promised no result")),
    Item("signs", _("Signs without a script"), _("Asked what was missing, in the person's own order")),
    Item("consent", _("Consent"), _("Said all that consent needs, and waited for the answer")),
    Item("referral", _("Referral"), _("To a verified place that takes this person in")),
    Item("closing", _("Closing"), _("Left a next step, and a way to come back")),
    Item("notes", _("Notes"), _("Facts, in the person's own words; no judgement")),
)
NAMES = tuple(item.name for item in ITEMS)
