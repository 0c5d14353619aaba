"""The legal test: do the recorded answers point to trafficking in persons? It is never a verdict on a person.

Palermo Protocol art. 3; Peru's Penal Code art. 129-A, which adds retention as a sixth act (Ley 31146, 2021).
"""

from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import Age
from amparo.foundation.core.picklists import Picklist


class Known(Picklist):
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


def elements_for(age: Age) -> tuple[Element, ...]:
    """Return the elements that the test needs. The means are not needed for a child or while the age is unknown."""
    return tuple(Element) if age == Age.ADULT else (Element.ACT, Element.PURPOSE)


def determine(elements: dict[Element, Known], age: Age) -> Result:
    """Apply the test. `elements` maps each element to its answer; a missing element counts as not asked."""
    answers = [elements.get(element, Known.NOT_ASKED) for element in elements_for(age)]
    if Known.NO in answers:
        return Result.NOT_INDICATED
    if all(answer == Known.YES for answer in answers):
        return Result.POSSIBLE_VICTIM
    return Result.INSUFFICIENT_INFORMATION


def element_of(answers: dict[str, Known], ruled_out: bool = False) -> Known:
    """Combine the answers to the items of one element. One yes is enough; only `ruled_out` makes the element a no.

    If every item is answered no, the element is still open: it may be present in a form that nobody asked about.
    """
    if Known.YES in answers.values():
        return Known.YES
    if ruled_out:
        return Known.NO
    return Known.UNKNOWN if Known.UNKNOWN in answers.values() else Known.NOT_ASKED
