"""What figures count by and no room records: means of control, forms of exploitation, departments and routes."""

import functools

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist
from amparo.foundation.places import countries, outline

NOT_SAID = "not_said"  # also for a place code that does not exist
OTHERS = "others"  # of a table with several cells a person: everybody but those of one cell
IN_TIME, LATE = "in_time", "late"
MONTHS = ("first", "second", "third")  # of the quarter
SEVERAL = "several"
NEIGHBOURS = ("EC", "CO", "BR", "BO", "CL")  # ISO 3166-1
ABROAD = "abroad"  # any other country
NATIONALITIES = ("PE", "VE", *NEIGHBOURS)  # most foreigners who live in Peru are from Venezuela
TO = ">"  # between origin and destination in a cell of `ROUTES`

DEPARTMENTS = tuple(sorted(it.ubigeo for it in outline.outlines()))
PLACES: dict[str, str | Promise] = {
    **{it.ubigeo: it.name for it in outline.outlines()},
    **{code: lazy(countries.country_name, str)(code) for code in NEIGHBOURS},
    ABROAD: _("another country"),
}
OF_THE_QUARTER = dict(zip(MONTHS, (_("First month"), _("Second month"), _("Third month")), strict=True))


class MeansOfControl(Picklist):
    """How somebody was controlled, after CTDC's meansOfControl. The SQL function `snapshot_control` says which of
    ILO's signs each has.

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
    """Forms of exploitation, as SDG indicator 16.2.2 divides them.

    The SQL function `snapshot_form` says which purposes each has.
    """

    SEXUAL = "sexual", _("sexual exploitation")
    LABOUR = "labour", _("forced labour, slavery or servitude")
    ORGANS = "organs", _("removal of organs")
    OTHER = "other", _("another form: begging, sale of children, others")
    SEVERAL = "several", _("several forms")
    NOT_SAID = "not_said", _("Form not said")


@functools.cache
def route_cells() -> tuple[str, ...]:
    """Return the cells of all routes that begin or end in Peru, as origin>destination: "15>08", "17>17", "08>BO"."""
    here = sorted(shape.ubigeo for shape in outline.outlines())
    there = (*NEIGHBOURS, ABROAD)
    pairs = [(a, b) for a in (*here, *there) for b in (*here, *there) if a in here or b in here]
    return tuple(f"{a}{TO}{b}" for a, b in pairs)
