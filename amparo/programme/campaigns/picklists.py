"""The picklists of a campaign."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist, own_list


@own_list("media", _("Media of a campaign"), _("Chosen for each spot of a campaign."), grows=True)
class Medium(Picklist):
    RADIO = "radio", _("Radio")
    TV = "tv", _("Television")
    SOCIAL = "social", _("Social media")
    POSTER = "poster", _("Poster, billboard or leaflet")
    TALK = "talk", _("Talk")


class Currency(Picklist):
    PEN = "PEN", _("soles (S/)")
    USD = "USD", _("US dollars")
    EUR = "EUR", _("euros")

    @property
    def sign(self) -> str:
        """Return the symbol of the currency, as written before an amount."""
        return {"PEN": "S/", "USD": "US$", "EUR": "€"}[self.value]
