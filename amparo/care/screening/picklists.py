"""Picklists of the legal test: what was answered, the elements of the definition, and the results."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class Answer(Picklist):
    """The answer to an item. A blank answer means that the item was not asked, not that the person refused."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("does not know")
    NOT_ASKED = "not_asked", _("not asked")


class Act(Picklist):
    """The acts of the legal definition."""

    RECRUITMENT = "recruitment", _("recruitment")
    TRANSPORTATION = "transportation", _("transportation")
    TRANSFER = "transfer", _("transfer")
    HARBOURING = "harbouring", _("harbouring")
    RECEIPT = "receipt", _("receipt")
    RETENTION = "retention", _("retention")  # only in Peruvian law


class Means(Picklist):
    FORCE = "force", _("force")
    THREAT = "threat", _("threat")
    COERCION = "coercion", _("another form of coercion")
    DEPRIVATION_OF_LIBERTY = "deprivation_of_liberty", _("deprivation of liberty or abduction")
    FRAUD = "fraud", _("fraud")
    DECEPTION = "deception", _("deception")
    ABUSE_OF_POWER = "abuse_of_power", _("abuse of power")
    ABUSE_OF_VULNERABILITY = "abuse_of_vulnerability", _("abuse of a position of vulnerability")
    PAYMENT = "payment", _("giving or receiving payments or benefits")


class Purpose(Picklist):
    SEXUAL = "sexual", _("prostitution or other sexual exploitation")
    FORCED_LABOUR = "forced_labour", _("forced labour or services")
    LABOUR_EXPLOITATION = "labour_exploitation", _("labour exploitation")
    SLAVERY = "slavery", _("slavery or similar practices")
    SERVITUDE = "servitude", _("servitude")
    BEGGING = "begging", _("begging")
    CHILD_SALE = "child_sale", _("sale of children")
    ORGANS = "organs", _("removal of organs or tissue")
    OTHER = "other", _("another form alike")


class Element(Picklist):
    ACT = "act", _("act")
    MEANS = "means", _("means")
    PURPOSE = "purpose", _("purpose")


class Result(Picklist):
    """The three results of the test. There is no result "victim": a competent body decides that (`Recognition`)."""

    POSSIBLE_VICTIM = "possible_victim", _("possible victim of trafficking")
    NOT_INDICATED = "not_indicated", _("no signs of trafficking so far")
    INSUFFICIENT_INFORMATION = "insufficient_information", _("not enough is known")
