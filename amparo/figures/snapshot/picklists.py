"""Picklists of what figures count and no room records: means of control and forms of exploitation."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class MeansOfControl(Picklist):
    """How somebody was controlled, after CTDC's meansOfControl. `snapshot_control` says which ILO signs each has.

    CTDC's other values (psychological or sexual abuse, substances, medical care, children) have no such sign.
    """

    FALSE_PROMISES = "false_promises", _("false promises")
    DEBT_BONDAGE = "debt_bondage", _("debt bondage")
    TAKES_EARNINGS = "takes_earnings", _("wages withheld")
    RESTRICTS_FINANCIAL_ACCESS = "restricts_financial_access", _("money withheld")
    THREATS = "threats", _("threats against the person or their family")
    THREAT_OF_LAW_ENFORCEMENT = "threat_of_law_enforcement", _("threat to denounce to the authorities")
    PHYSICAL_ABUSE = "physical_abuse", _("physical violence")
    RESTRICTS_MOVEMENT = "restricts_movement", _("isolation, confinement or surveillance")
    EXCESSIVE_WORKING_HOURS = "excessive_working_hours", _("excessive working hours")
    WITHHOLDS_NECESSITIES = "withholds_necessities", _("bad living conditions")
    WITHHOLDS_DOCUMENTS = "withholds_documents", _("documents taken away")


class ExploitationForm(Picklist):
    """Forms of exploitation, as SDG indicator 16.2.2 divides them. `snapshot_form` says which purposes each has."""

    SEXUAL = "sexual", _("sexual exploitation")
    LABOUR = "labour", _("forced labour, slavery or servitude")
    ORGANS = "organs", _("removal of organs")
    OTHER = "other", _("another form: begging, sale of children, others")
    SEVERAL = "several", _("several forms")
    NOT_SAID = "not_said", _("Form not said")
