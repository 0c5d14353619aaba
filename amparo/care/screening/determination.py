"""Whether what is known points to trafficking in persons: the legal test, never a verdict on a person.

Palermo Protocol art. 3; Peru's Penal Code art. 129-A, which adds retention as a sixth act (Ley 31146, 2021).
"""

from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import Age
from amparo.foundation.core.picklists import Picklist


class Known(Picklist):
    """Four different things. An answer that is blank was not asked for; nobody refused it."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("does not know")
    NOT_ASKED = "not_asked", _("not asked")


class Act(Picklist):
    RECRUITMENT = "recruitment", _("recruitment")
    TRANSPORTATION = "transportation", _("transportation")
    TRANSFER = "transfer", _("transfer")
    HARBOURING = "harbouring", _("harbouring")
    RECEIPT = "receipt", _("receipt")
    RETENTION = "retention", _("retention")  # Peru's own


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
    """There is no fourth: who is a victim is decided by a competent body, and recorded as its decision."""

    POSSIBLE_VICTIM = "possible_victim", _("possible victim of trafficking")
    NOT_INDICATED = "not_indicated", _("no signs of trafficking so far")
    INSUFFICIENT_INFORMATION = "insufficient_information", _("not enough is known")


def elements_for(age: Age) -> tuple[Element, ...]:
    """Which elements the test needs. The means do not matter for a child, nor while the age is not known."""
    return tuple(Element) if age == Age.ADULT else (Element.ACT, Element.PURPOSE)


def determine(elements: dict[Element, Known], age: Age) -> Result:
    """The test itself. `elements` says of each element whether it was present; one that is missing was not asked."""
    answers = [elements.get(element, Known.NOT_ASKED) for element in elements_for(age)]
    if Known.NO in answers:
        return Result.NOT_INDICATED
    if all(answer == Known.YES for answer in answers):
        return Result.POSSIBLE_VICTIM
    return Result.INSUFFICIENT_INFORMATION


def element_of(answers: dict[str, Known], ruled_out: bool = False) -> Known:
    """One element from the answers to its items: one yes is enough, and only an express word rules it out.

    That every item was answered no does not: another form of it may be there that nobody asked for.
    """
    if Known.YES in answers.values():
        return Known.YES
    if ruled_out:
        return Known.NO
    return Known.UNKNOWN if Known.UNKNOWN in answers.values() else Known.NOT_ASKED
