from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.foundation.core.picklists import Picklist


class PublicPage(Picklist):
    """A public page with a text that editors write. The value is also the page's address, except for the start page."""

    START = "start", _("Start page, below the number")
    SIGNS = "signs", _("Know the signs")
    TELLING = "telling", _("What happens if you tell us")
    RIGHTS = "rights", _("The law and your rights")
    PRIVACY = "privacy", _("Your data on this line")


class State(Picklist):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    RETURNED = "returned", _("returned to its author")
    PUBLISHED = "published", pgettext_lazy("a text", "published")
