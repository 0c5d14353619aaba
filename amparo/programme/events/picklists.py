"""The picklists of events and testimonies."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class EventKind(Picklist):
    PERFORMANCE = "performance", _("Stage performance")
    TALK = "talk", _("Talk")
    EXHIBITION = "exhibition", _("Exhibition")


class Qualifier(Picklist):
    """How exact a number is. "More than 200" is stored as 200 with the qualifier `MORE_THAN`."""

    EXACTLY = "exactly", _("exactly")
    MORE_THAN = "more_than", _("more than")
    ABOUT = "about", _("about")


class Outlet(Picklist):
    """Where a survivor allows their words to be read, heard or shown. Each outlet is asked separately."""

    STAGE = "stage", _("On stage")
    SITE_ES = "site_es", _("Public page, Spanish")
    SITE_EN = "site_en", _("Public page, English")
    RADIO = "radio", _("Radio")
    SOCIAL = "social", _("Social media")
    PRINT = "print", _("Printed programmes and posters")
    REPORTS = "reports", _("Reports to donors")


SITE = {"es": Outlet.SITE_ES, "en": Outlet.SITE_EN}  # by language of the public page
