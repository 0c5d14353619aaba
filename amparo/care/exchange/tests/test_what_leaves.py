"""What an export contains: no caller without consent, and dates by the local calendar."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_person_to_case
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.picklists import CALLER_DATA, InformedItem, Recipient
from amparo.care.exchange.htcds_export import exported_record
from amparo.care.exchange.rules import export_all, export_case
from amparo.care.people.picklists import Part
from amparo.care.police_reports.models import Report
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import Grant

from .conftest import WORDS


def test_where_somebody_else_called_the_notes_stay_until_they_too_may_be_named(planted, ana, now):
    """The caller stays unnamed, and nobody reviewed the notes."""
    record = export_case(planted.case, RecipientScope(Recipient.POLICE), by=ana, now=now)
    assert (WORDS["name"] in str(record), WORDS["words"] in str(record)) == (True, False)
    consents.record_consent_in_case(
        planted.case.persons.get(part=Part.CALLER), data=list(CALLER_DATA), recipients=[Recipient.POLICE],
        purpose="invented", informed=list(InformedItem.values), given_how="voice", guardian="consents",
        expires_at=now + timedelta(days=9), by=ana, now=now,
    )  # fmt: skip
    assert "CaseComment" in export_case(
        planted.case, RecipientScope(Recipient.POLICE), by=ana, now=now + timedelta(minutes=1)
    )


def test_of_two_who_called_each_agrees_for_themselves(planted, ana, now):
    add_person_to_case(planted.case, Part.CALLER, by=ana, now=now)
    for caller in planted.case.persons.filter(part=Part.CALLER):
        assert "CaseComment" not in export_case(planted.case, RecipientScope(Recipient.POLICE), by=ana, now=now)
        consents.record_consent_in_case(
            caller, data=list(CALLER_DATA), recipients=[Recipient.POLICE], purpose="invented",
            informed=list(InformedItem.values), given_how="voice", guardian="consents",
            expires_at=now + timedelta(days=9),
            by=ana, now=now,
        )  # fmt: skip
    assert "CaseComment" in export_case(
        planted.case, RecipientScope(Recipient.POLICE), by=ana, now=now + timedelta(minutes=1)
    )


def test_the_day_on_which_it_was_sent_is_the_day_in_lima(planted, ana):
    """At eight in the evening in Lima it is already tomorrow in UTC."""
    sent = datetime(2026, 11, 25, 20, tzinfo=ZoneInfo("America/Lima"))
    Report.objects.update(sent_at=sent, until=sent + timedelta(days=30))
    with acting_as(ana.acting()):
        record = exported_record(Case.objects.get(pk=planted.case.pk))
    assert [it["cas_OutgoingReferralDate"] for it in record["ReferralDetails"]] == ["2026-11-25"]


def test_a_case_whose_key_somebody_does_not_hold_is_not_among_all(planted, marta, now):
    """The case is not logged as exported either."""
    assert len(list(export_all(purpose=Purpose.REVIEW, by=marta, now=now))) == 1
    Grant.objects.filter(key=planted.case.key_id, holder__in=marta.acting().holders).delete()
    assert list(export_all(purpose=Purpose.REVIEW, by=marta, now=now)) == []
    assert Entry.objects.filter(what="export_case").count() == 1
