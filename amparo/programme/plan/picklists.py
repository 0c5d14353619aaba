"""The picklists of laws and of the plan of action."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class LawKind(Picklist):
    LAW = "law", _("Law")
    DECREE = "decree", _("Decree")
    RESOLUTION = "resolution", _("Resolution")
    DIRECTIVE = "directive", _("Directive")


class LawState(Picklist):
    BILL = "bill", _("bill")
    ENACTED = "enacted", _("enacted")
    PUBLISHED = "published", _("published")
    IN_EFFECT = "in_effect", _("in effect")
    REGULATED = "regulated", _("in effect, with its regulation")
    REPEALED = "repealed", _("repealed")


class PlanState(Picklist):
    DRAFT = "draft", _("draft")
    UNDER_REVIEW = "under_review", _("under review")
    APPROVED = "approved", _("approved")
    OPERATIONAL = "operational", _("operational")
    CLOSED = "closed", _("closed")


class PublicationState(Picklist):
    """What became of a proposal to show a plan to everybody."""

    PROPOSED = "proposed", _("proposed")
    WITHDRAWN = "withdrawn", _("proposal withdrawn")
    REFUSED = "refused", _("proposal refused")
    SHOWN = "shown", _("anyone can read it")
    REPLACED = "replaced", _("replaced by a later one")
    TAKEN_DOWN = "taken_down", _("taken down")


class NodeKind(Picklist):
    AXIS = "axis", _("Axis")
    OBJECTIVE = "objective", _("Objective")
    GOAL = "goal", _("Goal")
    ACTIVITY = "activity", _("Activity")
    GUIDELINE = "guideline", _("Guideline")
    SERVICE = "service", _("Service")


class Frequency(Picklist):
    MONTHLY = "monthly", _("monthly")
    QUARTERLY = "quarterly", _("quarterly")
    YEARLY = "yearly", _("yearly")


class PublishedMeasure(Picklist):
    """The published figures by which an indicator may fill itself: a table, and a cell of it or its total."""

    CONTACTS = "contacts_by_department/total", _("Contacts")
    PERSONS = "persons_by_age/total", _("Persons at risk in new cases")
    CHILDREN = "persons_by_age/child", _("Children at risk in new cases")
    VICTIMS = "victims_by_age/total", _("Persons recognised as victims")
    REPORTS = "reports_by_answer/total", _("Police reports")
    IN_TIME = "reports_by_answer/in_time", _("Police reports decided within 72 hours")
    CLOSED = "cases_by_closing/total", _("Closed cases")

    @property
    def table(self) -> str:
        return self.value.split("/")[0]

    @property
    def cell(self) -> str:
        return self.value.split("/")[1]

    @property
    def is_yearly(self) -> bool:
        """Whether it is published for whole years alone."""
        return not self.table.startswith(("contacts_", "reports_"))


class ChangeKind(Picklist):
    """What happened to a line or an indicator between two versions."""

    ADDED = "added", _("added")
    REMOVED = "removed", _("removed")
    REWORDED = "reworded", _("reworded")


class Reason(Picklist):
    """Why a plan may not become operational."""

    NOT_APPROVED = "not_approved", _("It is not approved.")
    LAW_NOT_IN_EFFECT = "law_not_in_effect", _("The law that it waits for is not in effect.")
    LAW_NOT_YET_IN_EFFECT = "law_not_yet_in_effect", _("The law that it waits for is not yet in effect.")


class Light(Picklist):
    GREEN = "green", _("on time")
    AMBER = "amber", _("falling behind")
    RED = "red", _("far behind")
    GREY = "grey", _("no fresh value")
